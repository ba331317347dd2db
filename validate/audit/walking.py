"""The inner loop: from the start to the adapted point, as it should be and in the ways that it goes wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from validate.audit.clipping import Clip, clip
from validate.audit.sheet import Sheet
from validate.tolerance import TINY, norm

RATES: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "alpha": ("", lambda a: a),
    "-alpha": ("inner-sign", lambda a: -a),
    "1": ("inner-without-alpha", torch.ones_like),
    "alpha^2": ("inner-step-size", lambda a: a * a),
    "alpha/2": ("inner-step-size", lambda a: a / 2),
    "2 alpha": ("inner-step-size", lambda a: 2 * a),
}
"""Inner steps by what they are called, each with what is wrong with it."""
EPSILON = 1e-8
"""What Adam adds to the root of its second moment."""


@dataclass(frozen=True)
class Rule:
    """How the inner loop moves: from the gradient, and what is kept of those before it.

    Attributes
    ----------
    move : callable
        From the gradient and the memory, the gradient and ``kept`` times the memory before.
    defect : str
        What is wrong with it.
    kept : float
    """

    move: Callable[[Tensor, Tensor], Tensor]
    defect: str = ""
    kept: float = 0.0


RULES = {
    "plain": Rule(lambda g, memory: g),
    "accumulated": Rule(lambda g, memory: memory, "gradients-accumulated", kept=1.0),
    "normalised": Rule(
        lambda g, memory: g / norm(g).unsqueeze(-1).clamp(min=TINY), "inner-gradient-normalised"
    ),
    "signs": Rule(lambda g, memory: g.sign(), "inner-gradient-signs"),
    "adam": Rule(lambda g, memory: g / (g.abs() + EPSILON), "inner-gradient-signs"),
    "momentum": Rule(lambda g, memory: memory, "inner-momentum", kept=0.9),
}
"""Rules of the inner loop; Adam's is its first step."""


@dataclass(frozen=True)
class Inner:
    """One inner loop.

    Attributes
    ----------
    steps : int
    split : str
        The batch that its gradients are of.
    rate : str or (float, float)
        A name of :data:`RATES`, or (x, y) for the step x + y alpha.
    rule : str
        A name of :data:`RULES`.
    clip : (str, float), optional
    decay : float
        How many times the point itself is added to its gradient.
    moved : tuple of bool, optional
        Which tensors of the weights it moves; all by default.
    """

    steps: int = 1
    split: str = "in"
    rate: str | tuple[float, float] = "alpha"
    rule: str = "plain"
    clip: Clip | None = None
    decay: float = 0.0
    moved: tuple[bool, ...] | None = None

    def step(self, alpha: Tensor) -> Tensor:
        """Return the length of a step at alpha."""
        if isinstance(self.rate, tuple):
            return self.rate[0] + self.rate[1] * alpha
        return RATES[self.rate][1](alpha)

    def mask(self, sheet: Sheet) -> Tensor:
        """Return 1 for the coordinates that it moves."""
        whole = (True,) * len(sheet.shapes)
        moved = self.moved if self.moved is not None and len(self.moved) == len(whole) else whole
        return of_tensors(sheet, moved)


def sizes(sheet: Sheet) -> list[int]:
    """Return how many numbers each tensor of the weights has."""
    return [math.prod(shape) for shape in sheet.shapes]


def of_tensors(sheet: Sheet, chosen: Sequence[bool]) -> Tensor:
    """Return 1 for the numbers in chosen tensors of the weights, and 0 for the others, (d,)."""
    parts = [torch.full((n,), float(one)).double() for n, one in zip(sizes(sheet), chosen, strict=True)]
    return torch.cat(parts)


def walk(sheet: Sheet, inner: Inner, start: Tensor | None = None) -> list[Tensor]:
    """Return the points of the inner loop, each (Q, B, d), the start first."""
    points, rule = [sheet.start if start is None else start], RULES[inner.rule]
    memory = torch.zeros_like(points[0])
    for _ in range(inner.steps):
        g = clip(sheet.gradient(points[-1], inner.split), inner.clip) + inner.decay * points[-1]
        memory = g + rule.kept * memory
        points.append(points[-1] - inner.step(sheet.steps) * rule.move(g, memory) * inner.mask(sheet))
    return points


def stepped(sheet: Sheet, G: Tensor) -> Tensor | float:
    """Return 0 for the numbers in tensors that no answer moves; 1 where it moves all, or none."""
    moves = [bool(part.any()) for part in G.abs().amax(0).split(sizes(sheet))]
    return 1.0 if all(moves) or not any(moves) else of_tensors(sheet, moves)
