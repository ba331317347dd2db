"""Where the batches of a step are seen from, whoever looks at them: along plain inner steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from bounds.errors import InputError
from empirics.problems.base import Problem

OUTER = "out"
Batch = Callable[[str], Any]


def of_step(split: str, n: int) -> str:
    """Return the name of an inner step's own batch; that of the first step has none but the split's."""
    return split if n == 0 else f"{split}.{n}"


def step_of(split: str) -> int:
    """Return the inner step that a batch belongs to."""
    return int(split.partition(".")[2] or 0)


class Origins:
    r"""The points :math:`w_{n+1} = w_n - \alpha\tilde\nabla f_i(w_n, D_{\mathrm{in}}^n)` from where a step begins.

    The inner and the Hessian batch of step n are seen from :math:`w_n`, the outer one from the last: there the
    algorithms of this project look at them. So a direction of somebody else sees the same samples.

    Parameters
    ----------
    problem : Problem
    tasks : Tensor of int, shape (replicates, B)
    start : Tensor, shape (replicates, 1, dim)
    alpha : float
    steps : int
        Number N of inner steps.
    """

    def __init__(self, problem: Problem, tasks: Tensor, start: Tensor, alpha: float, steps: int) -> None:
        self._problem, self._tasks, self._alpha, self._steps = problem, tasks, alpha, steps
        self._points = [start]

    @torch.no_grad()
    def of(self, split: str, batch: Batch) -> Tensor:
        """Return the point that a batch is seen from; ``batch`` gives the one of a name."""
        n = self._steps if split == OUTER else step_of(split)
        while len(self._points) <= n:
            self._points.append(self._after(self._points[-1], of_step("in", len(self._points) - 1), batch))
        return self._points[n]

    def _after(self, w: Tensor, split: str, batch: Batch) -> Tensor:
        """Return the point after an inner step; the same where the plan has no batch for it."""
        try:
            drawn = batch(split)
        except InputError:
            return w
        return w - self._alpha * self._problem.gradient(self._tasks, w, drawn)
