"""A statement as a JavaScript function of an object of numbers; terms and factors in Python's order.

The same order, and squares as products, so that both languages round alike: a search that compares prices takes
the same turns in both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from functools import cache

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from bounds.bound import Definition, Statement
from bounds.evaluation import needed_definitions


class _Printer(JavascriptCodePrinter):
    """Sympy's printer; a square is a product, which is rounded once."""

    def _print_Pow(self, e: sp.Pow) -> str:
        if e.exp == 2:
            base = self.parenthesize(e.base, sp.printing.precedence.PRECEDENCE["Mul"] + 1)
            return f"({base}*{base})"
        return str(super()._print_Pow(e))


_PRINTER = _Printer({"order": "none"})


def javascript(st: Statement) -> str:
    """Return ``function NAME(values) {...}``; outside the domain it returns null."""
    lines = [f"  const {{{', '.join(st.symbols)}}} = values;"]
    lines += [f"  const {d.symbol.name} = {code(d.expression)};" for d in st.where]
    tests = [f"({code(c.left)} {'<' if c.strict else '<='} {_slack(c.right, c.strict)})" for c in st.domain]
    if tests:
        lines.append(f"  if (!({' && '.join(tests)})) return null;")
    lines.append(f"  return {code(st.expression)};")
    return f"function {function_name(st.name)}(values) {{\n" + "\n".join(lines) + "\n}"


def _slack(right: sp.Expr, strict: bool) -> str:
    """Equality up to rounding counts, as it does in Python, unless the condition is strict."""
    return code(right) if strict else f"({code(right)}) * (1 + 2e-14)"


@cache
def code(e: sp.Expr) -> str:
    """Return an expression as JavaScript."""
    return str(_PRINTER.doprint(sp.sympify(e)))


def arrow(
    where: tuple[Definition, ...],
    expressions: Iterable[sp.Expr],
    write: Callable[[sp.Expr], str] = code,
    read: str = "",
) -> str:
    """Return ``values => [...]``, several expressions that share definitions, as a function of an object.

    Parameters
    ----------
    where : tuple of Definition
        The definitions that may be used; those that are not are left out.
    expressions : iterable of sympy.Expr
    write : callable
        From an expression to JavaScript: on floats, or on intervals.
    read : str
        Name of a function that every value goes through first; none when empty.
    """
    wanted = [sp.sympify(e) for e in expressions]
    needed = needed_definitions(where, wanted)
    own = {d.symbol for d in needed}
    used = {s for e in (*wanted, *(d.expression for d in needed)) for s in e.free_symbols} - own
    names = sorted(symbol.name for symbol in used)
    lines = [
        f"const {name} = {read}(values.{name});" if read else f"const {name} = values.{name};"
        for name in names
    ]
    lines += [f"const {d.symbol.name} = {write(d.expression)};" for d in needed]
    return f"values => {{ {' '.join(lines)} return [{', '.join(map(write, wanted))}]; }}"


def function_name(name: str) -> str:
    """Return a name that JavaScript accepts."""
    return re.sub(r"\W", "_", name)


def module(statements: list[Statement]) -> str:
    """Return all functions, and a table of them by the statements' names."""
    functions = "\n".join(javascript(st) for st in statements)
    table = ", ".join(f"{json.dumps(st.name)}: {function_name(st.name)}" for st in statements)
    return f"{functions}\nconst STATEMENTS = {{{table}}};"
