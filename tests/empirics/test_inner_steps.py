"""N inner steps: the directions against autodiff, fresh batches, the exact mean, and the noise-free limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from bounds import Constants, InputError, recommend
from empirics import algorithms, inner_steps, problems, simulate
from empirics.draws import ExactSource, RandomSource, Streams
from empirics.layout import layout
from empirics.moments import estimate_direction_moments, measure_cost
from empirics.oracle import splits
from empirics.problems import several

SPECS = (
    "ripple:dim=3,n_tasks=5",
    "plateau:dim=2",
    "shared-hessian:dim=2,n_tasks=4",
    "robust-regression:dim=3,n_tasks=4",
)
NAMES = ("maml", "fo-maml", "hf-maml")
UNIT = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)


def exact(problem, steps):
    return next(ExactSource(problem, layout(problem, problem.n_tasks, 1), tuple(splits(steps))).oracles(0))


def random(problem, steps, seed=0):
    shapes = layout(problem, 4, 2)
    sizes = dict.fromkeys(splits(steps), 3)
    return next(RandomSource(problem, shapes, sizes, Streams(seed, "test", range(2))).oracles(0))


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
@pytest.mark.parametrize("spec", SPECS)
def test_maml_is_the_gradient_of_the_objective_with_so_many_steps(spec, steps):
    problem = problems.from_spec(spec)
    alpha = 0.15 / problem.constants().L
    w = torch.randn(problem.dim, dtype=torch.float64, generator=torch.Generator().manual_seed(steps))
    w.requires_grad_()
    value, slope = several.meta(problem, w, alpha, steps)
    (expected,) = torch.autograd.grad(value, w)
    torch.testing.assert_close(slope.detach(), expected, rtol=1e-11, atol=1e-12)
    found = inner_steps.maml(steps)(exact(problem, steps), w.detach().view(1, 1, -1), alpha).mean(-2)[0]
    torch.testing.assert_close(found.reshape(-1), expected, rtol=1e-11, atol=1e-12)


def test_with_one_step_the_numbers_are_those_of_the_paper():
    problem = problems.from_spec(SPECS[0])
    w = problem.start.view(1, 1, -1)
    pairs = (
        (inner_steps.maml(1), algorithms.maml),
        (inner_steps.fo_maml(1), algorithms.fo_maml),
        (inner_steps.hf_maml(1, 0.1), algorithms.hf_maml(0.1)),
    )
    for several_steps, one in pairs:
        assert torch.equal(several_steps(random(problem, 1), w, 0.1), one(random(problem, 1), w, 0.1))


def test_a_short_probe_is_a_product():
    problem = problems.from_spec(SPECS[0])
    w = problem.start.view(1, 1, -1)
    made = inner_steps.hf_maml(3, 1e-5), inner_steps.maml(3)
    short, product = (make(exact(problem, 3), w, 0.1) for make in made)
    torch.testing.assert_close(short, product, rtol=1e-7, atol=1e-9)


def test_every_step_and_every_factor_has_a_batch_of_its_own():
    problem = problems.from_spec(SPECS[0])
    oracle = random(problem, 3)
    inner_steps.maml(3)(oracle, problem.start.view(1, 1, -1), 0.1)
    assert set(oracle._drawn) == {"in", "in.1", "in.2", "hess", "hess.1", "hess.2", "out"}
    drawn = [tensor.flatten().tolist() for tensor in oracle._drawn.values()]
    assert all(a != b for k, a in enumerate(drawn) for b in drawn[:k])
    with pytest.raises(InputError, match="must be one of"):
        random(problem, 2).batch("in.2")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [2, 4])
def test_a_plan_says_what_an_iteration_costs(name, steps):
    problem = problems.from_spec(SPECS[0])
    plan = recommend(problem.constants(0.02), 1.0, name, alpha=0.02, inner_steps=steps, step="self-scaled")
    plan = plan.with_(B=3, D_in=4, D_o=5, D_h=0 if name == "fo-maml" else 6)
    assert measure_cost(problem, plan).samples == plan.samples_per_iteration
    assert plan.samples_per_iteration == 3 * (steps * (4 + (plan.D_h or 0)) + 5)


@pytest.mark.parametrize("name", NAMES)
def test_the_simulator_measures_the_objective_of_the_plan(name):
    problem = problems.from_spec(SPECS[0])
    plan = recommend(problem.constants(0.05), 1.0, name, alpha=0.05, inner_steps=2)
    frame = simulate(problem, plan, replicates=2, iterations=2)
    expected = several.meta(problem, problem.start, 0.05, 2)
    first = frame.iloc[0]
    assert first["objective"] == pytest.approx(float(expected[0]), rel=1e-12)
    assert first["grad_norm"] == pytest.approx(float(expected[1].norm()), rel=1e-12)


@pytest.mark.parametrize("hessians", [True, False])
@pytest.mark.parametrize(
    "spec", ["hf-counterexample-tent:sigma_tilde=0.5", "ripple:dim=1,n_tasks=4,sigma_tilde=1"]
)
def test_the_exact_mean_is_that_of_many_draws(spec, hessians):
    problem = problems.from_spec(spec)
    alpha = 0.2 / problem.constants().L
    points = problem.start[None] + 0.1
    exact_mean = several.mean_direction(problem, points, alpha, 2.0, hessians).numpy()
    name = "maml" if hessians else "fo-maml"
    plan = recommend(UNIT, 0.5, name, alpha=0.05, inner_steps=2)
    plan = plan.with_(alpha=alpha, B=4, D_in=2, D_o=2, D_h=2 if hessians else 0)
    found = estimate_direction_moments(problem, None, points, plan, n=40_000, seed=1)
    assert np.abs(found.mean - exact_mean).max() < 4.5 * found.mean_error.max()
    still = several.mean_direction(problem, points, alpha, math.inf, True)
    torch.testing.assert_close(still, several.meta_gradient(problem, points, alpha, 2), rtol=1e-9, atol=1e-9)


def test_where_fo_maml_stops_grows_with_the_steps():
    problem = problems.from_spec("plateau")
    stops = [several.fo_plateau(problem, 0.02, steps) for steps in (1, 2, 4)]
    assert stops[0] == pytest.approx(problem.fo_plateau(0.02), rel=1e-9)
    assert 1.8 < stops[1] / stops[0] < 2.3
    assert 1.8 < stops[2] / stops[1] < 2.5


@pytest.mark.parametrize("spec", SPECS)
def test_delta_bounds_the_fall_of_the_objective(spec):
    problem = problems.from_spec(spec)
    alpha = 0.1 / problem.constants().L
    known = several.constants(problem, alpha, 3)
    w = problem.start
    first, least = float(several.meta(problem, w, alpha, 3)[0]), math.inf
    for _ in range(200):
        value, slope = several.meta(problem, w, alpha, 3)
        least = min(least, float(value))
        w = w - slope / (4 * known.L)
    assert 0 < first - least <= known.Delta


def test_what_is_known_with_one_step_only_is_refused():
    plan = recommend(UNIT, 0.5, "maml", inner_steps=2)
    for wrong in (0, 11, 1.5):
        with pytest.raises(InputError, match="inner_steps"):
            recommend(UNIT, 0.5, "maml", inner_steps=wrong)
    assert algorithms.for_plan(plan) is not algorithms.maml
    free = recommend(UNIT, 0.5, "hf-maml", inner_steps=2)
    for wrong in (free.with_(depth=2, rate=0.5), plan.with_(algorithm=algorithms.FULL_HESSIAN)):
        with pytest.raises(InputError, match=r"inner.steps"):
            algorithms.for_plan(wrong)


def test_delta_of_several_steps_is_not_that_of_one():
    problem = problems.from_spec(SPECS[0])
    alpha = 0.1 / problem.constants().L
    one, four = (several.confronted(problem, alpha, steps) for steps in (1, 4))
    assert one == problems.confronted(problem, alpha=alpha)
    assert four.Delta == several.constants(problem, alpha, 4).Delta != one.Delta
    assert several.confronted(problem, None, 4).Delta == problem.constants().Delta
