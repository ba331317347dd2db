"""Numbers as people give them: typed (0.1, 1e-3, 1/6), or as objects of any numeric type.

No text makes a number that takes long to build, and no number is too large to be looked at.
"""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

LARGEST = 2**63 - 1
"""Counts and seeds fit a machine's integer."""
MOST_STEPS = 10
"""Inner gradient steps, at most."""


def real(text: str) -> float:
    """Return the number or fraction that was typed; ValueError when it is none, or divides by zero."""
    above, _, below = text.partition("/")
    divisor = float(below) if below.strip() else 1.0
    if divisor == 0:
        raise ValueError(f"{text!r} divides by zero")
    return float(above) / divisor


def integer(text: str) -> int:
    """Return the integer that was typed; ValueError when it is none, or does not fit 64 bits."""
    if len(text) > 40:
        raise ValueError("too long for an integer of 64 bits")
    value = int(text)
    if abs(value) > LARGEST:
        raise ValueError("does not fit 64 bits")
    return value


def finite(value: object) -> float | None:
    """Return a value as a finite float; None when it is no number, not finite, or beyond a float's range."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def counted(value: object, least: int = 1) -> int | None:
    """Return a value as an integer in ``least..LARGEST``; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        return None
    number = int(value)
    return number if least <= number <= LARGEST else None


def quantity(value: Any) -> Any:
    """Return a value as formulas compute with it; None when it is neither a number nor an array of numbers.

    A whole number stays one, any other number is the float next to it (infinity and NaN are left to whoever asks);
    a list or tuple of numbers is an array.
    """
    if isinstance(value, list | tuple):
        return _array(value)
    if hasattr(value, "ndim") and hasattr(value, "dtype"):
        if getattr(value.dtype, "kind", "f") not in "iuf":
            return None
        return value if value.ndim else value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return int(value) if isinstance(value, Integral) else number


def _array(values: list[Any] | tuple[Any, ...]) -> Any:
    import numpy as np

    try:
        made = np.asarray(values)
    except ValueError:
        return None
    return made if made.size and made.dtype.kind in "iuf" else None
