r"""A multilevel batch with N inner steps: what the levels remove of the bias, and what they add to the spread.

From two steps on MAML's bias is of order :math:`1/\sqrt{D_{\mathrm{in}}}`, since a Hessian that is only Lipschitz
may have a kink at the noisy points. The levels remove it all the same: a sum over levels that telescopes has the
bias of the deepest one whatever its order, and that a correction's second moment falls like :math:`2^{-j}` needs
the distance of two points, no further derivative.

With :math:`u = \tilde P_1\cdots\tilde P_{N-1}\tilde g(w_N)` along a path, a level j takes three: a fine one, each
step of which averages two halves of :math:`2^{j-1}D_{\mathrm{in}}` samples, and one with each half alone. They
share the outer batch and the Hessians, these over :math:`2^jD_h` samples, because two sampled Hessians at
different points do not come closer than their noise. MAML is :math:`\tilde P_0(u_0 + \Delta_J/p_J)`, FO-MAML has
:math:`u = \tilde g(w_N)`. With :math:`w_n - w_n'` the distance of the fine path from a coarse one,

.. math:: 2^jE\|w_n-w_n'\|^2 \le \alpha^2\tilde\sigma^2a_n/D_{\mathrm{in}}, \quad
          a_1 = 1, \ a_{n+1} = \kappa^2a_n + \tfrac32, \ \kappa^2 = t^2 + \alpha^2\sigma_H^2/2D_{\mathrm{in}},

.. math:: u - u' = \tilde J(\tilde v-\tilde v') + (\tilde J-\tilde J')(g_N + n) + (\tilde J-\tilde J')(g_N'-g_N),

whose parts are each of order :math:`2^{-j/2}`; the second needs no more than second moments because
:math:`g_N` is a number given the task and the outer noise n is independent of the path.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.symbols import D_in, D_o, L, alpha, defined, depth, rate, rho, sigma, sigma_H, sigma_tilde
from bounds.theory import directions, multilevel
from bounds.theory.difference import h2
from bounds.theory.directions import A0, A1, B0, B1, ROOT_MEAN_SQUARE, at_zero, growth
from bounds.theory.estimators import T
from bounds.theory.inner_steps import directions as own
from bounds.theory.inner_steps.adaptation import batches, e_N, noises
from bounds.theory.inner_steps.directions import h_N, p0, p1, s_N
from bounds.theory.inner_steps.products import distance, geometric, up
from bounds.theory.matrices import UPPER, x
from bounds.theory.multilevel import deepest

PLACE = 79.5

k_c, d_c, nu_c, k_h, S0, S1 = map(defined, ("k_c2", "d_c", "nu_c", "k_h2", "S0", "S1"))
half, moved, apart, squared = map(
    var, ("noise_of_a_half", "noise_of_the_move", "apart_squared", "next_squared")
)
b_M, e_M, nu_M = map(defined, ("b_M", "e_M", "nu_M"))


def spreads(n: int) -> sp.Expr:
    """Return a_n: the squared distance of the fine path from a coarse one, in units of one step's noise."""
    return k_c ** (n - 1) + Rational(3, 2) * geometric(k_c, n - 1)


def _recursion(n: int) -> sp.Expr:
    total: sp.Expr = Integer(1)
    for _ in range(n - 1):
        total = k_c * total + Rational(3, 2)
    return total


_APART = {**at(x, alpha, sigma_tilde, D_in, sigma_H, sigma_H=40), apart: Integer(1000)}
"""Paths so far apart that their stretch decides."""


