"""A statement as presentation MathML."""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

from bounds.bound import Condition, Statement
from bounds.rendering.names import latex_names, used
from bounds.rendering.notation import mathml as notation
from bounds.rendering.notation import parse

_OPEN = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'


class _Printer(MathMLPresentationPrinter):
    """Sympy's printer, with the symbols as they are written and min and max as upright words."""

    def __init__(self, names: dict[sp.Symbol, str]) -> None:
        super().__init__({"mul_symbol": "\u2062"})
        self._names = names

    def _print_Symbol(self, symbol: sp.Symbol, style: str = "plain") -> object:
        from xml.dom.minidom import parseString

        return parseString(notation(parse(self._names[symbol]))).documentElement

    def _extremum(self, e: sp.Expr, word: str) -> object:
        row = self.dom.createElement("mrow")
        name = self.dom.createElement("mi")
        name.setAttribute("mathvariant", "normal")
        name.appendChild(self.dom.createTextNode(word))
        row.appendChild(name)
        row.appendChild(self._mark("{"))
        for place, part in enumerate(e.args):
            if place:
                row.appendChild(self._mark(","))
            row.appendChild(self._print(part))
        row.appendChild(self._mark("}"))
        return row

    def _mark(self, text: str) -> object:
        mark = self.dom.createElement("mo")
        mark.appendChild(self.dom.createTextNode(text))
        return mark

    def _print_exp(self, e: sp.exp) -> object:
        power = self.dom.createElement("msup")
        base = self.dom.createElement("mi")
        base.appendChild(self.dom.createTextNode("e"))
        power.appendChild(base)
        power.appendChild(self._print(e.args[0]))
        return power

    def _print_Min(self, e: sp.Min) -> object:
        return self._extremum(e, "min")

    def _print_Max(self, e: sp.Max) -> object:
        return self._extremum(e, "max")


def mathml(st: Statement) -> str:
    """Return the statement in one display: subject, relation, right-hand side."""
    right = expression(st, st.expression)
    if st.up_to_constant:
        right = f"<mi>O</mi><mo>(</mo>{right}<mo>)</mo>"
    relation = "=" if st.up_to_constant or st.relation == "=" else {r"\le": "≤", r"\ge": "≥"}[st.relation]
    return wrapped(f"{notation(parse(st.subject))}<mo>{relation}</mo>{right}")


def expression(st: Statement, e: sp.Expr) -> str:
    """Return an expression of the statement, without the outer element."""
    return written(e, used(st, e))


@cache
def written(e: sp.Expr, names: frozenset[tuple[sp.Symbol, str]]) -> str:
    """Return an expression with its symbols as they are named, without the outer element."""
    found = _Printer(dict(names))._print(e)
    return str(found.toxml()).replace("<mo>-</mo>", "<mo>−</mo>")


def definitions(st: Statement) -> list[str]:
    """Return the named parts, one equation each."""
    names = latex_names(st)
    return [
        wrapped(f"{notation(parse(names[d.symbol]))}<mo>=</mo>{expression(st, d.expression)}")
        for d in st.where
    ]


def condition(st: Statement, c: Condition) -> str:
    """Return one condition of the domain."""
    sign = "&lt;" if c.strict else "≤"
    return wrapped(f"{expression(st, c.left)}<mo>{sign}</mo>{expression(st, c.right)}")


def symbol(latex: str) -> str:
    """Return one symbol."""
    return wrapped(notation(parse(latex)), inline=True)


def wrapped(inside: str, inline: bool = False) -> str:
    """Return a formula with its outer element, on a line of its own or not."""
    outer = _OPEN.replace(' display="block"', "") if inline else _OPEN
    return f"{outer}<mrow>{inside}</mrow></math>"
