"""Reptile, iMAML and Meta-SGD: their directions are those of their papers, and they stop where they should."""

import pytest
import torch

from bounds.errors import InputError
from empirics import comparators, problems
from empirics.oracle import Cost

ALPHA = 0.2


@pytest.fixture(scope="module")
def ripple():
    return problems.from_spec("ripple:dim=3,n_tasks=4,sigma_tilde=0")


def directions(problem, direction):
    """Return every task's direction at the start, and the start."""
    w = problem.start.reshape(1, 1, -1)
    return direction(comparators.everyone(problem, Cost()), w, ALPHA)[0], problem.start


def slopes(function, w, h=1e-5):
    """Central differences."""
    steps = h * torch.eye(len(w), dtype=torch.float64)
    changes = [(function(w + s) - function(w - s)) / (2 * h) for s in steps]
    return torch.tensor(changes, dtype=torch.float64)


def test_reptile_is_the_sum_of_the_gradients_on_the_way(ripple):
    tasks = torch.arange(ripple.n_tasks)
    (one, w), (two, _) = (directions(ripple, comparators.reptile(k)) for k in (1, 2))
    g = ripple.gradient(tasks, w)
    torch.testing.assert_close(one, g)
    torch.testing.assert_close(two, g + ripple.gradient(tasks, w - ALPHA * g))
    with pytest.raises(InputError, match="steps"):
        comparators.reptile(4)


def test_imaml_is_the_gradient_of_its_own_objective(ripple):
    found, w = directions(ripple, comparators.imaml)
    wanted = slopes(lambda u: comparators.implicit_objective(ripple, u, ALPHA), w)
    torch.testing.assert_close(found.mean(0), wanted, rtol=1e-6, atol=1e-8)


def test_the_proximal_point_solves_its_equation(ripple):
    tasks, w = torch.arange(4), ripple.start.expand(4, -1)
    point = comparators.proximal(lambda p: ripple.gradient(tasks, p), w, ALPHA)
    torch.testing.assert_close(point + ALPHA * ripple.gradient(tasks, point), w, rtol=0, atol=1e-14)


def test_conjugate_gradients_solve_many_systems():
    matrices = torch.randn(5, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    matrices = matrices @ matrices.mT + torch.eye(4, dtype=torch.float64)
    right = torch.arange(20.0, dtype=torch.float64).reshape(5, 4)
    x = comparators.conjugate_gradients(lambda v: (matrices @ v.unsqueeze(-1)).squeeze(-1), right)
    torch.testing.assert_close((matrices @ x.unsqueeze(-1)).squeeze(-1), right)
    assert not comparators.conjugate_gradients(lambda v: v, torch.zeros(1, 3, dtype=torch.float64)).any()


def test_meta_sgd_steps_along_the_gradients_of_its_objective(ripple):
    step, w, a = 1e-3, ripple.start, torch.full((3,), ALPHA, dtype=torch.float64)
    stop = comparators.meta_sgd(ripple, ALPHA, step, 1)
    in_w = slopes(lambda u: comparators.adapted_objective(ripple, u, a), w)
    in_a = slopes(lambda b: comparators.adapted_objective(ripple, w, b), a)
    scale = float((ripple.gradient(torch.arange(4), w) ** 2).sum(-1).mean())
    torch.testing.assert_close((w - stop.point) / step, in_w, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close((a - stop.inner) / step * scale, in_a, rtol=1e-6, atol=1e-8)
    assert (stop.iterations, stop.gradients, stop.products) == (1, 2, 1)


def test_meta_sgd_keeps_its_inner_steps_in_their_range():
    problem = problems.from_spec("plateau")
    stop = comparators.meta_sgd(problem, 0.1, 0.5, 200, 1e-10)
    assert float(stop.inner.max()) == 1 / problem.L
    assert stop.own <= 1e-10


@pytest.mark.parametrize(("direction", "stops"), [(comparators.reptile(1), True), (comparators.imaml, False)])
def test_reptile_with_one_step_stops_where_the_mean_loss_is_flat(direction, stops):
    problem = problems.from_spec("robust-regression:dim=2,n_tasks=6")
    stop = comparators.descend(problem, direction, 0.1, 0.5, 400, 1e-9)
    flat = float(problem.gradient(torch.arange(6), stop.point).mean(0).norm())
    assert stop.own <= 1e-9
    assert (flat <= 1e-9) == stops
