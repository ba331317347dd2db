"""Numbers from formulas: floats, arrays and outward-rounded enclosures, all from the same expression."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import sympy as sp

from bounds import arithmetic
from bounds.arithmetic import ComplexResult, Formula, Kind
from bounds.codegen import Body, formula
from bounds.errors import DomainError
from bounds.given import NEUTRAL
from bounds.occurring import symbols_of
from bounds.symbols import QUANTITIES

if TYPE_CHECKING:
    from bounds.bound import Statement


@cache
def number(statement: Statement) -> Callable[..., Any]:
    """Compile the right-hand side; the arguments come in the order of ``statement.symbols``.

    Where the formula has no real value, an array has NaN, and a single number raises ``DomainError``.
    """
    scalar = _extended(statement, statement.expression)

    def evaluate(*values: Any) -> Any:
        if any(getattr(value, "ndim", 0) for value in values):
            return _compiled(statement, statement.expression, "array")(*values)
        return scalar(*map(float, values))

    return evaluate


def value(statement: Statement, values: Mapping[str, Any]) -> Any:
    """Return the right-hand side inside the domain; raise ``DomainError`` where one has no real value."""
    if not any(getattr(one, "ndim", 0) for one in values.values()):
        return number(statement)(*values.values())
    import numpy as np

    with np.errstate(invalid="ignore"):
        found = number(statement)(*values.values())
    unreal = np.isnan(found)
    if unreal.any():
        *given, unreal = np.broadcast_arrays(*values.values(), unreal)
        unreal = unreal & np.isfinite(given).all(axis=0)
        if unreal.any():
            raise _without(statement, "real", [float(one[unreal][0]) for one in given])
    return found


def _extended(statement: Statement, body: Body) -> Callable[..., Any]:
    """Compile for floats; where a constant is 0 and something over it infinite, the limit, as arrays have it.

    The smaller of a number and something over 0 is the number. What has no finite or no real limit there raises.
    """
    scalar = _compiled(statement, body, "float")

    def evaluate(*values: float) -> Any:
        try:
            found = scalar(*values)
        except ZeroDivisionError:
            return _limit(statement, body, values, "finite")
        except (ValueError, TypeError):
            return _limit(statement, body, values, "real")
        if complex in map(type, found if isinstance(found, list) else (found,)):
            return _limit(statement, body, values, "real")
        return found

    return evaluate


def _limit(statement: Statement, body: Body, values: tuple[float, ...], kind: str) -> Any:
    import numpy as np

    with np.errstate(all="ignore"):
        found = _compiled(statement, body, "array")(*map(np.float64, values))
    if not np.isfinite(found).all():
        raise _without(statement, kind if np.isnan(found).any() else "finite", values)
    return [float(one) for one in found] if isinstance(body, tuple) else float(found)


def _without(statement: Statement, kind: str, values: Iterable[float]) -> DomainError:
    """Return the refusal of a point without a value: named by its zeros where these are what makes it infinite."""
    point = dict(zip(statement.symbols, values, strict=True))
    zeros = {name: value for name, value in point.items() if value == 0}
    if zeros and kind == "finite":
        names = ", ".join(zeros)
        return DomainError(names, 0.0, f"{statement.name} has no finite value at {names} = 0")
    told = ", ".join(f"{name} = {value:.6g}" for name, value in point.items())
    return DomainError(statement.name, math.nan, f"it has no {kind} value at {told}")


@cache
def conditions(statement: Statement) -> Callable[..., list[float]]:
    """Compile both sides of every condition of the domain, in order."""
    return _extended(statement, sides_of(statement))


@cache
def scalars(
    where: tuple, names: tuple[str, ...], expressions: tuple[sp.Expr, ...]
) -> Callable[..., list[float]]:
    """Compile several expressions that share definitions into one fast function of floats."""
    return of_names(where, names, expressions, "float").function


@cache
def arrays(
    where: tuple, names: tuple[str, ...], expressions: tuple[sp.Expr, ...]
) -> Callable[..., list[Any]]:
    """Compile the same into one function of arrays."""
    return of_names(where, names, expressions, "array").function


def of_names(where: tuple, names: tuple[str, ...], expressions: tuple[sp.Expr, ...], kind: Kind) -> Formula:
    """Return several expressions that share definitions as one function of these quantities."""
    return _formula([QUANTITIES[name].symbol for name in names], where, expressions, kind)


def of_statement(statement: Statement, body: Body, kind: Kind) -> Formula:
    """Return an expression, or a tuple of them, of a statement as a function of all its quantities, in order."""
    symbols = [statement.vocabulary[name].symbol for name in statement.symbols]
    return _formula(symbols, statement.where, body, kind)


def needed_definitions(where: tuple, expressions: Iterable[sp.Expr]) -> tuple:
    """Return the definitions that the expressions use, directly or through each other, in order."""
    wanted = {symbol for expression in expressions for symbol in symbols_of(expression)}
    kept = []
    for definition in reversed(where):
        if definition.symbol in wanted:
            wanted |= symbols_of(definition.expression)
            kept.append(definition)
    return tuple(reversed(kept))


def parts(statement: Statement, values: Mapping[str, float]) -> dict[str, float]:
    """Return the value of every named part of the formula."""
    symbols = tuple(definition.symbol for definition in statement.where)
    numbers = _extended(statement, symbols)(*values.values())
    return {symbol.name: value for symbol, value in zip(symbols, numbers, strict=True)}


def enclosure(statement: Statement, values: Mapping[str, float]) -> tuple[float, float]:
    """Evaluate in interval arithmetic with outward rounding; the ends are floats, rounded outwards too.

    Raises
    ------
    DomainError
        Where the formula is not real, or may not be: it is nowhere cut off to its real part.
    """
    compiled = _compiled(statement, statement.expression, "interval")
    try:
        return arithmetic.enclosure(compiled, values)
    except (ComplexResult, TypeError) as error:
        raise _without(statement, "real", values.values()) from error


def require_everywhere(statement: Statement, values: Mapping[str, Any]) -> None:
    """Check the domain for arrays of values; name the first condition that fails anywhere."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        sides = _compiled(statement, sides_of(statement), "array")(*values.values())
    for condition, left, right in zip(statement.domain, sides[::2], sides[1::2], strict=True):
        holds = np.asarray(condition.holds(np.asarray(left), np.asarray(right)))
        if not holds.all():
            first = float(np.broadcast_to(left, holds.shape)[~holds][0])
            raise DomainError(condition.name, first, f"{statement.name} needs {condition}")


