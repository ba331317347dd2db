"""The worst ratio of left side to right side: random instances first, then a hill climb from the worst ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bounds.bound import Statement
from bounds.errors import InputError

Values = Mapping[str, float]
ZERO = 1e-12


@dataclass(frozen=True)
class Measured:
    """What an instance shows: the left side, and the values at which the right side is taken."""

    left: float
    values: Values


@dataclass(frozen=True)
class Probe:
    """A family of instances, each given by ``size`` real numbers."""

    size: int
    measure: Callable[[np.ndarray], Measured | None]


@dataclass(frozen=True)
class Worst:
    """The worst ratio that was seen (at most 1 when the statement holds), and over how many instances."""

    ratio: float
    instances: int


def ratio(st: Statement, found: Measured | None) -> float:
    """Return left/right, oriented so that at most 1 means that the statement holds; -inf outside the domain."""
    if found is None:
        return -math.inf
    try:
        right = float(st(**found.values))
    except (InputError, ZeroDivisionError, OverflowError, ValueError):
        return -math.inf
    return oriented(found.left, right, st.relation)


def oriented(left: float, right: float, relation: str) -> float:
    """Return how much of the right side the left side uses, for <=, >= and =."""
    if relation == r"\ge":
        left, right = -left, -right
    if right == 0:
        return 0.0 if abs(left) <= ZERO else math.inf
    if relation == "=":
        return math.inf if not (abs(left - right) <= 1e-9 * max(abs(left), abs(right), ZERO * 1e3)) else 1.0
    if right > 0:
        return max(left, 0.0) / right
    return right / left if left < 0 else math.inf


def worst(
    probe: Probe, score: Callable[[Measured | None], float], seed: int = 0, effort: float = 1.0
) -> Worst:
    """Search with a seeded generator; ``effort`` scales the number of instances."""
    rng = np.random.default_rng(seed)
    starts = [rng.standard_normal(probe.size) for _ in range(int(150 * effort))]
    scores = [_safe(score(probe.measure(start))) for start in starts]
    seen, best = len(starts), max(scores)
    for index in (*np.argsort(scores)[-3:], *range(3)):
        point, value, step = starts[index], scores[index], 0.5
        for _ in range(int(120 * effort)):
            trial = point + step * rng.standard_normal(probe.size) * (rng.random(probe.size) < 0.5)
            found = _safe(score(probe.measure(trial)))
            seen += 1
            point, value, step = (trial, found, step * 1.3) if found > value else (point, value, step * 0.93)
        best = max(best, value)
    return Worst(float(best), seen)


def _safe(value: float) -> float:
    return math.inf if math.isnan(value) else value


def logistic(u: float) -> float:
    """Map a real number into (0.001, 1): far enough from zero for differences not to drown in round-off."""
    return float(0.001 + 0.9985 * 0.5 * (1 + math.tanh(u)))
