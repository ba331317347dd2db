"""What a parameter may be: one place, used at construction by every family."""

from __future__ import annotations

import math
from typing import Any

from bounds.errors import InputError
from bounds.reading import counted, finite

SMALLEST, LARGEST = 1e-100, 1e100
"""Sizes between which squares and ratios of parameters stay numbers."""


def number(
    name: str,
    value: Any,
    least: float = 0.0,
    most: float = math.inf,
    open_below: bool = False,
    open_above: bool = True,
    remedy: str = "",
) -> float:
    """Return ``value`` as a finite float in ``[least, most)``, or raise InputError.

    Parameters
    ----------
    name, value
        The argument as the user knows it, and what was given.
    least, most : float
        Ends of the allowed range.
    open_below, open_above : bool
        Whether that end itself is excluded.
    remedy : str
        What to do about it, for the message.
    """
    allowed = f"must be a finite number {'>' if open_below else '>='} {least:g}"
    if most < math.inf:
        allowed += f" and {'<' if open_above else '<='} {most:g}"
    given = finite(value)
    if given is None:
        raise InputError(name, value, allowed, remedy)
    if given != 0 and not (SMALLEST <= abs(given) <= LARGEST):
        size = f"must be 0 or between {SMALLEST:g} and {LARGEST:g} in size, so that its square is a number"
        raise InputError(name, value, size, "measure in other units")
    above = given > least if open_below else given >= least
    below = given < most if open_above else given <= most
    if not (above and below):
        raise InputError(name, value, allowed, remedy)
    return given


def positive(name: str, value: Any, remedy: str = "") -> float:
    """Return ``value`` as a finite float > 0, or raise InputError."""
    return number(name, value, open_below=True, remedy=remedy)


def count(name: str, value: Any, least: int = 1, multiple_of: int = 1) -> int:
    """Return ``value`` as an integer >= ``least``, a multiple of ``multiple_of``, or raise InputError."""
    allowed = f"must be an integer >= {least}" + (f", a multiple of {multiple_of}" if multiple_of > 1 else "")
    number = counted(value, least)
    if number is None or number % multiple_of:
        raise InputError(name, value, f"{allowed}, of at most 64 bits")
    return number


def flag(name: str, value: Any) -> bool:
    """Return ``value`` if it is True or False, or raise InputError."""
    if not isinstance(value, bool):
        raise InputError(name, value, "must be true or false")
    return value


def step(alpha: Any, L: float) -> float:
    """Return the inner step if it is in ``(0, 1/L]``, or raise InputError."""
    return number("alpha", alpha, most=1 / L, open_below=True, open_above=False, remedy=f"1/L is {1 / L:g}")
