"""The theory with a statement replaced by an altered copy: what the claims then compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sympy as sp

from bounds import evaluation, statement
from bounds.bound import Statement

Change = Callable[[Statement], Statement]
NEARLY_NOTHING = sp.Rational(1, 10**9)


@contextmanager
def believed(original: Statement, change: Change) -> Iterator[None]:
    """Let everybody who holds or asks for a statement get an altered one.

    Rooms hold the statement itself, so it is the statement that changes, in place, and changes back.
    """
    own, altered = dict(vars(original)), vars(change(original))
    try:
        _become(original, altered)
        yield
    finally:
        _become(original, own)


def _become(st: Statement, fields: dict[str, Any]) -> None:
    """Put other fields into a statement, and forget what was compiled of it (a cache knows it by identity)."""
    vars(st).clear()
    vars(st).update(fields)
    for kept in vars(evaluation).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


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
