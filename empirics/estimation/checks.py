"""Numbers that a user gives to what is estimated, checked in one place."""

from __future__ import annotations

import math
from typing import Any

from bounds.errors import InputError
from bounds.reading import counted, finite


def positive(name: str, value: Any) -> None:
    """Raise InputError when a value is no finite number > 0."""
    if not ((finite(value) or 0.0) > 0):
        raise InputError(name, value, "must be a finite number > 0")


def whole(name: str, value: Any) -> None:
    """Raise InputError when a value is no whole number >= 1."""
    if counted(value) is None:
        raise InputError(name, value, "must be a whole number >= 1")


def seconds(value: Any) -> None:
    """Raise InputError when a time is no number > 0; it may be infinite."""
    if not (isinstance(value, int | float) and value > 0 and not math.isnan(value)):
        raise InputError("seconds", value, "must be a number > 0")
