"""What kind of thing an argument is: refused where it enters when it is another, and told what to give instead.

What is asked of numbers is in :mod:`bounds.reading`; of constants and of plans, where these are.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import Any, TypeVar

from bounds.errors import InputError
from bounds.reading import counted

T = TypeVar("T")


def kind(
    argument: str, value: object, kinds: type[T] | tuple[type[T], ...], allowed: str, remedy: str = ""
) -> T:
    """Return what was given, where it is of a kind.

    Parameters
    ----------
    argument : str
        Name of the argument, as the user typed it.
    value : object
    kinds : type or tuple of types
    allowed, remedy : str
        What is allowed, and what to do about it: see :class:`~bounds.errors.InputError`.

    Raises
    ------
    InputError
        When it is of no such kind.
    """
    if not isinstance(value, kinds):
        raise InputError(argument, value, allowed, remedy)
    return value


def text(argument: str, value: object, allowed: str = "must be a string", remedy: str = "") -> str:
    """Return a string; raise InputError for anything else."""
    return kind(argument, value, str, allowed, remedy)


def flag(argument: str, value: object) -> bool:
    """Return True or False, numpy's too; raise InputError for anything else."""
    if isinstance(value, bool):
        return value
    if getattr(getattr(value, "dtype", None), "kind", "") == "b" and getattr(value, "ndim", 1) == 0:
        return bool(value)
    raise InputError(argument, value, "must be true or false")


def real(value: Any) -> Any:
    """Return a number, infinite or NaN too, one of an array without axes as well; None for anything else.

    An integer beyond a float's range is none.
    """
    single = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    if isinstance(single, bool) or not isinstance(single, Real):
        return None
    try:
        float(single)
    except OverflowError:
        return None
    return single


def count(argument: str, value: object, least: int = 1, multiple_of: int = 1, remedy: str = "") -> int:
    """Return an integer >= ``least``, a multiple of ``multiple_of``; raise InputError for anything else."""
    allowed = f"must be an integer >= {least}" + (f", a multiple of {multiple_of}" if multiple_of > 1 else "")
    number = counted(value, least)
    if number is None or number % multiple_of:
        raise InputError(argument, value, f"{allowed}, of at most 64 bits", remedy)
    return number


def probability(argument: str, value: object) -> float:
    """Return a number above 0 and below 1; raise InputError for anything else."""
    number = real(value)
    if number is None or not 0 < number < 1:
        raise InputError(argument, value, "must be in (0, 1)")
    return float(number)


def path(argument: str, value: object, allowed: str = "must be a path: a string or a Path") -> str:
    """Return a path as a string; raise InputError for what names no place on the disk."""
    found = os.fspath(value) if isinstance(value, os.PathLike) else value
    return kind(argument, found, str, allowed)


def mapping(argument: str, value: object, what: str, remedy: str = "") -> Mapping[Any, Any]:
    """Return a mapping; raise InputError for anything else: must map ``what``, "names to numbers"."""
    return kind(argument, value, Mapping, f"must map {what}", remedy)


def names(argument: str, value: object, remedy: str = "") -> tuple[str, ...]:
    """Return strings, each by itself; raise InputError for anything else, one string included."""
    allowed = "must be a list of names"
    return tuple(text(argument, one, allowed, remedy) for one in listed(argument, value, allowed, remedy))


def listed(argument: str, value: object, allowed: str, remedy: str = "") -> list[Any]:
    """Return what a list, a generator and the like hold; raise InputError for anything else, a string included."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        raise InputError(argument, value, allowed, remedy)
    return list(value)


def function(argument: str, value: object, *takes: str) -> Callable[..., Any]:
    """Return a function that takes so many arguments, by the names that they have here.

    Raises
    ------
    InputError
        When it cannot be called, is a class, or takes other arguments, where it says what it takes.
    """
    allowed = f"must be a function of ({', '.join(takes)})"
    if isinstance(value, type):
        raise InputError(argument, value, allowed, "it is a class")
    if not callable(value):
        raise InputError(argument, value, allowed)
    if told := _refusal(value, takes):
        raise InputError(argument, value, allowed, f"called with these: {told}")
    return value


def progress(value: object, *told: str) -> None:
    """Raise InputError for what cannot be told of progress: by default what is done, and what there is in all."""
    if value is not None:
        function("progress", value, *(told or ("done", "all")))


def _refusal(function: Callable[..., Any], takes: tuple[str, ...]) -> str:
    """Return why a function does not take so many arguments; empty where it does, or does not say."""
    try:
        known = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    try:
        known.bind(*takes)
    except TypeError as error:
        return str(error)
    return ""
