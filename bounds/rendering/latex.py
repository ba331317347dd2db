"""A statement as LaTeX."""

from __future__ import annotations

from functools import cache

import sympy as sp

from bounds.bound import Condition, Statement
from bounds.rendering.names import latex_names, used


def latex(st: Statement) -> str:
    """Return the statement in one display: subject, relation, right-hand side."""
    big_o = rf"O\left({expression(st, st.expression)}\right)"
    right = big_o if st.up_to_constant else expression(st, st.expression)
    relation = "=" if st.up_to_constant else st.relation
    return f"{st.subject} {relation} {right}"


def expression(st: Statement, e: sp.Expr) -> str:
    """Return an expression of the statement, with its symbols as they are written."""
    return written(e, used(st, e))


@cache
def written(e: sp.Expr, names: frozenset[tuple[sp.Symbol, str]]) -> str:
    """Return an expression with its symbols as they are named."""
    return str(sp.latex(e, symbol_names=dict(names)))


def definitions(st: Statement) -> list[str]:
    """Return the named parts, one equation each."""
    names = latex_names(st)
    return [f"{names[d.symbol]} = {expression(st, d.expression)}" for d in st.where]


def condition(st: Statement, c: Condition) -> str:
    """Return one condition of the domain."""
    return f"{expression(st, c.left)} {'<' if c.strict else chr(92) + 'le'} {expression(st, c.right)}"
