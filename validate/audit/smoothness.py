"""Does the loss of a module have a Lipschitz Hessian? Jumps of gradients and of their derivatives."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

import torch
from torch import Tensor

from validate.audit.defects import Defect, defect
from validate.audit.network import Network, NetworkSheet
from validate.audit.sheet import Sheet
from validate.tolerance import norm

PLACES = 96
HALVINGS = 22
LEFT = 0.02
"""What must be left of a gap after 22 halvings for it to be a jump; of a smooth one it is a four-millionth."""


@dataclass(frozen=True)
class Jumps:
    """Jumps along a line: how many, and the largest relative to the vector that jumps."""

    gradient: int
    hessian: int
    largest: float


def of_module(network: Network | None, sheet: Sheet, buffers: Set[str], noisy: bool) -> Iterator[Defect]:
    """Say in which way the loss of a module is none that the theory speaks of."""
    if buffers:
        told = f"after a step {', '.join(sorted(buffers)[:4])} are others than before"
        yield defect("stateful-buffers", told)
    if network is None or not network.own or noisy or not isinstance(sheet, NetworkSheet):
        return
    found = jumps(sheet)
    if found.gradient or found.hessian:
        what, count = ("gradient", found.gradient) if found.gradient else ("Hessian", found.hessian)
        told = f"on a line through the weights the {what} jumps at {count} of {PLACES} places"
        yield defect("kinks", f"{told}, by up to {found.largest:.2g} of itself")


def jumps(sheet: NetworkSheet) -> Jumps:
    """Look for jumps on the way between two of a sheet's points, for one batch."""
    a, b = sheet.w[0], sheet.w[1]
    gradient, largest = _line(sheet, a, 3 * (b - a), hessian=False)
    if gradient:
        return Jumps(gradient, 0, largest)
    hessian, larger = _line(sheet, a, 3 * (b - a), hessian=True)
    return Jumps(0, hessian, max(largest, larger))


def _line(sheet: NetworkSheet, a: Tensor, way: Tensor, *, hessian: bool) -> tuple[int, float]:
    def at(t: Tensor) -> Tensor:
        points = a + t[:, None] * way
        return _vectors(sheet, points, way if hessian else None)

    ends = torch.linspace(-1, 1, PLACES + 1, dtype=torch.float64)
    low, high = ends[:-1], ends[1:]
    below, above = at(low), at(high)
    first = norm(above - below)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        value = at(middle)
        lower = norm(value - below) > norm(above - value)
        low, high = torch.where(lower, low, middle), torch.where(lower, middle, high)
        below = torch.where(lower[:, None], below, value)
        above = torch.where(lower[:, None], value, above)
    gap, size = norm(above - below), norm(below).mean().clamp(min=1e-300)
    jump = (gap > LEFT * first) & (gap > 1e-6 * size)
    return int(jump.sum()), float((gap * jump).max() / size)


def _vectors(sheet: NetworkSheet, points: Tensor, way: Tensor | None) -> Tensor:
    x, y = sheet.data["in"][0][0]
    many = {"in": [[(x, y)] for _ in points]}
    line = NetworkSheet(sheet.network, points, torch.ones(len(points)), many)
    start = line.start
    if way is None:
        return line.batch_gradient(start, "in")[:, 0]
    return line.batch_hessian_vector(start, way.expand_as(start), "in")[:, 0]
