"""Units: every quantity is F^i W^j, F the unit of the objective and W the unit of the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import sympy as sp

from bounds.errors import UnitError
from bounds.occurring import symbols_of

__all__ = ["PURE", "Unit", "UnitError", "infer", "unit"]


class Unit(NamedTuple):
    """The unit F^F W^W with rational exponents."""

    F: sp.Rational
    W: sp.Rational

    def times(self, other: Unit) -> Unit:
        """Return the unit of a product."""
        return Unit(self.F + other.F, self.W + other.W)

    def power(self, exponent: sp.Rational) -> Unit:
        """Return the unit of a power."""
        return Unit(self.F * exponent, self.W * exponent)

    def __str__(self) -> str:
        parts = [f"{name}^{e}" if e != 1 else name for name, e in zip("FW", self, strict=True) if e != 0]
        return " ".join(parts) or "1"


def unit(F: object = 0, W: object = 0) -> Unit:
    """Build a unit from its exponents."""
    return Unit(sp.Rational(F), sp.Rational(W))


PURE = unit()


def infer(expression: sp.Expr, units: Mapping[sp.Symbol, Unit | None]) -> Unit | None:
    """Return the unit of an expression, given those of its symbols; None for zero, which has every unit.

    Raises
    ------
    UnitError
        When a sum, minimum, maximum or piecewise mixes units, or a function or exponent is not a pure number.
    """
    return _inferred(expression, frozenset((symbol, units[symbol]) for symbol in symbols_of(expression)))


@cache
def _inferred(expression: sp.Expr, known: frozenset[tuple[sp.Symbol, Unit | None]]) -> Unit | None:
    return _infer(expression, dict(known))


def _infer(expression: sp.Expr, units: Mapping[sp.Symbol, Unit | None]) -> Unit | None:
    if expression.is_Symbol:
        return units[expression]
    if expression == 0:
        return None
    if expression.is_Number or expression.is_NumberSymbol:
        return PURE
    parts = [_infer(part, units) for part in _parts(expression)]
    if expression.is_Mul:
        return _product(parts)
    if expression.is_Pow:
        return _power(expression, parts)
    if expression.is_Add or isinstance(expression, sp.Min | sp.Max | sp.Piecewise):
        return _same(expression, parts)
    return _same(expression, [*parts, PURE])


def _parts(expression: sp.Expr) -> list[sp.Expr]:
    if isinstance(expression, sp.Piecewise):
        return [value for value, _ in expression.args]
    return list(expression.args)


def _product(parts: list[Unit | None]) -> Unit | None:
    total = PURE
    for part in parts:
        if part is None:
            return None
        total = total.times(part)
    return total


def _power(expression: sp.Expr, parts: list[Unit | None]) -> Unit | None:
    if expression.exp.is_Rational:
        return None if parts[0] is None else parts[0].power(expression.exp)
    return _same(expression, [*parts, PURE])


def _same(expression: sp.Expr, parts: list[Unit | None]) -> Unit | None:
    found = {part for part in parts if part is not None}
    if len(found) > 1:
        raise UnitError(f"{expression} mixes the units {', '.join(sorted(map(str, found)))}")
    return found.pop() if found else None
