"""How each symbol of a statement is written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import sympy as sp

from bounds.rendering.notation import parse, unicode

if TYPE_CHECKING:
    from bounds.bound import Statement


def latex_names(st: Statement) -> Mapping[sp.Symbol, str]:
    """Return the LaTeX of every symbol: those of the theory, then those that the statement defines."""
    own = {q.symbol: q.latex for q in st.vocabulary.values()}
    return own | {d.symbol: d.latex or default_name(d.symbol.name) for d in st.where}


def default_name(name: str) -> str:
    """Return how a name without LaTeX of its own is written: from its first underscore on as an index."""
    stem, _, index = name.partition("_")
    stem = stem if len(stem) == 1 or not stem.isalpha() else rf"\mathrm{{{stem}}}"
    return f"{stem}_{{\\mathrm{{{index.replace('_', ' ')}}}}}" if index else stem


def used(st: Statement, e: sp.Expr) -> frozenset[tuple[sp.Symbol, str]]:
    """Return the symbols of one expression with their LaTeX, hashable."""
    names = latex_names(st)
    return frozenset((s, names[s]) for s in e.free_symbols)


@cache
def unicode_name(latex: str) -> str:
    """Return a symbol's LaTeX as Unicode."""
    return unicode(parse(latex))


def unicode_symbols(names: frozenset[tuple[sp.Symbol, str]]) -> dict[sp.Symbol, sp.Symbol]:
    """Return symbols renamed for a terminal, with the assumptions kept."""
    return {s: sp.Symbol(unicode_name(tex), **s.assumptions0) for s, tex in names}
