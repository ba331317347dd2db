"""Closed forms against automatic differentiation, oracle laws, exact minima."""

import math

import numpy as np
import pytest
import torch
from fewer import first
from torch.func import grad, jvp, vmap

from empirics import problems

SPECS = [
    "ripple:dim=5,n_tasks=7,seed=1",
    "ripple:dim=1,seed=2,sigma_H=0.2",
    "ripple:dim=4,n_tasks=5,rotate=false,oracle=one-sided",
    "plateau:dim=3,n_tasks=4,sigma_tilde=0.4",
    "plateau:sigma=0.5,L=2",
    "shared-hessian:dim=4,n_tasks=6,sigma=0.7",
    "quadratic:dim=3,n_tasks=5,mu=0.1,sigma_H=0.3",
    "trapezoid:dim=2,sigma_tilde=0.2,R=3",
    "hf-counterexample:dim=2,sigma_tilde=0.2",
    "hf-counterexample-tent:sigma_tilde=0.2",
    "ramp:dim=3,n_tasks=4,sigma=0.4,sigma_tilde=0.1",
    "ramp-bowl:dim=3,n_tasks=4,sigma_tilde=0.1",
    "ramp-bowl:dim=4,n_tasks=8,rotate=true,level=0.2,L=2",
    "wells:dim=3,n_tasks=5",
    "wells:dim=1,n_tasks=5,oracle=one-sided",
    "robust-regression:dim=3,n_tasks=4,points=7",
    "robust-regression:dim=3,loss_name=cauchy,n_tasks=3,label_noise=0.5",
    "robust-regression:dim=4,loss_name=geman-mcclure,n_tasks=3",
    "sigmoid-classification:dim=4,n_tasks=3,points=9",
]
SEPARABLE = [s for s in SPECS if not s.startswith(("wells", "robust", "sigmoid"))]
ALPHA = 0.15


@pytest.fixture(params=SPECS, ids=lambda spec: spec)
def problem(request):
    return problems.from_spec(request.param)


def _points(problem, number=6, scale=2.0):
    rng = np.random.default_rng(7)
    w = torch.from_numpy(scale * rng.standard_normal((number, problem.dim))) / problem.constants().L
    tasks = torch.from_numpy(rng.integers(0, problem.n_tasks, number))
    return rng, tasks, w


def test_gradient_and_hessian_agree_with_autodiff(problem):
    rng, tasks, w = _points(problem)
    v = torch.from_numpy(rng.standard_normal(w.shape))
    slope = vmap(grad(problem.loss, argnums=1))(tasks, w)
    torch.testing.assert_close(problem.gradient(tasks, w), slope, rtol=1e-12, atol=1e-12)
    exact = vmap(lambda i, x, u: jvp(lambda y: grad(problem.loss, argnums=1)(i, y), (x,), (u,))[1])(
        tasks, w, v
    )
    torch.testing.assert_close(problem.hessian_vector(tasks, w, v), exact, rtol=1e-12, atol=1e-12)


def test_noise_is_a_gradient_field_with_this_hessian(problem):
    rng, tasks, w = _points(problem)
    batch = torch.from_numpy(problem.sample(rng, tasks.numpy(), 3))
    v = torch.from_numpy(rng.standard_normal(w.shape))
    along = jvp(lambda x: problem.gradient(tasks, x, batch), (w,), (v,))[1]
    torch.testing.assert_close(problem.hessian_vector(tasks, w, v, batch), along, rtol=1e-12, atol=1e-12)
    u = torch.from_numpy(rng.standard_normal(w.shape))
    across = problem.hessian_vector(tasks, w, u, batch)
    torch.testing.assert_close((across * v).sum(-1), (along * u).sum(-1), rtol=1e-11, atol=1e-11)


