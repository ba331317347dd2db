"""The theory with a statement replaced by an altered copy: what the claims then compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import sympy as sp

from bounds import statement
from bounds.bound import Statement

Change = Callable[[Statement], Statement]
NEARLY_NOTHING = sp.Rational(1, 10**9)


@contextmanager
def believed(name: str, change: Change) -> Iterator[None]:
    """Let everybody who holds or asks for a statement of this name get the altered one.

    Rooms hold the statement itself, so it is the statement that changes, in place, and changes back.
    """
    original = statement(name)
    own, altered = dict(vars(original)), vars(change(original))
    try:
        vars(original).clear()
        vars(original).update(altered)
        yield
    finally:
        vars(original).clear()
        vars(original).update(own)


def times(factor: object) -> Change:
    """Multiply the right-hand side."""
    return lambda st: replace(st, expression=sp.sympify(factor) * st.expression)


def instead(expression: object) -> Change:
    """Put another right-hand side in place of a statement's."""
    return lambda st: replace(st, expression=sp.sympify(expression))


def as_in(name: str) -> Change:
    """Put the right-hand side of another statement in place of a statement's."""
    return lambda st: replace(st, expression=statement(name).expression, where=statement(name).where)


def with_(quantities: dict[sp.Symbol, sp.Expr]) -> Change:
    """Put other quantities in place of some, in the right-hand side and its parts: a wrong exponent."""

    def change(st: Statement) -> Statement:
        parts = (replace(part, expression=part.expression.subs(quantities)) for part in st.where)
        return replace(st, expression=st.expression.subs(quantities), where=tuple(parts))

    return change


def without(*quantities: sp.Symbol) -> Change:
    """Set quantities to (almost) nothing: a missing term."""
    return with_({quantity: NEARLY_NOTHING * quantity for quantity in quantities})
