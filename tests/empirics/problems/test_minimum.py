"""Branch and bound encloses minima, ends in time, and stays valid when it gives up."""

import pytest
import torch

from empirics import problems
from empirics.problems.minimum import enclose_minima


def _waves(z):
    k = torch.tensor([1.0, 7.0, 0.0], dtype=torch.float64)
    return z**2 / 8 + torch.cos(k * z + 1), z / 4 - k * torch.sin(k * z + 1)


def test_many_minima_at_once():
    low, high = torch.full((3,), -6.0, dtype=torch.float64), torch.full((3,), 5.0, dtype=torch.float64)
    found = enclose_minima(_waves, low, high, torch.tensor([1.3, 50.0, 0.25], dtype=torch.float64))
    grid = torch.linspace(-6, 5, 2_000_001, dtype=torch.float64).unsqueeze(1).expand(-1, 3)
    seen = _waves(grid)[0].min(0).values
    assert (found.lower <= seen).all()
    assert (found.upper >= found.lower).all()
    torch.testing.assert_close(found.lower, seen, rtol=0, atol=1e-9)
    torch.testing.assert_close(_waves(found.point.unsqueeze(0))[0][0], found.upper)


def test_a_flat_function_ends_and_the_bound_is_valid():
    ends = torch.tensor([0.0], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64)
    found = enclose_minima(lambda z: (0 * z + 2, 0 * z), *ends, torch.tensor([1.0], dtype=torch.float64))
    assert 2 - 1e-6 < float(found.lower) <= 2


@pytest.mark.parametrize("alpha", [None, 0.2, 1.0])
def test_the_minimum_of_the_quadratic_is_closed(alpha):
    problem = problems.from_spec("quadratic:dim=3,n_tasks=5,mu=0.3")
    exact, general = problem.minimum(alpha), super(problems.Quadratic, problem).minimum(alpha)
    assert (general.lower <= exact.upper).all()
    torch.testing.assert_close(exact.upper, general.upper, rtol=0, atol=1e-7)
    at = float(problem.objective(problem.vector(exact.point), alpha or 0.0))
    assert at == pytest.approx(float(exact.upper.sum()), rel=1e-12, abs=1e-15)
