"""Python functions from formulas.

Like ``sympy.lambdify`` with named parts, except that each expression is printed once and shared by all functions
that use it: a recommendation compiles some twenty functions of the same parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import sympy as sp
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pycode import MpmathPrinter, PythonCodePrinter

if TYPE_CHECKING:
    from bounds.bound import Definition

Kind = Literal["float", "array", "interval"]
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


def function(
    arguments: Sequence[sp.Symbol],
    definitions: Sequence[Definition],
    body: Body,
    kind: Kind,
    names: Mapping[str, Any],
) -> Callable[..., Any]:
    """Return the function ``arguments -> body`` (a list for a tuple), its parts defined one by one.

    ``names`` gives what the code calls: ``sqrt``, ``min`` and so on, for the numbers of the kind.
    """
    lines = [f"    {code(d.symbol, kind)} = {code(d.expression, kind)}" for d in definitions]
    whole = [code(e, kind) for e in body] if isinstance(body, tuple) else code(body, kind)
    result = f"[{', '.join(whole)}]" if isinstance(whole, list) else whole
    head = f"def compiled({', '.join(code(symbol, kind) for symbol in arguments)}):"
    scope = dict(names)
    exec("\n".join([head, *lines, f"    return {result}"]), scope)
    return scope["compiled"]


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


@cache
def float_names() -> Mapping[str, Any]:
    """Return what float code calls."""
    return vars(math) | {"min": min, "max": max}


@cache
def array_names() -> Mapping[str, Any]:
    """Return what array code calls."""
    import numpy as np

    return vars(np) | {"reduce": reduce}
