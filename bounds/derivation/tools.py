"""Small tools that the proofs share."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import Claim, eq
from bounds.derivation.step import TIGHTER, Axiom, Step

Items = tuple[Step | Axiom, ...]
Why = Callable[[sp.Expr, Statement], Items]
"""Why a part is what it is, for its expression as it stands."""
Proof = Callable[[Statement], Items]
"""From what a statement follows, as it stands."""
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


def hypotheses(st: Statement, *names: str) -> tuple[Claim, ...]:
    """Return conditions of the statement's own domain as hypotheses; all of them without names."""
    chosen = [c for c in st.domain if not names or c.name in names]
    return tuple(Claim(c.left, c.right, "<" if c.strict else "<=") for c in chosen)


def identity(name: str, left: object, right: object) -> Step:
    """Return the step that two expressions are the same."""
    return Step(name, eq(left, right), method="identity")
