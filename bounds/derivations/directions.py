"""Bias and spread of the three directions: each part is the value at y = 0, or the growth, of a composed bound."""

from __future__ import annotations

import sympy as sp

from bounds.derivation.claim import eq, le
from bounds.derivation.step import TIGHTER, Axiom, Step
from bounds.derivations import axioms, inner
from bounds.derivations.generic import at
from bounds.derivations.tools import formula, var
from bounds.sharp.directions import M0, M1, eta, h2
from bounds.sharp.quantities import A0, A1, B0, B1, C1, C2, T, b, q, x
from bounds.symbols import (
    B,
    D_h,
    L,
    alpha,
    gradient,
    n_tasks,
    probe_length,
    probe_norm,
    rho,
    sigma,
    sigma_H,
    y,
)

Items = tuple[Step | Axiom, ...]
_G = C1 * y + C2 * sigma
_RMS = C1 * y + q * sigma


def _at_zero(whole: sp.Expr) -> sp.Expr:
    return sp.expand(whole).coeff(y, 0)


def _growth(whole: sp.Expr) -> sp.Expr:
    return sp.expand(whole).coeff(y, 1)


def _affine(name: str, expression: sp.Expr, whole: sp.Expr, growth: bool) -> Step:
    expected = _growth(whole) if growth else _at_zero(whole)
    return Step(name, eq(expression, expected), method="identity")


def spread_part(name: str, expression: sp.Expr, left: sp.Expr) -> Items:
    """A0, A1: spread of E[G_i | i], from the spread of the meta-gradients and the bias through P.

    ``left`` is what drawing without replacement leaves of the variance between tasks.
    """
    whole = formula("sharp.spread.meta-gradient").subs(gradient, _G) + formula("sharp.matrix.upper") * b
    name_, whole = "spread of the mean given the task", sp.sqrt(left) * whole
    return (axioms.MINKOWSKI, _affine(name_, expression, whole, name == "A1"))


def without_replacement(expression: sp.Expr) -> Items:
    """Between: two different tasks of n have the covariance -1/(n-1) of the variance; one task has none."""
    covariance = -1 / (n_tasks - 1)
    mean = 1 + (B - 1) * covariance
    some = (le(2, n_tasks), le(1, B), le(B, n_tasks))
    point = {n_tasks: sp.Integer(7), B: sp.Integer(3)}
    return (
        axioms.EXCHANGEABLE,
        Step(
            "variance of the mean of B different tasks out of n >= 2, over V/B",
            le(mean, expression),
            some,
            points=(point,),
        ),
        Step(
            "of one task only there is no variance",
            le(0, expression),
            (le(1, n_tasks), le(B, n_tasks)),
            controls=(le(TIGHTER, expression),),
        ),
    )


def size_part(name: str, expression: sp.Expr) -> Items:
    """B0, B1: root mean square of E[v_i | i]."""
    whole = formula("sharp.matrix.upper") * _RMS + b
    return (axioms.MINKOWSKI, _affine("size of the mean given the task", expression, whole, name == "B1"))


def hessian_noise(expression: sp.Expr, algorithm: str) -> Items:
    """h2: noise of the Hessian-vector product, relative to ||v||^2."""
    if algorithm == "hf-maml":
        name = "noise of the difference at delta = l/||v||"
        step = Step(name, le(inner.hf_noise(), expression), points=inner.regimes())
        return (axioms.SEGMENT_MEAN, axioms.INDEPENDENCE, step)
    noise = var("noise_of_product")
    given = (le(noise, sigma_H**2 * probe_norm**2 / D_h),)
    claim = le(alpha**2 * noise / probe_norm**2, expression)
    points = (at(alpha, sigma_H, probe_norm, D_h),)
    return (axioms.INDEPENDENCE, Step("noise of the Hessian-vector product", claim, given, points=points))


def difference_error(expression: sp.Expr) -> Items:
    """Eta: error of the difference, relative to ||v||."""
    claim = le(inner.hf_bias(), expression.subs(x, alpha * L))
    points = tuple(at(L, alpha, rho, probe_length, probe_norm, probe_length=size) for size in ("2/5", 6))
    name = "error of the difference at delta = l/||v||"
    return (axioms.SEGMENT_MEAN, Step(name, claim, points=points))


def _spread_before(y_: sp.Expr) -> sp.Expr:
    stretch = formula("sharp.matrix.upper")
    outer = sp.sqrt(A0**2 + stretch**2 * T) + A1 * y_
    return outer + eta * (sp.sqrt(B0**2 + T) + B1 * y_)


def difference_spread(name: str, expression: sp.Expr) -> Items:
    """M0, M1: spread before Hessian noise, the error of the difference added by Minkowski."""
    return (
        axioms.MINKOWSKI,
        _affine("spread before Hessian noise", expression, _spread_before(y), name == "M1"),
    )


def bias_part(name: str, expression: sp.Expr, algorithm: str) -> Items:
    """R0, R1: bias of the inner batch, and of the direction itself."""
    stretch = formula("sharp.matrix.upper")
    whole = {
        "maml": stretch * b,
        "fo-maml": x * stretch * _RMS + b,
        "hf-maml": stretch * b + eta * (sp.sqrt(B0**2 + T) + B1 * y),
    }[algorithm]
    step = _affine(f"bias of {algorithm}", expression, whole, name == "R1")
    return (axioms.FUNDAMENTAL, axioms.NORMS, axioms.JENSEN, step)


def deviation_part(name: str, expression: sp.Expr, algorithm: str, left: sp.Expr) -> Items:
    """v0, v1: lengths of the vectors whose Minkowski sum is the spread; squares of orthogonal noises add.

    ``left`` is what drawing without replacement leaves of the variance between tasks.
    """
    stretch = formula("sharp.matrix.upper")
    size = (B0**2 + T, B1**2)
    adapted = formula("sharp.spread.adapted").subs(gradient, _G) + b
    at_zero, growth = {
        "maml": (A0**2 + stretch**2 * T + h2 * size[0], A1**2 + h2 * size[1]),
        "fo-maml": (left * _at_zero(adapted) ** 2 + T, left * _growth(adapted) ** 2),
        "hf-maml": (M0**2 + h2 * size[0], M1**2 + h2 * size[1]),
    }[algorithm]
    claim = eq(expression**2, growth if name == "v1" else at_zero)
    return (
        axioms.MINKOWSKI,
        axioms.INDEPENDENCE,
        Step(f"spread of {algorithm}: squares of uncorrelated noises add", claim, method="identity"),
    )
