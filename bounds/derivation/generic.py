"""Generic values of the parameters, at which a bound must be tight: no two alike, and none special.

Where a bound is the smaller of two, both regimes are given, so that it must be tight in each.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy import Integer, Rational

from bounds.symbols import (
    B_prime,
    D,
    D_beta,
    D_h,
    D_in,
    D_o,
    D_test,
    L,
    alpha,
    defined,
    delta,
    mean_norm,
    outer_norm,
    point_norm,
    probe_gradient,
    probe_length,
    probe_norm,
    rho,
    rounding,
    sigma,
    sigma_H,
    sigma_tilde,
    y,
)

x, b, q, C1, C2, tau, D_M = map(defined, ("x", "b", "q", "C1", "C2", "tau", "D_M"))

Point = Mapping[sp.Symbol, sp.Expr]

BASE: Point = {
    L: Integer(2),
    alpha: Rational(1, 6),
    x: Rational(1, 3),
    rho: Integer(3),
    sigma: Integer(5),
    sigma_tilde: Integer(7),
    sigma_H: Rational(11, 10),
    D_in: Integer(4),
    D_o: Integer(3),
    D_h: Integer(5),
    D_test: Integer(9),
    D: Integer(6),
    D_M: Integer(8),
    D_beta: Integer(3),
    B_prime: Integer(2),
    mean_norm: Integer(4),
    outer_norm: Integer(3),
    probe_norm: Rational(3, 2),
    probe_gradient: Rational(7, 3),
    point_norm: Rational(4, 3),
    rounding: Rational(1, 100),
    delta: Rational(1, 4),
    probe_length: Rational(2, 5),
    tau: Rational(1, 3),
    b: Rational(1, 2),
    C2: Rational(3, 4),
    q: Rational(5, 4),
    C1: Rational(9, 4),
    y: Rational(7, 2),
}


def at(*symbols: sp.Symbol, **changes: object) -> Point:
    """Return the generic values of some parameters, with some of them changed by name."""
    point = {symbol: BASE[symbol] for symbol in symbols}
    return {symbol: sp.sympify(changes.get(symbol.name, value)) for symbol, value in point.items()}
