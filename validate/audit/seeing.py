"""What the points at which the code took a loss say: its probes, its inner step, the tensors that it adapts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from validate.audit.asking import Call
from validate.audit.probes import Probe
from validate.audit.sheet import Look, Sheet
from validate.audit.walking import sizes

MOST = 24
"""Looks of a call that are read: what takes more is no algorithm of a few gradients."""
SAME = 4.0
"""Units of round-off within which two points are one."""


Pair = tuple[Look, Look]
Chooser = Callable[[Tensor, list[Look], float], "Pair | None"]


def places(call: Call, task: int) -> list[Look]:
    """Return the different points of one task, as they were first looked at."""
    found: list[Look] = []
    near = _near(call)
    for look in call.looks[:MOST]:
        point = look.point.double()
        if look.task == task and all(_far(point, p.point, near) or p.split != look.split for p in found):
            found.append(replace(look, point=point))
    return found


def probes(sheet: Sheet, calls: Sequence[Call]) -> list[tuple[str, Probe]]:
    """Return the probes that may have been taken, by where their middle is."""
    found = []
    for where, choose in CHOOSERS.items():
        kind = where if where in ("one-sided", "five-point") else "central"
        probe = _probe(sheet, calls, choose, kind)
        if probe is not None:
            found.append((where, probe))
    return found


def _probe(sheet: Sheet, calls: Sequence[Call], choose: Chooser, kind: str) -> Probe | None:
    plus, minus = sheet.start.clone(), sheet.start.clone()
    splits: list[tuple[str, str]] = []
    for call in calls:
        for i in range(sheet.B):
            pair = choose(sheet.w[call.row], places(call, i), _near(call))
            if pair is not None:
                plus[call.row, i], minus[call.row, i] = pair[0].point, pair[1].point
                splits.append((pair[0].split, pair[1].split))
    if len(splits) < 0.5 * len(calls) * sheet.B:
        return None
    return Probe(kind, plus, minus, max(set(splits), key=splits.count))


def _away(w: Tensor, seen: list[Look], near: float) -> list[Look]:
    return [p for p in seen if _far(p.point, w, near)]


def _about_start(w: Tensor, seen: list[Look], near: float) -> Pair | None:
    return _symmetric(seen, [w], near)


def _about_another(w: Tensor, seen: list[Look], near: float) -> Pair | None:
    return _symmetric(seen, [p.point for p in _away(w, seen, near)], near)


def _last_two(w: Tensor, seen: list[Look], near: float) -> Pair | None:
    others = _away(w, seen, near)
    if len(others) < 3 or not _far(others[-1].point, others[-2].point, near):
        return None
    return others[-2], others[-1]


def _one_sided(w: Tensor, seen: list[Look], near: float) -> Pair | None:
    others = _away(w, seen, near)
    if len(others) < 2:
        return None
    return others[-1], replace(others[-1], point=w)


def _one_sided_adapted(w: Tensor, seen: list[Look], near: float) -> Pair | None:
    others = _away(w, seen, near)
    if len(others) < 2 or not _far(others[-1].point, others[-2].point, near):
        return None
    return others[-1], replace(others[-1], point=others[-2].point)


def _five_point(w: Tensor, seen: list[Look], near: float) -> Pair | None:
    """Return the inner two of four points about the start, the outer two twice as far."""
    others = _away(w, seen, near)
    for p, q in combinations(others, 2):
        ends = (2 * p.point - w, 2 * q.point - w)
        about = not _far(p.point + q.point, 2 * w, 4 * near)
        if about and all(any(not _far(end, one.point, 4 * near) for one in others) for end in ends):
            return q, p
    return None


CHOOSERS: dict[str, Chooser] = {
    "five-point": _five_point,
    "start": _about_start,
    "elsewhere": _about_another,
    "nowhere": _last_two,
    "one-sided": _one_sided,
    "one-sided-elsewhere": _one_sided_adapted,
}


def _symmetric(seen: list[Look], centres: list[Tensor], near: float) -> Pair | None:
    for centre in centres:
        for p, q in combinations(reversed(seen), 2):
            apart = bool(_far(p.point, q.point, near))
            if apart and not _far(p.point + q.point, 2 * centre, 4 * near):
                return q, p
    return None


def adapted(sheet: Sheet, calls: Sequence[Call]) -> Iterator[tuple[int, int, Look]]:
    """Yield the first point away from the start of each row and task."""
    for call in calls:
        for i in range(sheet.B):
            others = _away(sheet.w[call.row], places(call, i), _near(call))
            if others:
                yield call.row, i, others[0]


def rate(sheet: Sheet, calls: Sequence[Call]) -> tuple[float, float] | None:
    """Return (x, y) where the first step is x + y alpha times the gradient; None where it is along another way."""
    g = sheet.gradient(sheet.start, "in")
    alphas, steps = [], []
    for row, i, place in adapted(sheet, calls):
        way, slope = sheet.w[row] - place.point, g[row, i]
        step = float(way @ slope / (slope @ slope).clamp(min=1e-200))
        if float((way - step * slope).norm()) <= 1e-4 * float(way.norm()) + 1e-6 * float(sheet.w[row].norm()):
            alphas.append([1.0, float(sheet.alpha[row])])
            steps.append(step)
    if len(steps) < 0.5 * len(calls):
        return None
    x, y = torch.linalg.lstsq(_doubles(alphas), _doubles(steps)[:, None]).solution[:, 0].tolist()
    return (0.0 if abs(x) < 1e-5 else x, 0.0 if abs(y) < 1e-5 else y)


def decay(sheet: Sheet, calls: Sequence[Call]) -> float:
    """Return how many times the weights are added to the gradient in the first step; 0 where that is not it."""
    g, found = sheet.gradient(sheet.start, "in"), []
    for row, i, place in adapted(sheet, calls):
        way = (sheet.w[row] - place.point) / sheet.alpha[row] - g[row, i]
        share = float(way @ sheet.w[row] / sheet.w[row].square().sum().clamp(min=1e-200))
        off = float((way - share * sheet.w[row]).norm())
        found.append(share if off <= 1e-4 * float(way.norm()) + 1e-6 * float(g[row, i].norm()) else 0.0)
    return sum(found) / len(found) if found and max(found) - min(found) < 1e-4 * abs(max(found)) else 0.0


def _doubles(values: list[Any]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def longest_step(sheet: Sheet, calls: Sequence[Call]) -> float:
    """Return the largest norm of a first step over alpha: where a clipped inner gradient is cut."""
    ways = [float((sheet.w[r] - p.point).norm() / sheet.alpha[r]) for r, _, p in adapted(sheet, calls)]
    return max(ways, default=0.0)


def moved(sheet: Sheet, calls: Sequence[Call]) -> tuple[bool, ...] | None:
    """Return which tensors the first step moves; None where it moves all, or none was seen."""
    found = torch.zeros(sheet.w.shape[-1], dtype=torch.bool)
    for row, _, place in adapted(sheet, calls):
        found |= (sheet.w[row] - place.point).abs() > 1e-7 * (1 + sheet.w[row].abs())
    parts = tuple(bool(part.any()) for part in found.split(sizes(sheet)))
    return None if all(parts) or not any(parts) else parts


def is_away(call: Call, point: Tensor) -> bool:
    """Whether a point is another than the start of a call."""
    return _far(point.double(), call.sheet.w[call.row], _near(call))


def _near(call: Call) -> float:
    return SAME * call.unit * (1 + float(call.sheet.w[call.row].norm()))


def _far(a: Tensor, b: Tensor, near: float) -> bool:
    return float((a - b).norm()) > near
