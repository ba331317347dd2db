"""What a step keeps between calls: the same question again, with the same seeds, other seeds, other beta."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from validate.audit.asking import Asker, Call
from validate.audit.sheet import Sheet
from validate.tolerance import DIRECTION_ROUNDINGS, SINGLE

EQUAL = 1e-3
"""Spread of the numbers of a step that is Adam's first, relative to their size."""
DECAYS = (0.0, 0.01)
"""Weight decay beside such a step: none, and AdamW's own."""


@dataclass(frozen=True)
class Repeats:
    """What three equal calls, and one with another seed, have shown.

    Attributes
    ----------
    memory : float
        A call moves by its own direction and this many times the last call's; 0 for none.
    drift : tuple of float
        The second and the third answer over the first, along it.
    random, steady, explained : bool
        Whether another seed gives another answer; the same gives the same; ``memory`` says why not.
    signs : bool
        Whether all numbers of the first step are of one size, as Adam's.
    """

    memory: float = 0.0
    drift: tuple[float, float] = (1.0, 1.0)
    random: bool = False
    steady: bool = True
    explained: bool = True
    signs: bool = False


def repeat(asker: Asker, sheet: Sheet, declared: float) -> Repeats:
    """Ask one question three times, and once with another seed."""
    calls = [asker.ask(sheet, 0) for _ in range(3)]
    moves = undone(calls, declared)
    other = undone([*calls, asker.ask(sheet, 0, seed=1)], declared)[3]
    signs = _signs(calls[0])
    first = moves[0]
    steady = all(same(first, m, calls[0]) for m in moves[1:])
    if steady:
        return Repeats(random=not same(first, other, calls[0]), signs=signs)
    drift = tuple(float(m @ first / (first @ first)) for m in moves[1:])
    parallel = all(same(c * first, m, calls[0]) for c, m in zip(drift, moves[1:], strict=True))
    mu = drift[0] - 1
    explained = parallel and mu > 0 and abs(drift[1] - (1 + mu + mu * mu)) < 1e-4 * (1 + drift[1])
    return Repeats(mu if explained else 0.0, (drift[0], drift[1]), False, False, explained, signs)


def undone(calls: Sequence[Call], memory: float) -> list[Tensor]:
    """Return the direction of each call, the part of the calls before it taken away."""
    last = torch.zeros_like(calls[0].moved)
    found = []
    for call in calls:
        way = call.moved / call.beta
        found.append(way - memory * last if memory and last.shape == way.shape else way)
        last = way
    return found


def same(a: Tensor, b: Tensor, call: Call) -> bool:
    """Whether two directions differ by round-off alone."""
    size = float(a.norm()) + float(b.norm()) + 2 * float(call.sheet.w[call.row].norm())
    return float((a - b).norm()) <= DIRECTION_ROUNDINGS * max(call.unit, SINGLE / 16) * size


def moves_equally(calls: Sequence[Call]) -> bool:
    """Whether the first three calls moved the weights by the same."""
    first = calls[0].moved
    return all(float((call.moved - first).norm()) <= 1e-6 * float(first.norm()) for call in calls[:3])


def _signs(call: Call) -> bool:
    """Whether all numbers of a first step are of one size, apart from decay as AdamW has it."""
    w = call.sheet.w[call.row]
    return any(_equal((call.moved - decay * call.beta * w).abs()) for decay in DECAYS)


def _equal(sizes: Tensor) -> bool:
    return bool((sizes.max() - sizes.min() <= EQUAL * sizes.max()) & (sizes.max() > 0)) and len(sizes) > 2


@dataclass(frozen=True)
class Outside:
    """How the step depends on beta.

    Attributes
    ----------
    kind : {"affine", "ignored", "power", "other"}
    offset : Tensor
        What it moves at beta = 0, shape (d,).
    power : float
        Of beta, where it is a power.
    """

    kind: str
    offset: Tensor
    power: float = 1.0
    moves: tuple[float, ...] = field(default=())

    @property
    def shifted(self) -> bool:
        """Whether it moves at beta = 0."""
        return bool(self.offset.abs().max() > 0)


def outside(asker: Asker, sheet: Sheet, memory: float) -> Outside:
    """Ask one question with beta = 1, 1/2 and 1/4."""
    calls = [asker.ask(sheet, 0, beta) for beta in (1.0, 1.0, 0.5, 0.25)]
    moves = [d * c.beta for d, c in zip(undone(calls, memory), calls, strict=True)][1:]
    one, half, quarter = moves
    none = torch.zeros_like(one)
    sizes = tuple(float(m.norm()) for m in moves)
    if same(one / 2, half, calls[0]) and same(one / 4, quarter, calls[0]):
        return Outside("affine", none, moves=sizes)
    if same(one, half, calls[0]) and same(one, quarter, calls[0]):
        return Outside("ignored", none, 0.0, sizes)
    for power in (2.0, 3.0, 0.5, -1.0):
        if same(one * 0.5**power, half, calls[0]) and same(one * 0.25**power, quarter, calls[0]):
            return Outside("power", none, power, sizes)
    offset = 2 * half - one
    if same(offset + (one - offset) / 4, quarter, calls[0]):
        return Outside("affine", offset, moves=sizes)
    return Outside("other", none, moves=sizes)
