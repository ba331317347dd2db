"""Numbers from formulas: floats, arrays and outward-rounded enclosures, all from the same expression."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext

from bounds.errors import DomainError
from bounds.symbols import QUANTITIES

if TYPE_CHECKING:
    from bounds.bound import Statement

_FLOAT = [{"Min": min, "Max": max, "min": min, "max": max}, "math"]


@cache
def number(statement: Statement) -> Callable[..., Any]:
    """Compile the right-hand side; the arguments come in the order of ``statement.symbols``."""
    scalar = _compile(statement, statement.expression, _FLOAT)

    def evaluate(*values: Any) -> Any:
        if any(getattr(value, "ndim", 0) for value in values):
            return _compile(statement, statement.expression, "numpy")(*values)
        return scalar(*map(float, values))

    return evaluate


@cache
def conditions(statement: Statement) -> Callable[..., list[float]]:
    """Compile both sides of every condition of the domain, in order."""
    return _compile(statement, _sides(statement), _FLOAT)


@cache
def scalars(
    where: tuple, names: tuple[str, ...], expressions: tuple[sp.Expr, ...]
) -> Callable[..., list[float]]:
    """Compile several expressions that share definitions into one fast function of floats."""
    needed = needed_definitions(where, expressions)
    return _lambdify([QUANTITIES[name].symbol for name in names], list(expressions), needed, _FLOAT)


def needed_definitions(where: tuple, expressions: Iterable[sp.Expr]) -> tuple:
    """Return the definitions that the expressions use, directly or through each other, in order."""
    wanted = {symbol for expression in expressions for symbol in expression.free_symbols}
    kept = []
    for definition in reversed(where):
        if definition.symbol in wanted:
            wanted |= definition.expression.free_symbols
            kept.append(definition)
    return tuple(reversed(kept))


def parts(statement: Statement, values: Mapping[str, float]) -> dict[str, float]:
    """Return the value of every named part of the formula."""
    symbols = [definition.symbol for definition in statement.where]
    numbers = _compile(statement, symbols, _FLOAT)(*values.values())
    return {symbol.name: value for symbol, value in zip(symbols, numbers, strict=True)}


def enclosure(statement: Statement, values: Mapping[str, float]) -> tuple[float, float]:
    """Evaluate in interval arithmetic with outward rounding; the ends are floats, rounded outwards too."""
    context = _interval_context()
    function = _compile(statement, statement.expression, _interval_modules())
    result = context.mpf(function(*(context.mpf(value) for value in values.values())))
    return _outward(context, result.a, -math.inf), _outward(context, result.b, math.inf)


def require_everywhere(statement: Statement, values: Mapping[str, Any]) -> None:
    """Check the domain for arrays of values; name the first condition that fails anywhere."""
    import numpy as np

    sides = _compile(statement, _sides(statement), "numpy")(*values.values())
    for condition, left, right in zip(statement.domain, sides[::2], sides[1::2], strict=True):
        holds = np.asarray(condition.holds(np.asarray(left), np.asarray(right)))
        if not holds.all():
            raise DomainError(
                condition.name, f"{(~holds).sum()} values", f"{statement.name} needs {condition}"
            )


def _sides(statement: Statement) -> list[sp.Expr]:
    return [side for condition in statement.domain for side in (condition.left, condition.right)]


@cache
def _compiled(statement: Statement, expression: Any, modules: str) -> Callable[..., Any]:
    chosen = {"float": _FLOAT, "numpy": "numpy", "interval": None}[modules] or _interval_modules()
    symbols = [QUANTITIES[name].symbol for name in statement.symbols]
    body = list(expression) if isinstance(expression, tuple) else expression
    needed = needed_definitions(statement.where, body if isinstance(body, list) else [body])
    return _lambdify(symbols, body, needed, chosen)


def _compile(statement: Statement, expression: Any, modules: Any) -> Callable[..., Any]:
    kind = "numpy" if modules == "numpy" else "float" if modules is _FLOAT else "interval"
    return _compiled(statement, tuple(expression) if isinstance(expression, list) else expression, kind)


def _lambdify(symbols: list[sp.Symbol], body: Any, where: tuple, modules: Any) -> Callable[..., Any]:
    definitions = [(definition.symbol, definition.expression) for definition in where]
    return sp.lambdify(symbols, body, modules=modules, cse=lambda expressions: (definitions, expressions))


@cache
def _interval_context() -> MPIntervalContext:
    context = MPIntervalContext()
    context.prec = 106
    return context


def _interval_modules() -> list[Any]:
    context = _interval_context()
    own = {
        "mpf": context.mpf,
        "sqrt": context.sqrt,
        "exp": context.exp,
        "log": context.log,
        "cos": context.cos,
        "sin": context.sin,
        "Min": _interval_min,
        "Max": _interval_max,
        "min": _interval_min,
        "max": _interval_max,
    }
    return [own, "mpmath"]


def _interval_min(*values: Any) -> Any:
    context = _interval_context()
    intervals = [context.mpf(value) for value in values]
    return context.mpf([min(v.a for v in intervals).a, min(v.b for v in intervals).b])


def _interval_max(*values: Any) -> Any:
    context = _interval_context()
    intervals = [context.mpf(value) for value in values]
    return context.mpf([max(v.a for v in intervals).a, max(v.b for v in intervals).b])


def _outward(context: MPIntervalContext, end: Any, towards: float) -> float:
    value = float(end.mid)
    exact = context.mpf(value)
    inside = exact.a <= end.a if towards < 0 else exact.b >= end.b
    return value if inside else math.nextafter(value, towards)
