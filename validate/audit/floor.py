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
from validate.audit.clipping import clip
from validate.audit.comparing import USUAL, algorithm
from validate.audit.fitting import Fit
from validate.audit.outer import Move, plainly
from validate.audit.probes import Probe
from validate.audit.sheet import Sheet
from validate.audit.waves import DIM
from validate.tolerance import norm

SPEC = f"plateau:dim={DIM},rotate=false"
"""As many weights as in the questions, so that what the code keeps between calls fits; one of them is hard."""
TASKS = 2
ALPHA, BETA, ITERATIONS = 0.1, 0.8, 300
"""alpha L = 0.1; beta is below 1/((1 + alpha L)^2 L), the paper's smoothness there."""
LEAST, LOOKS = 40, 8000
"""Iterations at least, and how often a loss may be taken in all of them."""
REACHED = 0.05
"""The accuracy, in units of sigma, to which iterations are counted: just above FO-MAML's floor."""
ZERO = 1e-6
AWAY = 2.0
"""How far from the problem's own start the runs begin, along the hard weight: where no algorithm is at rest."""
REST = 1e-3
"""How far a step that has stopped may move still, relative to the gradient where it stopped (L = 1)."""


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
    """A run on the plateau problem.

    Attributes
    ----------
    value : float
        The norm of the meta-gradient at the end; infinite where the run diverges.
    iterations : int or None
        After which it stays below 0.05 sigma; None for never.
    most : int
        Iterations in all.
    rests : bool
        Whether it has come to rest there.
    itself : bool
        Whether the code itself was run, and not what it was found to be.
    """

    value: float
    iterations: int | None
    most: int
    rests: bool = True
    itself: bool = True


def run(
    moved: Callable[[ProblemSheet], Tensor], steps: int, most: int = ITERATIONS, *, itself: bool = True
) -> Floor:
    """Move by (dim,) again and again, and measure the exact gradient of F after so many inner steps."""
    problem = problems.from_spec(SPEC)
    w = problem.start.double()
    w[0] += AWAY
    meta = algorithm(MAML.name, steps)
    sizes, ways = [], []
    for _ in range(most):
        sheet = ProblemSheet(problem, w, ALPHA)
        sizes.append(float(norm(meta.each(sheet).mean(1)[0])))
        if not sizes[-1] < 1e6:
            return Floor(math.inf, None, most, itself=itself)
        way = moved(sheet)
        ways.append(float(norm(way)))
        w = w - way
    tail = max(sizes[-(most // 10) :])
    rests = max(ways[-(most // 10) :]) <= REST * tail or tail <= ZERO
    late = [k for k, size in enumerate(sizes) if not size <= REACHED]
    iterations = late[-1] + 1 if late else 0
    return Floor(tail, iterations if iterations < most else None, most, rests, itself)


def of_code(asker: Asker, calls: Sequence[Call], steps: int, factor: float = 1.0) -> Floor:
    """Run the code itself, shorter where a call takes many losses; its steps are over a declared factor."""
    looks = max(len(call.looks) for call in calls) if calls else 1
    most = min(ITERATIONS, max(LEAST, LOOKS // max(looks, 1)))
    return run(lambda sheet: asker.ask(sheet, 0, BETA).moved / factor, steps, most)


def of_fit(
    fit: Fit, steps: int, move: Move = plainly, weights: Sequence[float] | None = None, factor: float = 1.0
) -> Floor:
    """Run what the code was found to be: its direction with weights of the tasks, and its optimiser outside."""
    probe = fit.probe and fit.probe.anywhere
    shares = torch.tensor(weights or (1.0 / TASKS,) * TASKS, dtype=torch.float64)

    cut = fit.form.cut("end")
    each = fit if cut is None else fit.uncut

    def moved(sheet: ProblemSheet) -> Tensor:
        direction = clip((each.each(sheet, probe)[0] * shares[:, None]).sum(0), cut)
        return move(sheet.w[0], direction / factor, BETA)

    return run(moved, steps, itself=False)


@cache
def of_algorithm(name: str, steps: int) -> Floor:
    """Run an algorithm as the paper has it; HF-MAML with a probe that the theory speaks of."""
    fit, probe = algorithm(name, steps), Probe("nested", length=USUAL)
    return run(lambda sheet: BETA * fit.each(sheet, probe).mean(1)[0], steps)


def said(found: Floor, name: str, steps: int) -> str:
    """Say what a floor costs beside that of an algorithm; what does not come to rest has none."""
    right = of_algorithm(name, steps)
    accuracy = f"{_where(found)}, where {name} stops at {_size(right.value)}"
    if right.iterations is None:
        return accuracy
    took = "never" if found.iterations is None else f"after {found.iterations} iterations"
    return f"{accuracy}; comes to {REACHED:g} sigma {took}, {name} after {right.iterations}"


def _where(found: Floor) -> str:
    place = "on the plateau problem"
    if found.value == math.inf:
        return f"diverges {place}" if found.itself else f"computes what diverges {place}"
    if not found.rests:
        subject = "is" if found.itself else "computes what is"
        return f"{subject} at {_size(found.value)} {place} after {found.most} iterations and still moves"
    return f"{'stops' if found.itself else 'computes what stops'} at {_size(found.value)} {place}"


def _size(value: float) -> str:
    return f"{value:.3g} sigma" if value > ZERO else "0"
