"""A statement as a JavaScript function of an object of numbers."""

from __future__ import annotations

import json
import re
from functools import cache

import sympy as sp

from bounds.bound import Statement


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
    return str(sp.jscode(sp.sympify(e)))


def function_name(name: str) -> str:
    """Return a name that JavaScript accepts."""
    return re.sub(r"\W", "_", name)


def module(statements: list[Statement]) -> str:
    """Return all functions, and a table of them by the statements' names."""
    functions = "\n".join(javascript(st) for st in statements)
    table = ", ".join(f"{json.dumps(st.name)}: {function_name(st.name)}" for st in statements)
    return f"{functions}\nconst STATEMENTS = {{{table}}};"
