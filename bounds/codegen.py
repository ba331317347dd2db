"""Python text from formulas.

Like ``sympy.lambdify`` with named parts, except that each expression is printed once and shared by all functions
that use it: a recommendation compiles some twenty functions of the same parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import sympy as sp
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pycode import MpmathPrinter, PythonCodePrinter

from bounds.arithmetic import Formula, Kind

if TYPE_CHECKING:
    from bounds.bound import Definition

Body: TypeAlias = Any
"""An expression, or a tuple of them."""
_SETTINGS = {"fully_qualified_modules": False, "inline": True, "order": "none"}
_WRITTEN = frozenset(
    {
        "abs", "amax", "amin", "array", "asarray", "equal", "greater", "greater_equal", "less", "less_equal",
        "logical_and", "logical_not", "logical_or", "max", "maximum", "min", "minimum", "mod", "mpf", "mpc",
        "not_equal", "nan", "reduce", "select", "sqrt", "where",
    }
)  # fmt: skip
"""What the printers call besides what they list."""
_PRINTERS = {"float": PythonCodePrinter, "array": NumPyPrinter, "interval": MpmathPrinter}


def formula(
    arguments: Sequence[sp.Symbol], definitions: Sequence[Definition], body: Body, kind: Kind
) -> Formula:
    """Return the function ``arguments -> body`` (a list for a tuple), its parts defined one by one."""
    lines = tuple(f"{code(d.symbol, kind)} = {code(d.expression, kind)}" for d in definitions)
    whole = [code(e, kind) for e in body] if isinstance(body, tuple) else code(body, kind)
    result = f"[{', '.join(whole)}]" if isinstance(whole, list) else whole
    return Formula(kind, tuple(code(symbol, kind) for symbol in arguments), lines, result)


@cache
def code(expression: sp.Expr, kind: Kind) -> str:
    """Print an expression as Python."""
    return str(_printer(kind).doprint(expression))


@cache
def _printer(kind: Kind) -> CodePrinter:
    return _PRINTERS[kind](_SETTINGS)


@cache
def called() -> frozenset[str]:
    """Return the names that printed code may call in any of the kinds."""
    tables = (
        t for kind in _PRINTERS for t in (_printer(kind).known_functions, _printer(kind).known_constants)
    )
    return _WRITTEN.union(str(name).rpartition(".")[2] for table in tables for name in table.values())