def _stretch(e: sp.Expr, st: Statement) -> Items:
    """Bound ``E||w_{n+1} - w'_{n+1}||^2``: half of each noise is fresh, and what both share is smooth.

    The noise is ``v/2 - (u' - u/2)`` with v independent of u and u', and ``u' - u/2 = u'/2 - (u - u')/2``; both
    batches have half of a level's D_j samples, and D_j is at least twice D_in.
    """
    level, size, total = var("D_j"), var("shared_noise"), var("noise_squared")
    own = 2 * sigma_tilde**2 / level
    given = (
        le(half, own / 4),
        le(size**2, 2 * (own / 4) + 2 * moved),
        le(moved, 2 * sigma_H**2 * apart / level / 4),
        le(total, half + size**2),
    )
    noise = Rational(3, 2) * sigma_tilde**2 / level + sigma_H**2 * apart / level
    grown = (
        le(total, noise),
        le(squared, UPPER**2 * apart + alpha**2 * total),
        le(2 * D_in, level),
    )
    claim = le(squared, e * apart + Rational(3, 2) * alpha**2 * sigma_tilde**2 / level)
    return (
        axioms.INDEPENDENCE,
        axioms.MINKOWSKI,
        Step("noise of two coupled halves", le(total, noise), given),
        Step("the distance of two coupled paths", claim, grown, points=(_APART,)),
    )


def _coupled(N: int) -> tuple[Definition, ...]:
    """Return how far apart the paths of one level are, and what that does to the Hessians along them."""

    def far(e: sp.Expr, st: Statement) -> Items:
        square = (e / x) ** 2 * D_in / sigma_tilde**2
        return (axioms.INDEPENDENCE, identity("step by step, the first one exactly", square, _recursion(N)))

    def turned(e: sp.Expr, st: Statement) -> Items:
        terms = (alpha * rho * alpha * sigma_tilde * sqrt(_recursion(n) / D_in) for n in range(1, N))
        return (
            axioms.NORMS,
            axioms.MINKOWSKI,
            identity("one factor after the other", e, sum(terms, Integer(0))),
        )

    stretch = UPPER**2 + alpha**2 * sigma_H**2 / (2 * D_in)
    sizes = sum((sqrt(spreads(n)) for n in range(1, N)), Integer(0))
    return (
        Definition(k_c, stretch, "stretch of two coupled paths, squared", r"\kappa^2", why=_stretch),
        Definition(
            d_c, x * sigma_tilde * sqrt(spreads(N) / D_in), "L 2^(j/2) times their distance", "d_N", why=far
        ),
        Definition(
            nu_c, rho * alpha**2 * sigma_tilde / sqrt(D_in) * sizes,
            "2^(j/2) times how much the Hessians differ along them", r"\nu_c", why=turned,
        ),
    )  # fmt: skip


def _deep(part: Definition, symbol: sp.Symbol, latex: str) -> Definition:
    """Return a part with the deepest inner batch in place of the base one."""
    there = part.expression.subs(D_in, deepest).subs(e_N, e_M)
    return Definition(
        symbol,
        there,
        f"{part.meaning}, at the deepest level",
        latex,
        why=lambda e, st: (identity("the same with D_M samples", e, there),),
    )


def _left(N: int) -> tuple[Definition, ...]:
    """Return drift, bias and change of the Hessians of N steps with the deepest inner batches."""
    drift, bias, _, turn = batches(N)
    return (
        multilevel.DEEPEST,
        _deep(drift, e_M, "e_M"),
        _deep(bias, b_M, "b_M"),
        _deep(turn, nu_M, r"\nu_M"),
    )


def _smooth() -> sp.Expr:
    return sqrt(1 + sigma_H**2 / (L**2 * D_o))


