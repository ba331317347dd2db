r"""The law of a direction against that of the algorithm: mean and variance of a batch of tasks.

Both are drawn on the same tasks and samples, so only their difference is left to chance.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from validate.directions.asking import Block, Direction, Look, ask
from validate.directions.cases import Case
from validate.statistics import Interval, mean_interval, norm_interval

MEAN_MARGIN = 0.01
"""Of the standard deviation of a batch's direction: what a difference of the means must exceed."""
VARIANCE_MARGIN = 0.02
"""Of the variance: what a difference of the variances must exceed."""
CHUNK = 2000

Reference = Callable[[Block, list[Look]], Direction]


@dataclass(frozen=True)
class Law:
    """Paired draws at one point.

    Attributes
    ----------
    shift : ndarray, shape (n, dim)
        Difference of the two batch means, draw by draw. Unit F/W.
    squares : ndarray, shape (n,)
        Difference of their squared distances from their means. Unit F^2/W^2.
    variance : float
        Variance of the algorithm's own batch mean.
    """

    shift: np.ndarray
    squares: np.ndarray
    variance: float

    def mean(self, error: float) -> Interval:
        """Interval of the distance between the two means."""
        n, size = len(self.shift), float(np.linalg.norm(self.shift.mean(0)))
        deviation = math.sqrt(self.shift.var(0, ddof=1).sum() / n)
        return norm_interval(size, deviation, n, error)

    def spread(self, variance: float, error: float) -> Interval:
        """Interval of the direction's variance: the algorithm's own, and the mean of the paired differences."""
        return mean_interval(self.squares, error).mapped(lambda shift: variance + shift)


@dataclass
class Laws:
    """Paired draws at one point, few at first and many where few do not decide.

    ``reference`` gives the algorithm, from a block and what the direction looked at in it.
    """

    case: Case
    direction: Direction
    reference: Reference
    w: Tensor
    stream: str

    @cached_property
    def few(self) -> Law:
        """A tenth of the case's draws."""
        return self._drawn(self.case.law // 10)

    @cached_property
    def many(self) -> Law:
        """All of them."""
        return self._drawn(self.case.law)

    def fresh(self) -> Laws:
        """Return the same on streams that nothing else uses."""
        return replace(self, stream=f"{self.stream}/fresh")

    def measure(
        self, interval: Callable[[Law, float], Interval], decides: Callable[[Interval], bool], error: float
    ) -> Interval:
        """Return the interval from few draws where it decides, else from many: each at half of the error."""
        first = interval(self.few, error / 2)
        return first if decides(first) else interval(self.many, error / 2)

    def _drawn(self, n: int) -> Law:
        """Draw both at the point, ``CHUNK`` batches at a time."""
        case, first, second = self.case, [], []
        for number in range(-(-n // CHUNK)):
            stream = f"{self.stream}/{n}/{number}"
            block = case.drawn(self.w.expand(CHUNK, -1), stream)
            G, looks = ask(self.direction, block)
            first.append(G.double().mean(-2))
            second.append(block.answer(self.reference(block, looks)).mean(-2))
        own, paper = torch.cat(first), torch.cat(second)
        squares = [(G - G.mean(0)).square().sum(-1) for G in (own, paper)]
        return Law((own - paper).numpy(), (squares[0] - squares[1]).numpy(), float(squares[1].mean()))
