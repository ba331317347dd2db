"""Formulas as Python text, and the numbers that it computes with: floats, arrays, outward-rounded intervals.

Nothing here knows where a text comes from, so that one that was stored needs no computer algebra.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from typing import Any, Literal

from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import ComplexResult

__all__ = ["ComplexResult", "Formula", "Kind", "enclosure"]

Kind = Literal["float", "array", "interval"]


@dataclass(frozen=True)
class Formula:
    """A function as Python text.

    Attributes
    ----------
    kind : {"float", "array", "interval"}
        What it computes with.
    names : tuple of str
        Its arguments, in order.
    lines : tuple of str
        ``part = expression``, one named part after the other.
    result : str
        What is returned: an expression, or a list of them.
    """

    kind: Kind
    names: tuple[str, ...]
    lines: tuple[str, ...]
    result: str

    @property
    def text(self) -> str:
        """The function as Python."""
        body = (*self.lines, f"return {self.result}")
        return "\n    ".join((f"def compiled({', '.join(self.names)}):", *body))

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The function itself."""
        scope = dict(_CALLED[self.kind]())
        exec(self.text, scope)
        return scope["compiled"]

    def of(self, values: Mapping[str, Any]) -> Any:
        """Return what it gives at values, of which those of its arguments are taken."""
        return self.function(*(values[name] for name in self.names))


def enclosure(function: Callable[..., Any], values: Mapping[str, Any]) -> tuple[float, float]:
    """Return the ends of what a function of intervals gives at numbers, as floats that are rounded outwards.

    Raises
    ------
    ComplexResult, TypeError
        Where it is not real, or may not be: it is nowhere cut off to its real part.
    """
    context = _context()
    result = _real(context, function(*(context.mpf(value) for value in values.values())))
    return _outward(context, result.a, -math.inf), _outward(context, result.b, math.inf)


@cache
def _of_floats() -> Mapping[str, Any]:
    return vars(math) | {"min": min, "max": max}


@cache
def _of_arrays() -> Mapping[str, Any]:
    import numpy as np

    return vars(np) | {"reduce": reduce}


@cache
def _of_intervals() -> Mapping[str, Any]:
    context = _context()
    functions = {name: getattr(context, name) for name in ("mpf", "sqrt", "exp", "log", "cos", "sin", "pi")}
    return functions | {"min": _least, "max": _most}


_CALLED = {"float": _of_floats, "array": _of_arrays, "interval": _of_intervals}
"""What the text of each kind may call."""


@cache
def _context() -> MPIntervalContext:
    context = MPIntervalContext()
    context.prec = 106
    return context


def _real(context: MPIntervalContext, value: Any) -> Any:
    """Return a value as an interval; what is complex would lose its imaginary part."""
    if isinstance(value, context.mpc):
        raise ComplexResult("a complex number has no interval")
    return context.mpf(value)


def _least(*values: Any) -> Any:
    context = _context()
    intervals = [_real(context, value) for value in values]
    return context.mpf([min(v.a for v in intervals).a, min(v.b for v in intervals).b])


def _most(*values: Any) -> Any:
    context = _context()
    intervals = [_real(context, value) for value in values]
    return context.mpf([max(v.a for v in intervals).a, max(v.b for v in intervals).b])


def _outward(context: MPIntervalContext, end: Any, towards: float) -> float:
    value = float(end.mid)
    exact = context.mpf(value)
    inside = exact.a <= end.a if towards < 0 else exact.b >= end.b
    return value if inside else math.nextafter(value, towards)