def _corrections(N: int) -> tuple[Definition, ...]:
    r"""Return :math:`2^{j/2}` times the root mean square of MAML's correction, affine in y."""
    k = sqrt(k_h)
    gradients = up * ROOT_MEAN_SQUARE + sigma_tilde / sqrt(D_o)
    turned = k ** (N - 2) * (nu_c + 2 * (N - 1) * sqrt(h2)) * gradients
    whole = k ** (N - 1) * (_smooth() * d_c + 2 * sqrt(2) * e_N) + turned

    def affine(part: Callable[[sp.Expr], sp.Expr], name: str) -> Callable[[sp.Expr, Statement], Items]:
        def why(e: sp.Expr, st: Statement) -> Items:
            between, ends = (k ** (n - 1) * k ** (N - 1 - n) for n in range(1, N)), k ** (N - 1)
            each = sum((one * nu_c / (N - 1) for one in between), Integer(0))
            noise = sum((k ** (n - 1) * 2 * sqrt(h2) * k ** (N - 1 - n) for n in range(1, N)), Integer(0))
            total = ends * _smooth() * d_c + 2 * ends * sqrt(2) * e_N + (each + noise) * gradients
            return (axioms.NORMS, axioms.INDEPENDENCE, axioms.MINKOWSKI, identity(name, e, part(total)))

        return why

    def stretch(e: sp.Expr, st: Statement) -> Items:
        return (
            axioms.INDEPENDENCE,
            identity("a sampled factor stretches by t, and its noise adds", e, UPPER**2 + h2),
        )

    return (
        Definition(k_h, UPPER**2 + h2, "mean square stretch of a sampled factor", "k^2", why=stretch),
        Definition(S0, at_zero(whole), "what 2^(j/2) ||Delta_j|| is at most, at y = 0", "S_0",
                   why=affine(at_zero, "three parts of a correction at y = 0")),
        Definition(S1, growth(whole), "its growth with y", "S_1",
                   why=affine(growth, "growth of the three parts with y")),
    )  # fmt: skip


@cache
def maml(N: int, name: str) -> tuple[Definition, ...]:
    """Return the parts of MAML with N inner steps and a multilevel batch."""
    bias = up * b_M + nu_M * (up * ROOT_MEAN_SQUARE + e_M)
    level = k_h * depth / rate

    def spread(left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        zero = A0**2 + p0**2 + up**2 * sigma_tilde**2 / D_o + h_N * (B0**2 + T) + level * S0**2
        return zero, A1**2 + p1**2 + h_N * B1**2 + level * S1**2

    values = (at_zero(bias), growth(bias), *map(sqrt, spread(sp.S.One)))
    parts = (directions.NOISE_OF_PRODUCT, own.products(N), *_left(N), *_coupled(N), *_corrections(N))
    return (*own.common(N), *parts, *directions.four(name, values, bias, spread))


@cache
def fo_maml(N: int, name: str) -> tuple[Definition, ...]:
    """Return the parts of FO-MAML with N inner steps and a multilevel batch."""
    left_out = x * geometric(UPPER, N) * up * ROOT_MEAN_SQUARE
    outer = up * sigma + s_N * directions.OF_F + b_M
    correction = depth / rate * (_smooth() * d_c) ** 2

    def noisy(e: sp.Expr, st: Statement) -> Items:
        plain = next(part.expression for part in batches(N) if part.symbol == T)
        return (axioms.INDEPENDENCE, identity("the outer gradient, and M corrections", e, plain + correction))

    noise = Definition(
        T, sigma_tilde**2 * (1 / D_o + x**2 * noises(N) / D_in) + correction,
        "variance of the multilevel outer gradient g~_i(w_N, D_o)", why=noisy,
    )  # fmt: skip

    def spread(left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        return left * at_zero(outer) ** 2 + T, left * growth(outer) ** 2

    bias = left_out + b_M
    values = (at_zero(bias), growth(bias), sqrt(at_zero(outer) ** 2 + T), growth(outer))
    kept = tuple(part for part in own.common(N) if part.symbol != T)
    way = distance(s_N, N, "s_N")
    return (*kept, *_left(N), *_coupled(N), noise, way, *directions.four(name, values, bias, spread))


PARTS: dict[str, Callable[[int, str], tuple[Definition, ...]]] = {"product": maml, "none": fo_maml}
"""By what an algorithm does about the Hessians; a difference over a probe of N steps has none."""
