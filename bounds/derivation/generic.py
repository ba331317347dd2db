"""Generic values of the parameters, at which a bound must be tight: no two alike, and none special.

Where a bound is the smaller of two, both regimes are given, so that it must be tight in each. A step that names no
points of its own is tried at these values, as far as its hypotheses allow them (see :mod:`bounds.derivation.smt`).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy import Integer, Rational

from bounds.errors import InputError
from bounds.symbols import (
    QUANTITIES,
    B,
    B_prime,
    D,
    D_beta,
    D_h,
    D_in,
    D_o,
    D_test,
    Delta,
    K,
    L,
    M,
    Own,
    R,
    alpha,
    beta,
    bias,
    c,
    d,
    defined,
    delta,
    epsilon,
    error,
    gradient,
    m,
    mean_norm,
    n_tasks,
    outer_norm,
    phi,
    point_norm,
    probe_gradient,
    probe_length,
    probe_norm,
    rho,
    rounding,
    sigma,
    sigma_H,
    sigma_tilde,
    theta,
    variance,
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
    B: Integer(7),
    K: Integer(11),
    Delta: Integer(13),
    epsilon: Rational(2, 3),
    beta: Rational(1, 9),
    c: Rational(1, 5),
    theta: Rational(4, 5),
    M: Rational(13, 2),
    R: Integer(8),
    m: Rational(5, 3),
    n_tasks: Integer(17),
    phi: Rational(7, 4),
    gradient: Rational(9, 2),
    d: Integer(3),
    bias: Rational(3, 7),
    variance: Rational(12, 5),
    error: Rational(5, 7),
}
ANYWHERE: tuple[Point, ...] = ({},)
"""For a step that is tight somewhere, but not in general: no values at all."""


def is_parameter(symbol: sp.Symbol) -> bool:
    """Whether a symbol is a quantity of the theory or a named part; others only a derivation talks about."""
    known = QUANTITIES.get(symbol.name)
    return (
        isinstance(symbol, Own)
        or (known is not None and known.symbol == symbol)
        or defined(symbol.name) == symbol
    )


def value(symbol: sp.Symbol) -> sp.Expr:
    """Return the generic value of a parameter; parts that are not listed have one that their name decides.

    Raises
    ------
    InputError
        When the symbol is no parameter.
    """
    if symbol in BASE:
        return BASE[symbol]
    if not is_parameter(symbol):
        allowed = "has no generic value: it is neither a quantity of the theory nor a named part"
        raise InputError(
            "points", symbol.name, allowed, "give its value, {symbol: Rational(2, 3)}, or leave it free"
        )
    return Rational(5 + sum(symbol.name.encode()) % 23, 7)


def values(symbol: sp.Symbol) -> tuple[sp.Expr, ...]:
    """Return the generic values to try: for a quantity of a statement's own also smaller ones and a larger one."""
    usual = value(symbol)
    scales = (1, Rational(1, 8), Rational(1, 64), 8) if isinstance(symbol, Own) else (1,)
    return tuple(usual * scale for scale in scales)


def at(*symbols: sp.Symbol, **changes: object) -> Point:
    """Return the generic values of some parameters, with some of them changed by name."""
    return {s: sp.sympify(changes[s.name]) if s.name in changes else value(s) for s in symbols}
