r"""Where a step stops on the plateau problem, with exact tasks: :math:`\|\nabla F\|` after many steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from bounds.theory.algorithms.maml import MAML
from empirics import problems
from empirics.problems.base import Problem
from validate.audit.asking import Asker, Call
from validate.audit.comparing import USUAL, algorithm
from validate.audit.fitting import Fit
from validate.audit.probes import Probe
from validate.audit.sheet import Sheet

SPEC = "plateau"
ALPHA, BETA, ITERATIONS = 0.1, 0.8, 300
"""alpha L = 0.1; beta is below 1/((1 + alpha L)^2 L), the paper's smoothness there."""
LEAST, LOOKS = 40, 8000
"""Iterations at least, and how often a loss may be taken in all of them."""
REACHED = 0.05
"""The accuracy, in units of sigma, to which iterations are counted: just above FO-MAML's floor."""
ZERO = 1e-6
AWAY = 2.0
"""How far from the problem's own start the runs begin: where no algorithm is at rest."""


class ProblemSheet(Sheet):
    """One question on every task of a problem, with exact derivatives for every batch."""

    def __init__(self, problem: Problem, w: Tensor, alpha: float) -> None:
        super().__init__(w[None], torch.tensor([alpha], dtype=w.dtype), problem.n_tasks, ((problem.dim,),))
        self.problem = problem
        self.numbers = torch.arange(problem.n_tasks)[None]

    def only(self, row: int) -> ProblemSheet:
        """Return the sheet: it has one question."""
        return self

    def batch_gradient(self, points: Tensor, split: str) -> Tensor:
        """Return exact gradients."""
        return self.problem.gradient(self.numbers, points)

    def batch_hessian_vector(self, points: Tensor, v: Tensor, split: str) -> Tensor:
        """Return exact Hessians times vectors."""
        return self.problem.hessian_vector(self.numbers, points, v)

    def task_loss(self, row: int, i: int, w: Tensor, split: str) -> Tensor:
        """Return the exact loss of one task."""
        return self.problem.loss(torch.tensor(i), w.double()).to(w.dtype)


@dataclass(frozen=True)
class Floor:
    """A run on the plateau problem: where it stops, and iterations to 0.05 sigma, None for never."""

    value: float
    iterations: int | None


def run(direction: Callable[[ProblemSheet], Tensor], steps: int, most: int = ITERATIONS) -> Floor:
    """Step with a direction (dim,), and measure the exact gradient of F after so many inner steps."""
    problem = problems.from_spec(SPEC)
    w = problem.start.double() + AWAY
    meta = algorithm(MAML.name, steps)
    sizes = []
    for _ in range(most):
        sheet = ProblemSheet(problem, w, ALPHA)
        sizes.append(float(meta.each(sheet).mean(1)[0].norm()))
        if not sizes[-1] < 1e6:
            return Floor(math.inf, None)
        w = w - BETA * direction(sheet)
    tail = max(sizes[-(most // 10) :])
    late = [k for k, size in enumerate(sizes) if not size <= REACHED]
    iterations = late[-1] + 1 if late else 0
    return Floor(tail, iterations if iterations < most else None)


def of_code(asker: Asker, calls: Sequence[Call], steps: int, factor: float = 1.0) -> Floor:
    """Run the code itself, shorter where a call takes many losses; its direction is over a declared factor."""
    looks = max(len(call.looks) for call in calls) if calls else 1
    most = min(ITERATIONS, max(LEAST, LOOKS // max(looks, 1)))
    return run(lambda sheet: asker.ask(sheet, 0, BETA).moved / BETA / factor, steps, most)


def of_fit(fit: Fit, steps: int) -> Floor:
    """Run what the code was found to be."""
    probe = fit.probe and fit.probe.anywhere
    return run(lambda sheet: fit.each(sheet, probe).mean(1)[0], steps)


@cache
def of_algorithm(name: str, steps: int) -> Floor:
    """Run an algorithm as the paper has it; HF-MAML with a probe that the theory speaks of."""
    fit = algorithm(name, steps)
    return run(lambda sheet: fit.each(sheet, Probe("nested", length=USUAL)).mean(1)[0], steps)


def said(found: Floor, name: str, steps: int) -> str:
    """Say what a floor costs beside that of an algorithm."""
    right = of_algorithm(name, steps)
    accuracy = (
        f"stops at {_size(found.value)} on the plateau problem, where {name} stops at {_size(right.value)}"
    )
    if right.iterations is None:
        return accuracy
    took = "never" if found.iterations is None else f"after {found.iterations} iterations"
    return f"{accuracy}; comes to {REACHED:g} sigma {took}, {name} after {right.iterations}"


def _size(value: float) -> str:
    if value == math.inf:
        return "no finite value"
    return f"{value:.3g} sigma" if value > ZERO else "0"
