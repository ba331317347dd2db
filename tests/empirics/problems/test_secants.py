"""Kinks: L bounds the change of gradients between any two points, also where no Hessian shows it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from empirics import problems
from empirics.problems.confront import confronted
from empirics.problems.search import search
from empirics.problems.secants import steepest

OTHERS = ("rho", "sigma", "sigma_tilde", "sigma_H")


def tasks(seed=0):
    rng = np.random.default_rng(seed)
    return [(rng.normal(size=(9, 3)), rng.normal(size=9)) for _ in range(3)]


def own(loss, L, scale=1.0):
    constants = {name: problems.estimated(1e3 * scale) for name in OTHERS} | {"L": problems.estimated(L)}
    return problems.own_problem(loss, tasks(), start=[1.0, 1.0, 1.0], constants=constants, infimum=-1e3)


def smoothness():
    """Largest eigenvalue of a mean of x x'."""
    return max(np.linalg.norm(x, 2) ** 2 / len(x) for x, _ in tasks())


KINKED = {
    "absolute": lambda w, x, y: torch.abs(x @ w - y),
    "hinge": lambda w, x, y: torch.relu(1 - torch.sign(y) * (x @ w)),
    "largest": lambda w, x, y: (x * w).max() - y * w.sum(),
}
SMOOTH = {
    "square": lambda w, x, y: (x @ w - y) ** 2 / 2,
    "squared hinge": lambda w, x, y: torch.relu(1 - torch.sign(y) * (x @ w)) ** 2 / 2,
    "single precision": lambda w, x, y: ((x.float() @ w.float() - y.float()) ** 2 / 2).to(w.dtype),
}


@pytest.mark.parametrize("name", KINKED)
def test_a_kink_refutes_every_L_that_is_no_larger_than_what_is_seen_there(name):
    """The quotient at a kink is the jump over the length of the segment, which the search makes short."""
    problem = own(KINKED[name], 5.0)
    assert search(problem, ("L",), evaluations=20_000)["L"].value > 50
    assert confronted(problem).standing["L"] == "refuted"
    table = problems.certify(problem, evaluations=20_000).set_index("constant")
    assert table.status["L"] == "too small"


@pytest.mark.parametrize("name", SMOOTH)
def test_a_right_L_is_not_refuted_and_is_nearly_reached(name):
    L = smoothness() * (1 + 1e-3 if name == "single precision" else 1)
    problem = own(SMOOTH[name], L)
    assert 0.9 * L < search(problem, ("L",), evaluations=20_000)["L"].value <= L * (1 + 1e-9)
    assert confronted(problem).standing["L"] == "estimated"


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_units_do_not_matter(scale):
    kinked = own(lambda w, x, y: scale * KINKED["absolute"](w, x, y), 5.0 * scale, scale)
    smooth = own(lambda w, x, y: scale * SMOOTH["square"](w, x, y), smoothness() * scale, scale)
    assert search(kinked, ("L",), evaluations=5_000)["L"].value > 50 * scale
    assert search(smooth, ("L",), evaluations=5_000)["L"].value <= smoothness() * scale * (1 + 1e-9)


def test_the_part_that_is_left_crosses_the_kink_and_no_other_is_steeper():
    problem = own(KINKED["absolute"], 5.0)
    w = torch.tensor([[0.3, 0.2, 0.1]], dtype=torch.float64)
    u, task = w + 2.0, torch.tensor([0])
    square, (low, high) = steepest(problem, task, w, u)
    change = problem.gradient(task, high) - problem.gradient(task, low)
    length = float((high - low).norm())
    assert float(square) == pytest.approx(float((change.norm() / length) ** 2), rel=1e-3)
    assert length < 1e-4
    x, y = (torch.from_numpy(column) for column in tasks()[0])
    assert bool(((x @ low[0] - y).sign() != (x @ high[0] - y).sign()).any())


def test_a_gradient_that_is_no_number_shows_nothing_here():
    problem = own(
        lambda w, x, y: torch.sqrt(1 + 0 * y + x @ w * 0) + torch.where(w[0] > 2, torch.nan, 0.0), 5.0
    )
    w = torch.ones(1, 3, dtype=torch.float64)
    assert float(steepest(problem, torch.tensor([0]), w, w + 3)[0]) == 0
