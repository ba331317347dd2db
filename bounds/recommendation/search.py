"""Search for the cheapest parameters with real-valued batch sizes: pattern search on a log scale."""

from __future__ import annotations

import math
from collections.abc import Iterable

from bounds.recommendation.model import Values
from bounds.recommendation.priced import Problem

COARSE = 0.02

Direction = tuple[tuple[str, int], ...]
JOINT: tuple[Direction, ...] = (
    (("fraction", 1), ("B", 1)),
    (("B", 1), ("D_in", -1)),
    (("B", 1), ("D_o", -1)),
    (("D_in", 1), ("D_o", -1)),
    (("B_prime", 1), ("D_beta", -1)),
)


def _joint(problem: Problem) -> tuple[Direction, ...]:
    """Where B cannot exceed the number of tasks, the samples of each task go along with the step instead."""
    if problem.model.n_tasks is None:
        return JOINT
    samples = tuple((name, 1) for name in ("D_in", "D_o", "D_h") if name in problem.free)
    return (
        *JOINT,
        (("fraction", 1), *samples),
        (("fraction", 1), ("D_o", 1)),
        (("B", 1), *_against(samples)),
    )


def _against(direction: Direction) -> Direction:
    return tuple((name, -sign) for name, sign in direction)


def descend(
    problem: Problem,
    start: Values,
    only: Iterable[str] | None = None,
    tolerance: float = 2e-3,
    sweeps: int = 400,
    first: float = 1.0,
) -> Values:
    """Search on the logarithms after Hooke and Jeeves: single moves, joint moves, then the whole last sweep."""
    names = set(start if only is None else only) & set(start)
    singles: list[Direction] = [((name, 1),) for name in start if name in names]
    joint = [direction for direction in _joint(problem) if {name for name, _ in direction} <= names]
    steps = dict.fromkeys(singles + joint, first)
    best, value = dict(start), problem.price(start)
    for _ in range(sweeps):
        before = best
        for direction in steps:
            best, value, steps[direction] = _probe(problem, best, value, direction, steps[direction])
        best, value = _pattern(problem, before, best, value)
        if not (max(steps.values(), default=0.0) >= tolerance):
            break
    return best


def _probe(
    problem: Problem, point: Values, value: float, direction: Direction, step: float
) -> tuple[Values, float, float]:
    for signed in (-step, step):
        moved = {name: problem.clip(name, point[name] * math.exp(sign * signed)) for name, sign in direction}
        trial = {**point, **moved}
        if trial == point:
            continue
        price = problem.price(trial)
        if price < value:
            return trial, price, min(2 * step, 8.0)
    return point, value, step / 2.5


def _pattern(problem: Problem, before: Values, after: Values, value: float) -> tuple[Values, float]:
    for power in (2.0, 1.0) if before != after else ():
        trial = {
            name: problem.clip(name, after[name] * (after[name] / before[name]) ** power) for name in after
        }
        price = problem.price(trial)
        if price < value:
            return trial, price
    return after, value
