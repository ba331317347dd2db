"""The inner batch, adaptation at test time, and the central difference."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import eq, le
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.generic import Point, at
from bounds.derivations.tools import formula, var
from bounds.sharp.quantities import T, b, x
from bounds.symbols import (
    D_h,
    D_in,
    D_o,
    D_test,
    L,
    alpha,
    delta,
    outer_norm,
    probe_length,
    probe_norm,
    rho,
    sigma_H,
    sigma_tilde,
)

Items = tuple[Step | Axiom, ...]
length, square, moved, noise, outer = (
    var("E_noise"),
    var("E_noise_squared"),
    var("bias_i"),
    var("noise_o"),
    var("noise_in"),
)
total, first, second = var("total"), var("part_1"), var("part_2")


def bias(expression: sp.Expr, batch: sp.Symbol = D_in) -> Items:
    """B: Lipschitz gradient gives the first branch, Taylor the second; the noise has mean zero."""
    given = (
        le(length**2, square),
        le(square, sigma_tilde**2 / batch),
        le(moved, x * length),
        le(moved, rho * alpha**2 * square / 2),
    )
    points = tuple(at(alpha, x, rho, sigma_tilde, batch, rho=size) for size in (3, 60))
    return (
        axioms.TAYLOR,
        axioms.JENSEN,
        axioms.INDEPENDENCE,
        Step("the smaller of two bounds", le(moved, expression), given, points=points),
    )


def variance(expression: sp.Expr) -> Items:
    """T: noise of the outer batch, and of the inner one through a Lipschitz gradient."""
    given = (
        le(noise, sigma_tilde**2 / D_o),
        le(square, sigma_tilde**2 / D_in),
        le(outer, x**2 * square),
    )
    points = (at(x, sigma_tilde, D_in, D_o),)
    return (
        axioms.INDEPENDENCE,
        Step("two uncorrelated noises", le(noise + outer, expression), given, points=points),
    )


def second_moment(st: Statement) -> Items:
    """``E||v||^2 = E||E[v|i]||^2 + E||v - E[v|i]||^2``."""
    root = formula("sharp.adapted.root-mean-square")
    claim = eq(st.expression, (root + b) ** 2 + T)
    return (axioms.MINKOWSKI, Step("mean and variance given the task", claim, method="identity"))


def task_moment(st: Statement) -> Items:
    """``E||v||^2 = ||gp + e||^2 + var``, and the variance loses the squared bias that the mean gains."""
    a, e, size = outer_norm, var("bias_norm"), var("mean_norm_squared")
    given = (
        le(e, b),
        le(size, a**2 + 2 * a * e + e**2),
        le(outer, x**2 * square - e**2),
        le(square, sigma_tilde**2 / D_in),
        le(noise, sigma_tilde**2 / D_o),
    )
    claim = le(size + outer + noise, st.expression.subs(T, formula_of(st, T)))
    points = (at(x, sigma_tilde, D_in, D_o, outer_norm, b),)
    step = Step("mean and variance, the squared bias cancels", claim, given, points=points)
    return (axioms.INDEPENDENCE, step)


def formula_of(st: Statement, symbol: sp.Symbol) -> sp.Expr:
    """Return the definition of one part of a statement."""
    return next(d.expression for d in st.where if d.symbol == symbol)


def collected(st: Statement, symbol: sp.Symbol) -> Items:
    """Say that the statement is one of its parts."""
    return (Step("the statement is its last part", eq(st.expression, symbol), method="identity"),)


def test_adaptation(st: Statement) -> Items:
    """Split ``(I - aH~) g~ - (I - aH) g`` into a bias through P and a product of two noises."""
    last = st.where[-1]
    hessian, grad = var("hessian_noise"), var("gradient_shift")
    given = (
        le(first, formula("sharp.matrix.upper") * last.symbol),
        le(second, alpha * hessian * grad),
        le(hessian**2, sigma_H**2 / D_test),
        le(grad**2, (alpha * L) ** 2 * sigma_tilde**2 / D_test),
    )
    points = ({**at(x, alpha, L, sigma_tilde, sigma_H, D_test), last.symbol: sp.Rational(1, 2)},)
    claim = le(first + second, st.expression)
    step = Step("bias through P, and a product of two noises", claim, given, points=points)
    return (axioms.FROBENIUS, step)


def difference_bias(st: Statement) -> Items:
    """``(1/2) int_{-1}^{1} |t| rho delta ||v||^2 dt``, and twice the largest Hessian."""
    t = sp.Symbol("t", real=True)
    weight = sp.integrate(sp.Abs(t), (t, -1, 1)) / 2
    given = (le(total, weight * rho * delta * probe_norm**2), le(total, 2 * L * probe_norm))
    points = tuple(at(L, rho, delta, probe_norm, delta=size) for size in ("1/4", 5))
    step = Step("the smaller of two bounds", le(total, st.expression), given, points=points)
    return (axioms.SEGMENT_MEAN, step)


def difference_noise(st: Statement) -> Items:
    """Bound an average of Hessian noises along the segment, or two gradient noises over 2 delta."""
    a, c = var("hessian_branch"), var("gradient_branch")
    given = (
        le(a, sigma_H**2 * probe_norm**2 / D_h),
        le(c, (2 * sigma_tilde / (2 * delta)) ** 2 / D_h),
        le(total, a),
        le(total, c),
    )
    points = tuple(at(sigma_H, sigma_tilde, delta, probe_norm, D_h, delta=size) for size in ("1/4", 9))
    step = Step("the smaller of two bounds", le(total, st.expression), given, points=points)
    return (axioms.SEGMENT_MEAN, axioms.MINKOWSKI, step)


def independent_noise(st: Statement) -> Items:
    """Two independent noises, each of variance sigma_tilde^2 / D_h, over (2 delta)^2."""
    given = (le(first, sigma_tilde**2 / D_h), le(second, sigma_tilde**2 / D_h))
    claim = le((first + second) / (2 * delta) ** 2, st.expression)
    return (
        axioms.INDEPENDENCE,
        Step("two independent noises", claim, given, points=(at(sigma_tilde, delta, D_h),)),
    )


def hessian_batch(st: Statement) -> Items:
    """With this many samples the relative variance h2 of the difference is at most one."""
    h2 = hf_noise()
    points = tuple({s: v for s, v in point.items() if s != D_h} for point in regimes())
    claim, tight = le(h2, 1), le(h2, sp.Rational(999, 1000))
    step = Step(
        "the noise is at most ||v||", claim, (le(st.expression, D_h),), controls=(tight,), points=points
    )
    return (axioms.INDEPENDENCE, step)


def regimes() -> tuple[Point, ...]:
    """Return points where Hessian noise counts in the difference, and where gradient noise does."""
    return tuple(
        at(alpha, sigma_tilde, sigma_H, probe_length, D_h, probe_norm, sigma_H=s) for s in ("1/20", 50)
    )


def hf_noise() -> sp.Expr:
    """Return alpha^2 times the noise of the difference at delta = l/||v||, over ||v||^2."""
    at = formula("sharp.difference.noise").subs(delta, probe_length / probe_norm)
    return alpha**2 * at / probe_norm**2


def hf_bias() -> sp.Expr:
    """Return alpha times the error of the difference at delta = l/||v||, over ||v||."""
    at = formula("sharp.difference.bias").subs(delta, probe_length / probe_norm)
    return alpha * at / probe_norm