def inside(statement: Statement, values: Mapping[str, Any]) -> Any:
    """Return the right-hand side for arrays of values, NaN where a value is not allowed or a condition fails."""
    import numpy as np

    found = (values[name] if name in values else NEUTRAL[name] for name in statement.symbols)
    given = np.broadcast_arrays(*(np.asarray(value, float) for value in found), np.zeros(1))
    symbols = given[:-1]
    with np.errstate(all="ignore"):
        sides = _compiled(statement, sides_of(statement), "array")(*symbols)
        right = _compiled(statement, statement.expression, "array")(*symbols)
        allowed = [(value >= 0) & np.isfinite(value) for value in symbols]
        allowed += [
            one > 0
            for name, one in zip(statement.symbols, symbols, strict=True)
            if name in statement.positive
        ]
        held = [c.holds(*pair) for c, *pair in zip(statement.domain, sides[::2], sides[1::2], strict=True)]
    whole = np.all(np.broadcast_arrays(*allowed, *held, np.ones(given[-1].shape, bool)), axis=0)
    return np.where(whole, right, np.nan)


def sides_of(statement: Statement) -> tuple[sp.Expr, ...]:
    """Return both sides of every condition of the domain, in order."""
    return tuple(side for condition in statement.domain for side in (condition.left, condition.right))


@cache
def _compiled(statement: Statement, body: Body, kind: Kind) -> Callable[..., Any]:
    return of_statement(statement, body, kind).function


def _formula(symbols: list[sp.Symbol], where: tuple, body: Body, kind: Kind) -> Formula:
    needed = needed_definitions(where, body if isinstance(body, tuple) else (body,))
    return formula(symbols, needed, body, kind)
