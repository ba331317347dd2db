"""Large problems: many dimensions behind hidden axes, many tasks, many replicates, in less than a gibibyte."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from empirics import problems
from empirics.problems import separable, turned

RUN = """
import resource, sys
from pathlib import Path
from benchmarks.table import plan
from empirics import problems, simulate
spec, replicates, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
run = simulate(problems.from_spec(spec), plan("maml"), replicates=replicates, iterations=steps, every=steps)
assert len(run) == 2 * replicates and run.grad_norm.gt(0).all()
status = Path("/proc/self/status")
if status.exists():
    print(int(status.read_text().partition("VmHWM:")[2].split()[0]) / 2**20)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""
"""Where it can, it asks for what it held itself: to ``getrusage`` what started it belongs to it."""


def gibibytes(spec, replicates, steps):
    """Return the most memory that a process has held while it ran a simulation."""
    command = [sys.executable, "-c", RUN, spec, str(replicates), str(steps)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    return float(done.stdout)


@pytest.mark.slow
def test_ten_thousand_dimensions_behind_a_rotation():
    assert gibibytes("ripple:dim=10000,n_tasks=50", 4, 1) < 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "replicates", "steps"),
    [("ripple:dim=10,n_tasks=1000000", 4, 2), ("ripple", 10_000, 4), ("ripple:dim=10000,n_tasks=1000", 2, 1)],
)
def test_a_million_tasks_ten_thousand_replicates_ten_million_numbers(spec, replicates, steps):
    assert gibibytes(spec, replicates, steps) < 1


def turned_families():
    for family in problems.families():
        if any(parameter.name == "rotate" for parameter in family.parameters):
            yield family.name


@pytest.mark.parametrize("dim", [1025, pytest.param(2048, marks=pytest.mark.slow)])
@pytest.mark.parametrize("family", list(turned_families()))
def test_the_large_rotation_is_orthogonal_and_hides_the_axes(family, dim):
    problem = problems.from_spec(f"{family}:dim={dim},rotate=true")
    w = torch.randn(5, dim, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    z = problem.coordinates(w)
    torch.testing.assert_close(problem.vector(z), w, rtol=0, atol=1e-12)
    torch.testing.assert_close(z @ z.T, w @ w.T, rtol=1e-12, atol=1e-10)
    axes = problem.coordinates(torch.eye(dim, dtype=torch.float64))
    torch.testing.assert_close(axes @ axes.T, torch.eye(dim, dtype=torch.float64), rtol=0, atol=1e-12)
    assert axes.abs().max() < 8 / dim**0.5


def test_the_transform_is_what_its_formula_says():
    j = torch.arange(7, dtype=torch.float64)
    angles = 2 * torch.pi * j[:, None] * j / 7
    cas = (torch.cos(angles) + torch.sin(angles)) / 7**0.5
    torch.testing.assert_close(turned.hartley(torch.eye(7, dtype=torch.float64)), cas)


def test_a_problem_behind_the_large_rotation_is_the_plain_one(monkeypatch):
    monkeypatch.setattr(turned, "LARGEST_MATRIX", 4)
    hidden, plain = (
        problems.from_spec(f"ripple:dim=9,n_tasks=7,rotate={flag}") for flag in ("true", "false")
    )
    z = torch.randn(5, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    w = hidden.vector(z)
    assert (w - z).abs().min() > 0
    torch.testing.assert_close(hidden.coordinates(w), z)
    torch.testing.assert_close(hidden.objective(w, 0.2), plain.objective(z, 0.2))
    torch.testing.assert_close(hidden.coordinates(hidden.meta_gradient(w, 0.2)), plain.meta_gradient(z, 0.2))
    tasks = torch.arange(5)
    gradient = torch.func.vmap(torch.func.grad(lambda u, t: hidden.loss(t, u)))(w, tasks)
    torch.testing.assert_close(hidden.gradient(tasks, w), gradient)


@pytest.mark.parametrize("spec", ["ripple:dim=3,n_tasks=40", "plateau:dim=2", "quadratic:dim=3,n_tasks=11"])
def test_the_mean_over_tasks_in_pieces_is_the_mean(spec, monkeypatch):
    problem = problems.from_spec(spec)
    w = torch.randn(4, problem.dim, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    whole = (*problem.meta(w, 0.1), problem.objective(w, 0.1), problem.meta_gradient(w, 0.1))
    least = problem.minimum(0.1)
    monkeypatch.setattr(separable, "_HELD", {"cpu": 30})
    again = problems.from_spec(spec)
    pieces = (*again.meta(w, 0.1), again.objective(w, 0.1), again.meta_gradient(w, 0.1))
    for one, other in zip((*whole, *least), (*pieces, *again.minimum(0.1)), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-12)


def test_the_tables_of_a_turned_problem_are_not_kept_twice():
    problem = problems.from_spec("ripple")
    _ = problem.slopes
    assert problem.unturned().slopes is problem.slopes
    assert "rotation" not in vars(problem.unturned())


def test_a_mean_task_of_ripple_is_a_bowl():
    problem = problems.from_spec("ripple:dim=4,n_tasks=9")
    searched = separable.Separable.minimum(problem)
    known = problem.minimum()
    assert (known.lower <= searched.upper).all()
    assert (searched.lower <= known.upper).all()
    torch.testing.assert_close(known.point, searched.point, rtol=0, atol=1e-4)
