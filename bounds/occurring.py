"""Which symbols occur in an expression, looked for once: theorems share their parts."""

from __future__ import annotations

from functools import cache

import sympy as sp


@cache
def symbols_of(expression: sp.Expr) -> frozenset[sp.Symbol]:
    """Return the free symbols of an expression."""
    return frozenset(expression.free_symbols)
