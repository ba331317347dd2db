"""The values that a statement is given: those of its own quantities, each a number or an array of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from bounds.errors import InputError
from bounds.reading import quantity

NEUTRAL = MappingProxyType({"damping": 1.0})
"""What a quantity is where no value is given for it."""


def chosen(name: str, symbols: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a statement's quantities, as formulas compute with them.

    Raises
    ------
    InputError
        When one is missing, or is neither a number nor an array of numbers, or two arrays do not fit together.
    """
    wanted = tuple(symbols)
    values = {**NEUTRAL, **{name: value for name, value in values.items() if value is not None}}
    missing = [symbol for symbol in wanted if values.get(symbol) is None]
    if missing:
        raise InputError(missing[0], None, f"{name} needs {', '.join(wanted)}")
    found = {symbol: quantity(values[symbol]) for symbol in wanted}
    for symbol, value in found.items():
        if value is None:
            raise InputError(
                symbol, values[symbol], f"{name} needs a finite number >= 0, or an array of them"
            )
    arrays = {symbol: value for symbol, value in found.items() if getattr(value, "ndim", 0)}
    if len(arrays) > 1:
        _require_one_shape(name, arrays)
    return found


def singles(name: str, symbols: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same where each has to be a single number."""
    found = chosen(name, symbols, values)
    for symbol, value in found.items():
        if getattr(value, "ndim", 0):
            raise InputError(symbol, values[symbol], f"{name} needs a single number >= 0 here, no array")
    return found


def _require_one_shape(name: str, arrays: Mapping[str, Any]) -> None:
    import numpy as np

    shapes = {symbol: tuple(value.shape) for symbol, value in arrays.items()}
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        told = ", ".join(f"{symbol} {shape}" for symbol, shape in shapes.items())
        symbol, value = next(iter(arrays.items()))
        raise InputError(
            symbol, value, f"{name} needs arrays whose shapes fit together, here {told}"
        ) from None
