"""Small tools that the derivations share."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from bounds.bound import Statement
from bounds.catalogue import statement
from bounds.derivation.claim import Claim
from bounds.derivation.step import TIGHTER

LOOSER = 1 + TIGHTER


def var(name: str) -> sp.Symbol:
    """Return a positive quantity that only a derivation talks about."""
    return sp.Symbol(name, positive=True)


def free(name: str) -> sp.Symbol:
    """Return a quantity of any sign."""
    return sp.Symbol(name)


def parts(st: Statement) -> Mapping[str, sp.Expr]:
    """Return the named parts of a statement as it stands."""
    return {definition.symbol.name: definition.expression for definition in st.where}


def unfolded(st: Statement, expression: sp.Expr | None = None) -> sp.Expr:
    """Return the right-hand side (or another expression) with every named part written out."""
    whole = st.expression if expression is None else expression
    for definition in reversed(st.where):
        whole = whole.subs(definition.symbol, definition.expression)
    return whole


def formula(name: str) -> sp.Expr:
    """Return the right-hand side of another statement, to build on."""
    return statement(name).expression


def hypotheses(st: Statement, *names: str) -> tuple[Claim, ...]:
    """Return conditions of the statement's own domain as hypotheses; all of them without names."""
    chosen = [c for c in st.domain if not names or c.name in names]
    return tuple(Claim(c.left, c.right, "<" if c.strict else "<=") for c in chosen)


def defining(st: Statement, *names: str) -> tuple[Claim, ...]:
    """Return the statement's own definitions of the named parts as hypotheses."""
    return tuple(Claim(d.symbol, d.expression, "=") for d in st.where if d.symbol.name in names)
