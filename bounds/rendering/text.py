"""A statement for a terminal, in Unicode."""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_use_unicode
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from bounds.bound import Condition, Statement
from bounds.rendering.names import latex_names, unicode_name, unicode_symbols, used
from bounds.rendering.notation import parse
from bounds.rendering.notation import unicode as notation
from bounds.rendering.spelling import spelled


class _Printer(PrettyPrinter):
    """Sympy's printer, with min and max drawn around their arguments."""

    def _print_Min(self, e: sp.Min) -> prettyForm:
        return self._helper_print_function(e.func, e.args, func_name="min")

    def _print_Max(self, e: sp.Max) -> prettyForm:
        return self._helper_print_function(e.func, e.args, func_name="max")


def unicode(st: Statement) -> str:
    """Return the statement, the right-hand side drawn over several lines where it has fractions or roots."""
    right = _form(st, st.expression)
    if st.up_to_constant:
        return beside(f"{subject(st)} = ", prettyForm(*right.parens()).left("O"))
    sign = {r"\le": "≤", r"\ge": "≥", "=": "="}[st.relation]
    return beside(f"{subject(st)} {sign} ", right)


def plain(st: Statement) -> str:
    """Return the statement in one line of ASCII, its parts by their names."""
    sign = {r"\le": "<=", r"\ge": ">=", "=": "="}[st.relation]
    right = f"O({st.expression})" if st.up_to_constant else str(st.expression)
    return f"{spelled(subject(st))} {'=' if st.up_to_constant else sign} {right}"


def subject(st: Statement) -> str:
    """Return the left-hand side in one line."""
    return " ".join(notation(parse(st.subject)).split())


def definitions(st: Statement) -> list[str]:
    """Return the named parts, one equation each."""
    names = latex_names(st)
    return [beside(f"{unicode_name(names[d.symbol])} = ", _form(st, d.expression)) for d in st.where]


def condition(st: Statement, c: Condition) -> str:
    """Return one condition of the domain."""
    return beside(_form(st, c.left), f" {'<' if c.strict else '≤'} ", _form(st, c.right))


def _form(st: Statement, e: sp.Expr) -> prettyForm:
    return drawn(e, used(st, e))


@cache
def spelt(e: sp.Expr) -> str:
    """Return an expression in plain letters, as sympy writes it."""
    return str(e)


@cache
def drawn(e: sp.Expr, names: frozenset[tuple[sp.Symbol, str]]) -> prettyForm:
    """Return an expression drawn with its symbols as they are named."""
    settings = {"use_unicode": True, "wrap_line": False, "num_columns": 10**4}
    before = pretty_use_unicode(True)
    try:
        return _Printer(settings)._print(e.xreplace(unicode_symbols(names)))
    finally:
        pretty_use_unicode(before)


def beside(*pieces: object) -> str:
    """Put pieces of several lines next to each other, their base lines level."""
    forms = [piece if isinstance(piece, stringPict) else stringPict(*_tuple(piece)) for piece in pieces]
    whole = stringPict(*stringPict.next(*forms))
    return "\n".join(line.rstrip() for line in str(whole).splitlines())


def _tuple(piece: object) -> tuple[object, ...]:
    return piece if isinstance(piece, tuple) else (piece,)
