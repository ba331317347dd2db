"""Where exact FO-MAML and HF-MAML end, against running them; the quadratic's stationary law."""

import numpy as np
import pytest
import torch

from bounds.errors import InputError
from empirics import problems


def _run(problem, alpha, direction, steps=6000):
    w, tasks = problem.start.expand(1, problem.dim), torch.arange(problem.n_tasks)
    beta = 0.5 / problem.L
    norms = []
    for _ in range(steps):
        norms.append(float(problem.meta_gradient(w[0], alpha).norm()))
        w = w - beta * direction(problem, tasks, w, alpha).mean(0, keepdim=True)
    return w[0], norms


def _fo(problem, tasks, w, alpha):
    return problem.gradient(tasks, w - alpha * problem.gradient(tasks, w))


def _hf(displacement):
    def direction(problem, tasks, w, alpha):
        v = _fo(problem, tasks, w, alpha)
        delta = displacement / v.norm(dim=-1, keepdim=True)
        ahead, behind = problem.gradient(tasks, w + delta * v), problem.gradient(tasks, w - delta * v)
        return v - alpha * (ahead - behind) / (2 * delta)

    return direction


@pytest.mark.parametrize("spec", ["plateau", "plateau:dim=3,n_tasks=4,L=2,sigma=0.5,Delta=2"])
@pytest.mark.parametrize("x", [0.02, 0.1])
def test_fo_maml_ends_on_the_predicted_plateau(spec, x):
    problem = problems.from_spec(spec)
    alpha = x / problem.L
    w, norms = _run(problem, alpha, _fo)
    torch.testing.assert_close(w, problem.fo_fixed_point(alpha), rtol=0, atol=1e-10)
    assert norms[-1] == pytest.approx(problem.fo_plateau(alpha), abs=1e-10)
    assert min(norms) >= 0.4 * alpha * problem.L * problem.sigma
    assert problem.fo_plateau(alpha) <= x * (1 + x) * problem.sigma


def test_the_plateau_has_the_values_of_the_theory():
    plateau = problems.Plateau()
    measured = [plateau.fo_plateau(x) / x for x in (0.1, 0.05, 0.01, 0.001)]
    assert measured == pytest.approx([0.41405, 0.43404, 0.42108, 0.41477], abs=5e-6)


def test_hf_maml_ends_where_predicted():
    plateau = problems.Plateau(dim=2)
    for displacement in (0.3, 1e-3):
        w, norms = _run(plateau, 0.1, _hf(displacement))
        torch.testing.assert_close(w, plateau.hf_fixed_point(0.1, displacement), rtol=0, atol=1e-9)
        assert norms[-1] == pytest.approx(plateau.hf_plateau(0.1, displacement), abs=1e-9)
    assert plateau.hf_plateau(0.1, 0.3) > 1e-4
    assert plateau.hf_plateau(0.1, 1e-3) < 1e-7


@pytest.mark.parametrize("spec", ["shared-hessian:dim=3", "shared-hessian:dim=1,sigma=2", "quadratic:dim=3"])
def test_a_shared_hessian_has_no_floor(spec):
    problem = problems.from_spec(spec)
    _, norms = _run(problem, 0.1, _fo)
    assert norms[0] > 0.05
    assert norms[-1] < 1e-12
    assert problem.fo_plateau(0.1) == 0


@pytest.mark.parametrize("algorithm", ["maml", "fo-maml"])
def test_the_stationary_variance_is_that_of_the_run(algorithm):
    problem = problems.from_spec("quadratic:dim=3,n_tasks=6,mu=0.4,sigma_tilde=0.5,sigma_H=0.8")
    alpha, beta, B, D = 0.2, 0.4, 4, (3, 2, 5)
    rng, replicates, total, kept = np.random.default_rng(5), 1000, 0.0, 0
    w = problem.start.expand(replicates, 1, 3)
    for k in range(120):
        tasks = rng.integers(0, 6, (replicates, B))
        i = torch.from_numpy(tasks)
        into, out, hess = (torch.from_numpy(problem.sample(rng, tasks, size)) for size in D)
        v = problem.gradient(i, w - alpha * problem.gradient(i, w, into), out)
        if algorithm == "maml":
            v = v - alpha * problem.hessian_vector(i, w, v, hess)
        w = w - beta * v.mean(1, keepdim=True)
        if k >= 60:
            total += float((problem.meta_gradient(w[:, 0], alpha) ** 2).sum(-1).mean())
            kept += 1
    predicted = problem.stationary_variance(algorithm, alpha, beta, B, *D)
    assert total / kept == pytest.approx(predicted, rel=0.03)


def test_no_stationary_law_is_an_error():
    with pytest.raises(InputError, match="beta"):
        problems.Quadratic().stationary_variance("maml", 0.1, 5.0, 10, 1, 1, 1)
    with pytest.raises(InputError, match="algorithm"):
        problems.Quadratic(sigma_H=0.1).stationary_variance("hf-maml", 0.1, 0.5, 10, 1, 1, 1)
