"""The exact mean of each direction, against Monte Carlo, a closed form and the limit of no noise."""

import math

import numpy as np
import pytest
import torch

from bounds.errors import InputError
from empirics import algorithms, problems
from empirics.oracle import Cost, Oracle
from empirics.problems import several

ALPHA, SIZES = 0.3, {"in": 2, "out": 3, "hess": 2}
SPECS = [
    "ripple:dim=3,n_tasks=5,sigma_tilde=1.5,rho=3",
    "ripple:dim=2,n_tasks=4,sigma_tilde=1.5,oracle=one-sided",
    "wells:dim=2,n_tasks=3,sigma_tilde=1.5",
    "wells:dim=2,n_tasks=3,sigma_tilde=1.5,oracle=one-sided",
    "plateau:sigma_tilde=2",
    "hf-counterexample-tent:sigma_tilde=2",
]


def _directions(problem):
    known = {"maml": algorithms.maml, "fo-maml": algorithms.fo_maml}
    return known | ({"hf-maml": algorithms.hf_maml(0.4)} if problem.dim == 1 else {})


@pytest.mark.parametrize("spec", SPECS)
def test_mean_of_simulated_directions(spec):
    problem, rng = problems.from_spec(spec), np.random.default_rng(1)
    per_task = 60_000
    tasks = np.repeat(np.arange(problem.n_tasks), per_task)
    index, w = torch.from_numpy(tasks), (0.7 * problem.start + 0.1).unsqueeze(0)
    drawn = {name: torch.from_numpy(problem.sample(rng, tasks, D)) for name, D in SIZES.items()}
    for name, direction in _directions(problem).items():
        oracle = Oracle(problem, index, lambda split: (drawn[split], SIZES[split]), Cost())
        oracle_points = direction(oracle, w, ALPHA).squeeze(0)
        exact = problems.mean_direction(problem, w[0], ALPHA, name, SIZES["in"], 0.4)
        error = oracle_points.std(0) / math.sqrt(len(tasks))
        assert ((oracle_points.mean(0) - exact).abs() <= 4.5 * error).all()
        biased = problems.mean_direction(problem, w[0], ALPHA, name, math.inf, 0.4)
        assert not torch.allclose(exact, biased, atol=1e-4)


def test_quadrature_equals_the_closed_form_of_a_cosine():
    problem = problems.from_spec("plateau:sigma_tilde=2")
    w, tasks = torch.tensor([[0.3]], dtype=torch.float64), torch.tensor([0, 1])
    variance = ALPHA**2 * problem.sigma_tilde**2 / 2
    adapted = w - ALPHA * problem.gradient(tasks, w)
    sign = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    wave = problem.sigma * torch.cos(problem.kappa * adapted) * math.exp(-(problem.kappa**2) * variance / 2)
    exact = problem.m * (adapted - problem.w_s) + sign * wave
    torch.testing.assert_close(problem.adapted_gradient(tasks, w, ALPHA, 2), exact, rtol=0, atol=1e-14)


@pytest.mark.parametrize("spec", SPECS)
def test_without_inner_noise_maml_has_no_bias(spec):
    problem = problems.from_spec(spec)
    mean = problems.mean_direction(problem, problem.start, 0.1, "maml", math.inf)
    torch.testing.assert_close(mean, problem.meta_gradient(problem.start, 0.1), rtol=0, atol=1e-13)


def test_the_bias_falls_like_one_over_D():
    problem = problems.from_spec("ripple:dim=3,n_tasks=5,sigma_tilde=1")
    bias = [
        float(
            (
                problems.mean_direction(problem, problem.start, 0.2, "maml", D)
                - problem.meta_gradient(problem.start, 0.2)
            ).norm()
        )
        for D in (100, 200)
    ]
    assert bias[0] / bias[1] == pytest.approx(2, rel=0.01)


def test_what_is_not_known_is_an_error():
    finite = problems.from_spec("robust-regression")
    with pytest.raises(InputError, match="Gaussian"):
        problems.mean_direction(finite, finite.start, 0.1, "maml", 3)
    ripple = problems.from_spec("ripple")
    with pytest.raises(InputError, match="dim"):
        problems.mean_direction(ripple, ripple.start, 0.1, "hf-maml", 3, 0.1)
    with pytest.raises(InputError, match="algorithm"):
        problems.mean_direction(ripple, ripple.start, 0.1, "reptile", 3)


@pytest.mark.parametrize("spec", ["robust-regression:dim=3", "own"])
def test_a_refusal_names_the_problem_by_its_spec(spec):
    known = {
        name: problems.certified(1.0) for name in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
    }
    own = problems.own_problem(lambda w, a: ((w - a) ** 2).sum(), [(np.zeros(2),)], [0.0], known)
    problem = own.named("here:make") if spec == "own" else problems.from_spec(spec)
    for refused in (
        lambda: problems.mean_direction(problem, problem.start, 0.1, "maml", 3),
        lambda: several.mean_direction(problem, problem.start, 0.1, 3, True),
    ):
        with pytest.raises(InputError) as told:
            refused()
        assert told.value.value == problem.spec


def test_what_is_no_problem_is_shown_as_it_is():
    for wrong in (problems.Ripple, 3):
        with pytest.raises(InputError) as told:
            problems.mean_direction(wrong, torch.zeros(1), 0.1, "maml", 3)
        assert told.value.value is wrong


@pytest.mark.parametrize(("oracle", "shows"), [("pair", False), ("one-sided", True)])
def test_reuse_of_the_inner_batch_shows_with_the_one_sided_oracle(oracle, shows):
    problem = problems.from_spec(f"ripple:dim=2,n_tasks=4,sigma_tilde=1.5,sigma_H=3,oracle={oracle}")
    rng, alpha = np.random.default_rng(2), 0.3
    tasks = np.repeat(np.arange(4), 50_000)
    w, index = torch.full((1, 2), 0.4, dtype=torch.float64), torch.from_numpy(tasks)
    inner, outer = (torch.from_numpy(problem.sample(rng, tasks, 2)) for _ in range(2))
    v = problem.gradient(index, w - alpha * problem.gradient(index, w, inner), outer)
    reused = v - alpha * problem.hessian_vector(index, w, v, inner)
    error = reused.std(0) / math.sqrt(len(tasks))
    away = (reused.mean(0) - problems.mean_direction(problem, w[0], alpha, "maml", 2)).abs() / error
    assert bool((away > 6).any()) is shows
