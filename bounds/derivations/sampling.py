"""Tasks without replacement, and means of random matrices."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.tools import free, var
from bounds.sharp.sampling import log_d, order
from bounds.symbols import B, D_h, d, n_tasks, sigma_H, variance

Items = tuple[Step | Axiom, ...]
covariance = free("covariance")


def without_replacement(st: Statement) -> Items:
    """``Var(mean) = (B V + B (B-1) cov)/B^2``, where ``n V + n (n-1) cov = 0``: all n together do not vary."""
    whole = (B * variance + B * (B - 1) * covariance) / B**2
    given = (eq(n_tasks * variance + n_tasks * (n_tasks - 1) * covariance, 0), lt(1, n_tasks))
    claim = eq(st.expression, whole)
    return (axioms.EXCHANGEABLE, Step("one covariance for all pairs, from all n", claim, given))


def logarithm(expression: sp.Expr) -> Items:
    """log_d: a name for the logarithm."""
    return (Step("logarithm of the dimension", eq(expression, sp.log(d)), method="identity"),)


def best_order(expression: sp.Expr) -> Items:
    """P: ``log((p-1) d^(2/p))`` falls before p and rises after it, on p >= 2."""
    other = var("other_order")
    slope = sp.diff(sp.log(other - 1) + 2 * log_d / other, other)
    sign = other**2 - 2 * log_d * (other - 1)
    first = eq(slope, sign / (other**2 * (other - 1)))
    before, after = other**2, 2 * log_d * (other - 1)
    return (
        Step("sign of the derivative in p", first, method="identity"),
        Step("an order for which the axiom holds", le(2, expression)),
        Step("beyond it the factor rises", le(after, before), (le(expression, other),)),
        Step("before it the factor falls", le(before, after), (le(2, other), lt(other, expression))),
    )


def matrix_mean(st: Statement) -> Items:
    """``||.|| <= ||.||_p <= d^(1/p) ||.||``, and p - 1 for each of D_h centred terms of 1/D_h."""
    whole = D_h * (order - 1) * (sp.exp(log_d / order) * sigma_H / D_h) ** 2
    claim = eq(st.expression, whole)
    return (axioms.SCHATTEN, Step("D_h centred terms", claim, method="identity"))
