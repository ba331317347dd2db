"""When an inequality holds in floats."""

from __future__ import annotations

from typing import Any

ROUNDING = 1e-14
"""By how much, relatively, one side may exceed the other before that counts: round-off."""
STRICT = 1e-12
"""By how much, relatively, a search stays away from where a strict inequality fails."""


def holds(left: Any, right: Any, strict: bool = False) -> Any:
    """Decide ``left <= right``, of floats or arrays; equality up to rounding counts unless strict; NaN fails."""
    if strict:
        return left < right
    return left <= right + ROUNDING * (abs(left) + abs(right))
