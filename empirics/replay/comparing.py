"""Whether a thing is still what it was, by kind of thing; each function returns a check to be made at any time."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Iterable, Mapping
from operator import is_
from typing import Any

import numpy as np
from torch import Tensor

ABSENT = object()
"""Stands for what is not there."""
Check = Callable[[], bool]


def tensor(value: Tensor) -> Check:
    """Compare where a tensor's numbers are, its layout, and how often they were written in place."""

    def state() -> tuple[Any, ...]:
        grad = id(value.grad) if value.is_leaf else 0
        return (value._version, value.data_ptr(), value.shape, value.stride(), value.requires_grad, grad)

    seen = state()
    return lambda: state() == seen


def array(value: np.ndarray) -> Check:
    """Compare all bytes of an array."""
    seen = (value.shape, value.dtype, value.tobytes())
    return lambda: (value.shape, value.dtype, value.tobytes()) == seen


def items(value: Collection[Any]) -> Check:
    """Compare the members of a sequence, each by identity."""
    seen = list(value)
    return lambda: len(value) == len(seen) and all(map(is_, value, seen))


def members(value: Collection[Any]) -> Check:
    """Compare the members of a set."""
    seen = frozenset(value)
    return lambda: value == seen


def size(value: Collection[Any]) -> Check:
    """Compare how many there are."""
    seen = len(value)
    return lambda: len(value) == seen


def entries(value: Mapping[Any, Any], names: Iterable[Any]) -> Check:
    """Compare what lies under some names, by identity; under some there may be nothing."""
    get, wanted = value.get, list(names)
    absent = [ABSENT] * len(wanted)
    seen = [get(name, ABSENT) for name in wanted]
    return lambda: all(map(is_, map(get, wanted, absent), seen))


def code(value: types.FunctionType) -> Check:
    """Compare a function's instructions and defaults."""
    seen = (value.__code__, value.__defaults__, value.__kwdefaults__)
    return lambda: all(map(is_, seen, (value.__code__, value.__defaults__, value.__kwdefaults__)))


def cell(value: types.CellType) -> Check:
    """Compare what a function closes over."""
    seen = contents(value)
    return lambda: contents(value) is seen


def state(value: Any) -> Check:
    """Compare an object's class, the dictionary of its attributes, and its slots."""
    kind, known, names = type(value), vars(value), slots(value)
    seen = [getattr(value, name, ABSENT) for name in names]

    def same() -> bool:
        own = (getattr(value, name, ABSENT) for name in names)
        return type(value) is kind and vars(value) is known and all(map(is_, own, seen))

    return same


def contents(value: types.CellType) -> Any:
    """Return what is in a cell."""
    try:
        return value.cell_contents
    except ValueError:
        return ABSENT


def slots(value: Any) -> list[str]:
    """Return the names of an object's slots."""
    found: list[str] = []
    for kind in type(value).__mro__:
        named = vars(kind).get("__slots__", ())
        found += [named] if isinstance(named, str) else list(named)
    return [name for name in found if name not in ("__dict__", "__weakref__")]