def test_meta_gradient_is_the_gradient_of_the_objective(problem):
    _, _, w = _points(problem)
    exact = vmap(grad(lambda x: problem.objective(x, ALPHA)))(w)
    torch.testing.assert_close(problem.meta_gradient(w, ALPHA), exact, rtol=1e-12, atol=1e-12)


def test_shapes_broadcast_over_replicates_and_tasks(problem):
    w = problem.start.expand(3, 1, problem.dim)
    tasks = torch.zeros(3, 4, dtype=torch.long)
    batch = torch.from_numpy(problem.sample(np.random.default_rng(0), tasks.numpy(), 2))
    for answer in (
        problem.gradient(tasks, w),
        problem.gradient(tasks, w, batch),
        problem.hessian_vector(tasks, w, w),
        problem.hessian_vector(tasks, w, w, batch),
    ):
        assert answer.shape == (3, 4, problem.dim)
        assert answer.dtype == torch.float64
    assert problem.loss(tasks, w).shape == (3, 4)


def test_noise_has_the_declared_second_moments_and_the_law_one_over_D(problem):
    c, rng = problem.constants(), np.random.default_rng(11)
    n, D = 40_000, 4
    tasks = np.ones(n, dtype=np.int64)
    w = problem.start.unsqueeze(0)
    batch = torch.from_numpy(problem.sample(rng, tasks, D))
    index = torch.from_numpy(tasks)
    noise = problem.gradient(index, w, batch) - problem.gradient(index, w)
    basis = torch.eye(problem.dim, dtype=torch.float64)
    columns = [
        problem.hessian_vector(index, w, e, batch) - problem.hessian_vector(index, w, e) for e in basis
    ]
    exact, exact_H = (float(m) for m in problem.noise_moments(index[:1], w))
    assert float(noise.mean(0).norm()) <= 5 * math.sqrt(exact / (n * D))
    assert float((noise**2).sum(-1).mean()) * D == pytest.approx(exact, rel=0.05)
    assert float(sum((c**2).sum(-1) for c in columns).mean()) * D == pytest.approx(exact_H, rel=0.05)
    assert exact <= c.sigma_tilde**2 * (1 + 1e-12)
    assert exact_H <= c.sigma_H**2 * (1 + 1e-12)


@pytest.mark.parametrize("problem", SEPARABLE, indirect=True)
@pytest.mark.parametrize("alpha", first(2, [None, 0.2, 0.05]))
def test_the_minimum_is_enclosed(problem, alpha):
    low = float(problem.minimum(alpha).lower.sum())
    step = 0.0 if alpha is None else alpha
    rng = np.random.default_rng(3)
    starts = problem.minimum(alpha).point + torch.from_numpy(rng.standard_normal((30, problem.dim)))
    w = problem.vector(starts)
    for _ in range(200):
        w = w - 0.5 / problem.L * problem.meta_gradient(w, step)
    found = float(problem.objective(w, step).min())
    assert low <= found + 1e-14
    assert found - low <= 1e-8 * (1 + abs(found))


def test_delta_counts_from_the_start_and_holds_for_every_alpha(problem):
    valid = problem.certificates()["Delta"].value
    for alpha in (0.02, 0.2, 1.0):
        at = alpha / problem.L
        exact = problem.certificates(at)["Delta"].value
        assert 0 < exact <= valid * (1 + 1e-12)
        if problem.certificates(at)["Delta"].attained:
            gap = float(problem.objective(problem.start, at) - problem.minimum(at).upper.sum())
            assert exact == pytest.approx(gap, rel=1e-8, abs=1e-9)


@pytest.mark.parametrize(
    "spec",
    [
        "ripple:Delta=2",
        "plateau:dim=1,Delta=4",
        "plateau:dim=4,Delta=4",
        "shared-hessian:Delta=1.5",
        "quadratic:Delta=1",
    ],
)
def test_the_start_gives_the_wanted_delta(spec):
    problem = problems.from_spec(spec)
    assert problem.certificates()["Delta"].value == pytest.approx(problem.Delta, rel=1e-10)
