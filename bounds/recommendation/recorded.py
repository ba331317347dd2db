"""The least batch sizes that the paper's own conditions ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bounds.errors import InputError
from bounds.holding import ROUNDING, holds
from bounds.kit.facts import Theorem


def least_batches(theorem: Theorem, values: Mapping[str, float]) -> dict[str, float]:
    """Return the least whole number of each batch size that a recorded condition speaks of."""
    return {name: float(max(1, _whole(least))) for name, least in _needed(theorem, values).items()}


def require_recorded(
    algorithm: str, theorem: Theorem, values: Mapping[str, float], fixed: Mapping[str, int]
) -> None:
    """Raise ``InputError`` when a given batch size breaks a condition of the paper."""
    for name, least in _needed(theorem, values).items():
        if name in fixed and not holds(least, fixed[name]):
            needs = f"the paper's theory of {algorithm} needs {theorem.needs[name]} <= {name}"
            advice = f"give {name} >= {_whole(least)}, leave it out, or use theory sharp"
            raise InputError(name, fixed[name], needs, advice)


def _whole(least: float) -> int:
    return math.ceil(least * (1 - ROUNDING))


def _needed(theorem: Theorem, values: Mapping[str, float]) -> dict[str, float]:
    return dict(zip(theorem.needs, theorem.least.of(values), strict=True))
