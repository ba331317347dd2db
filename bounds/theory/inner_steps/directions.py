r"""Bias and spread of MAML, FO-MAML and HF-MAML with N inner steps, each as R0, R1, v0, v1.

From two steps on MAML takes Hessians at noisy points: its bias is of order :math:`1/\sqrt{D_{\mathrm{in}}}` (the
part nu), and grows with y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.tools import Items, Why, identity
from bounds.symbols import D_o, defined, sigma, sigma_tilde, y
from bounds.theory import difference, directions
from bounds.theory.difference import eta, h2
from bounds.theory.directions import (
    A0,
    A1,
    B0,
    B1,
    OF_F,
    ROOT_MEAN_SQUARE,
    Part,
    at_zero,
    growth,
    left_of,
    v0,
    v1,
)
from bounds.theory.estimators import T, b
from bounds.theory.inner_steps.adaptation import batches, e_N, nu
from bounds.theory.inner_steps.products import distance, geometric, relation, up
from bounds.theory.matrices import UPPER, om, x

PLACE = 79

p0, p1, h_N, k2, h_e, h_r, s_N, M0, M1 = map(
    defined, ("p0", "p1", "h_N", "k2", "h_e", "h_r", "s_N", "M0", "M1")
)
_BIAS = up * b + nu * (up * ROOT_MEAN_SQUARE + e_N)
"""Bias of MAML's direction given the task, as a root mean square."""
_MEAN = up**2 * sigma + om * OF_F + _BIAS
_SIZE = up * ROOT_MEAN_SQUARE + b
_PATH = up * e_N + nu * up * ROOT_MEAN_SQUARE
_OUTER = up**2 * sigma_tilde**2 / D_o


def _affine(symbol: sp.Symbol, whole: sp.Expr, part: Part, meaning: str, latex: str) -> Definition:
    def why(e: sp.Expr, st: Statement) -> Items:
        drawn = sqrt(left_of(st)) if symbol in (A0, A1) else sp.S.One
        return (axioms.MINKOWSKI, identity(meaning, e, part(drawn * whole)))

    return Definition(symbol, part(whole), meaning, latex, why=why)


_GROWS = "growth with y of the"
MEAN = (
    _affine(A0, _MEAN, at_zero, "spread of E[J v | i] at y = 0", "A_0"),
    _affine(A1, _MEAN, growth, f"{_GROWS} spread of E[J v | i]", "A_1"),
    _affine(B0, _SIZE, at_zero, "root mean square of E[v_i | i] at y = 0", "B_0"),
    _affine(B1, _SIZE, growth, f"{_GROWS} root mean square of E[v_i | i]", "B_1"),
    _affine(p0, _PATH, at_zero, "noise of the inner steps in E[J v | path] at y = 0", "p_0"),
    _affine(p1, _PATH, growth, f"{_GROWS} noise of the inner steps", "p_1"),
)


@cache
def common(N: int) -> tuple[Definition, ...]:
    """Return what the directions are made of: relation, batches, and the means given task and path."""
    return (*relation(N), *batches(N), *MEAN)


def products(N: int) -> Definition:
    """Return the noise of N Hessian-vector products, a fresh batch each, relative to ||v||^2."""

    def why(e: sp.Expr, st: Statement) -> Items:
        noise, size = Integer(0), Integer(1)
        for _ in range(N):
            noise, size = UPPER * noise * UPPER + h2 * size, size * (UPPER**2 + h2)
        name = "every factor stretches the noise before it, and adds its own"
        return (axioms.INDEPENDENCE, identity(name, e, noise))

    value = h2 * sum(UPPER ** (2 * j) * (UPPER**2 + h2) ** (N - 1 - j) for j in range(N))
    return Definition(h_N, value, "relative variance of N Hessian-vector products", "h_N^2", why=why)


