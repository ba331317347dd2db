"""The inner loop: from the start to the adapted point, as it should be and in the ways that it goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from validate.audit.clipping import Clip, clip
from validate.audit.sheet import Sheet
from validate.directions.pairs import norm
from validate.tolerance import TINY

RATES = {
    "alpha": lambda a: a,
    "-alpha": lambda a: -a,
    "1": torch.ones_like,
    "alpha^2": lambda a: a * a,
    "alpha/2": lambda a: a / 2,
    "2 alpha": lambda a: 2 * a,
}
"""Inner steps by what they are called."""
EPSILON = 1e-8
"""What Adam adds to the root of its second moment."""


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
        "plain"; "accumulated": gradients are not cleared between steps; "normalised"; "signs";
        "adam", its first step; "momentum".
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
        found: Tensor = RATES[self.rate](alpha)
        return found

    def mask(self, sheet: Sheet) -> Tensor:
        """Return 1 for the coordinates that it moves."""
        whole = (True,) * len(sheet.shapes)
        moved = self.moved if self.moved is not None and len(self.moved) == len(whole) else whole
        parts = [torch.full((size,), float(m)) for m, size in zip(moved, sizes(sheet), strict=True)]
        return torch.cat(parts).double()


def sizes(sheet: Sheet) -> list[int]:
    """Return how many numbers each tensor of the weights has."""
    return [int(torch.tensor(shape).prod()) for shape in sheet.shapes]


def walk(sheet: Sheet, inner: Inner, start: Tensor | None = None) -> list[Tensor]:
    """Return the points of the inner loop, each (Q, B, d), the start first."""
    points = [sheet.start if start is None else start]
    memory = torch.zeros_like(points[0])
    for _ in range(inner.steps):
        g = clip(sheet.gradient(points[-1], inner.split), inner.clip) + inner.decay * points[-1]
        memory = g + (1.0 if inner.rule == "accumulated" else 0.9) * memory
        move = {"accumulated": memory, "momentum": memory}.get(inner.rule, g)
        if inner.rule == "normalised":
            move = g / norm(g).unsqueeze(-1).clamp(min=TINY)
        elif inner.rule == "signs":
            move = g.sign()
        elif inner.rule == "adam":
            move = g / (g.abs() + EPSILON)
        points.append(points[-1] - inner.step(sheet.steps) * move * inner.mask(sheet))
    return points


def stepped(sheet: Sheet, G: Tensor) -> Tensor | float:
    """Return 0 for the numbers in tensors that no answer moves; 1 where it moves all, or none."""
    moves = [bool(part.any()) for part in G.abs().amax(0).split(sizes(sheet))]
    if all(moves) or not any(moves):
        return 1.0
    parts = [torch.full((n,), float(m), dtype=G.dtype) for n, m in zip(sizes(sheet), moves, strict=True)]
    return torch.cat(parts)
