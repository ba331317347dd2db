"""Expressions as JavaScript on intervals: what comes out encloses the exact value, however the floats round.

The text calls ``add, sub, mul, div, square, power, root, least, most`` and ``exactly``, which
:data:`RUNTIME` defines.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, reduce
from pathlib import Path

import sympy as sp

RUNTIME = Path(__file__).with_name("intervals.js")
"""Intervals in JavaScript: every end is moved outwards by a float after each operation."""


@cache
def code(e: sp.Expr) -> str:
    """Return an expression as calls of interval functions.

    Raises
    ------
    ValueError
        When it has something that the intervals do not know.
    """
    e = sp.sympify(e)
    if e.is_Symbol:
        return str(e.name)
    if e.is_Integer:
        return f"exactly({e})"
    if e.is_Rational:
        return f"div(exactly({e.p}), exactly({e.q}))"
    if e.is_Pow:
        return _power(e.base, e.exp)
    names = {sp.Add: "add", sp.Mul: "mul", sp.Min: "least", sp.Max: "most"}
    if e.func not in names:
        raise ValueError(f"intervals do not know {e.func.__name__}")
    return _sum(e) if e.is_Add else _product(e) if e.is_Mul else _chain(names[e.func], map(code, e.args))


def _chain(name: str, parts: Iterable[str]) -> str:
    return reduce(lambda left, right: f"{name}({left}, {right})", parts)


def _sum(e: sp.Add) -> str:
    """Subtract what has a negative factor: that is exact, as a product with -1 is not in outward floats."""
    plus = [term for term in e.args if not term.could_extract_minus_sign()]
    minus = [-term for term in e.args if term.could_extract_minus_sign()]
    total = _chain("add", map(code, plus)) if plus else "exactly(0)"
    return reduce(lambda left, term: f"sub({left}, {code(term)})", minus, total)


def _product(e: sp.Mul) -> str:
    over, under = sp.fraction(e)
    if under != 1:
        return f"div({code(over)}, {code(under)})"
    return _chain("mul", map(code, e.args))


def _power(base: sp.Expr, exponent: sp.Expr) -> str:
    if exponent.is_negative or exponent.could_extract_minus_sign():
        return f"div(exactly(1), {code(base**-exponent)})"
    if base == 2 and not exponent.is_number:
        return f"doubled({code(exponent)})"
    if exponent == sp.Rational(1, 2):
        return f"root({code(base)})"
    if exponent == 2:
        return f"square({code(base)})"
    if exponent.is_Integer:
        return f"power({code(base)}, {exponent})"
    if exponent.is_Rational and exponent.q == 2:
        return f"mul({_power(base, exponent - sp.Rational(1, 2))}, root({code(base)}))"
    raise ValueError(f"intervals do not know the power {exponent}")