@cache
def maml(N: int, name: str) -> tuple[Definition, ...]:
    """Return the parts of MAML with N inner steps."""

    def spread(left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return A0**2 + p0**2 + _OUTER + h_N * (B0**2 + T), A1**2 + p1**2 + h_N * B1**2

    values = (at_zero(_BIAS), growth(_BIAS), *map(sqrt, spread(sp.S.One)))
    four = directions.four(name, values, _BIAS, spread)
    return (*common(N), directions.NOISE_OF_PRODUCT, products(N), *four)


@cache
def fo_maml(N: int, name: str) -> tuple[Definition, ...]:
    """Return the parts of FO-MAML with N inner steps."""
    left_out = x * geometric(UPPER, N)
    bias = left_out * up * ROOT_MEAN_SQUARE + b
    outer = up * sigma + s_N * OF_F + b

    def spread(left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return left * at_zero(outer) ** 2 + T, left * growth(outer) ** 2

    values = (
        left_out * at_zero(up * ROOT_MEAN_SQUARE) + b,
        left_out * growth(up * ROOT_MEAN_SQUARE),
        sqrt(at_zero(outer) ** 2 + T),
        growth(outer),
    )
    way = distance(s_N, N, "s_N")
    return (*common(N), way, *directions.four(name, values, bias, spread))


def lessened(parts: tuple[Definition, ...]) -> Callable[[sp.Expr], Mapping[sp.Symbol, sp.Expr]]:
    """Return how FO-MAML's spread is less when different tasks are drawn: its noise T keeps its weight."""
    whole = {part.symbol: part.expression for part in parts}
    return lambda left: {v0: sqrt(left * (whole[v0] ** 2 - T) + T), v1: sqrt(left) * whole[v1]}


def _differences(N: int) -> tuple[Definition, ...]:
    """Return error and noise of N nested central differences, relative to ||v||; the last one's noise apart."""
    k = sqrt(k2)

    def error(e: sp.Expr, st: Statement) -> Items:
        off, size = Integer(0), Integer(1)
        for _ in range(N):
            off, size = UPPER * off + eta * size, size * k
        return (
            axioms.MINKOWSKI,
            identity("every difference stretches what was off, and adds its error", e, off),
        )

    def noise(e: sp.Expr, st: Statement) -> Items:
        off, size = Integer(0), Integer(1)
        for _ in range(N - 1):
            off, size = UPPER * off * UPPER + h2 * size, size * k2
        name = "noises of the differences but the last"
        return (axioms.INDEPENDENCE, identity(name, e, UPPER * off * UPPER))

    def stretch(e: sp.Expr, st: Statement) -> Items:
        name = "a noisy difference stretches by t and its error, and its noise adds"
        return (axioms.MINKOWSKI, identity(name, e, UPPER**2 + 2 * UPPER * eta + eta**2 + h2))

    whole = eta * sum((UPPER**n * k ** (N - 1 - n) for n in range(N)), Integer(0))
    rest = h2 * sum((UPPER ** (2 * n) * k2 ** (N - 1 - n) for n in range(1, N)), Integer(0))
    return (
        Definition(
            k2, (UPPER + eta) ** 2 + h2, "mean square stretch of a noisy difference", "k^2", why=stretch
        ),
        Definition(h_e, whole, "error of N differences, relative to ||v||", "h_e", why=error),
        Definition(h_r, rest, "relative variance of the differences but the last", "h_r^2", why=noise),
    )


def _before(part: Part) -> Why:
    """Spread before the last difference's noise, the errors added by Minkowski."""
    index = 0 if part is at_zero else 1
    product = (A0**2 + p0**2 + _OUTER + h_r * (B0**2 + T), A1**2 + p1**2 + h_r * B1**2)[index]
    error = (sqrt(B0**2 + T), B1)[index]
    name = "spread before the last difference's noise"
    return lambda e, st: (
        axioms.MINKOWSKI,
        axioms.INDEPENDENCE,
        identity(name, e, sqrt(product) + h_e * error),
    )


@cache
def hf_maml(N: int, name: str) -> tuple[Definition, ...]:
    """Return the parts of HF-MAML with N inner steps: N nested differences, whose probes have one length."""
    root, last = sqrt(B0**2 + T), h2 * k2 ** (N - 1)
    before = sqrt(A0**2 + p0**2 + _OUTER + h_r * root**2) + h_e * root
    grows = sqrt(A1**2 + p1**2 + h_r * B1**2) + h_e * B1
    bias = _BIAS + h_e * (root + B1 * y)

    def spread(left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return M0**2 + last * root**2, M1**2 + last * B1**2

    values = (at_zero(_BIAS) + h_e * root, growth(_BIAS) + h_e * B1, *map(sqrt, spread(sp.S.One)))
    return (
        *common(N),
        difference.NOISE_OF_DIFFERENCE,
        difference.relative_error("relative error of the central difference"),
        *_differences(N),
        Definition(M0, before, "spread before the last noise", "M_0", why=_before(at_zero)),
        Definition(M1, grows, "its growth with y", "M_1", why=_before(growth)),
        *directions.four(name, values, bias, spread),
    )
