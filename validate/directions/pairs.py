"""Two looks on either side of w, as far away: what a central difference is taken over."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from validate.directions.asking import Block, Look
from validate.tolerance import DIRECTION_ROUNDINGS, norm

NEAR = 0.1
"""How far the middle of two probes may be from w, as a part of their length."""


def probing(block: Block, looks: Sequence[Look], u: float) -> list[int]:
    """Return the looks that have a partner on the other side of w, as far away; the last first.

    What is nearer to w than the unit round-off u can tell is w itself, rounded, and no probe. Of looks of one
    kind at the same points, as code that goes task by task has them, the last one stands for all.
    """
    w, found, same = block.w.unsqueeze(-2), [], _same(looks)
    for k in _last(same):
        way = norm(looks[k].points.double() - w)
        if not bool((way > rounded(block, u)).double().mean() > 0.5):
            continue
        for other in dict.fromkeys(same[:k]):
            middle = norm(looks[k].points.double() + looks[other].points.double() - 2 * w)
            if bool((middle <= NEAR * way + DIRECTION_ROUNDINGS * u * norm(w)).double().mean() > 0.5):
                found.append(k)
                break
    return found


def _same(looks: Sequence[Look]) -> list[int]:
    """Return for every look the number of the first one of its kind at the same points."""
    first: dict[object, int] = {}
    return [first.setdefault(_identity(look), number) for number, look in enumerate(looks)]


def _last(same: Sequence[int]) -> list[int]:
    """Return the last of the looks of each kind at the same points, the last first."""
    return sorted({first: k for k, first in enumerate(same)}.values(), reverse=True)


def _identity(look: Look) -> object:
    points = look.points.double()
    return look.kind, points.shape, points.numpy().tobytes()


def lost(block: Block, looks: Sequence[Look], u: float) -> Tensor:
    """Return the rows in which two gradients are taken so near to w that the unit round-off u blurs the way."""
    w, found, same = block.w.unsqueeze(-2), torch.zeros(len(block.w), dtype=torch.bool), _same(looks)
    for k in _last(same):
        way = norm(looks[k].points.double() - w)
        near = (way > 0) & (way <= rounded(block, u))
        for other in dict.fromkeys(same[:k]):
            apart = norm(looks[k].points.double() - looks[other].points.double())
            if looks[k].kind == looks[other].kind == "gradient":
                found |= (near & (apart > way)).any(-1)
    return found


def lengths(block: Block, look: Look) -> Tensor:
    """Return how far from w a gradient was taken, ``(rows, B, 1)``; NaN where it was taken at w, or none was."""
    way = norm(look.points.double() - block.w.unsqueeze(-2)).expand(block.tasks.shape).unsqueeze(-1)
    return torch.where((way > 0) & (look.kind == "gradient"), way, torch.nan)


def rounded(block: Block, u: float) -> Tensor:
    """Return how far from w a point may lie that is w after rounding, ``(rows, 1)``. Unit W."""
    return DIRECTION_ROUNDINGS * u * norm(block.w).unsqueeze(-1)
