r"""What sampling adds: tasks drawn without replacement, and the mean of random matrices in the spectral norm."""

from __future__ import annotations

import sympy as sp
from sympy import Integer, exp, log, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.generic import ANYWHERE
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, free, identity, var
from bounds.standing import Left
from bounds.stating import GRADIENT_SQUARED, derived, larger
from bounds.symbols import B, D_h, d, defined, n_tasks, sigma_H, variance
from bounds.units import unit

PLACE = 45

order, log_d = map(defined, ("p", "log_d"))
covariance = free("covariance")


def _logarithm(e: sp.Expr, st: Statement) -> Items:
    return (identity("logarithm of the dimension", e, log(d)),)


def _best_order(e: sp.Expr, st: Statement) -> Items:
    """``log((p-1) d^(2/p))`` falls before p and rises after it, on p >= 2."""
    other = var("other_order")
    slope = sp.diff(log(other - 1) + 2 * log_d / other, other)
    sign = other**2 - 2 * log_d * (other - 1)
    before, after = other**2, 2 * log_d * (other - 1)
    return (
        identity("sign of the derivative in p", slope, sign / (other**2 * (other - 1))),
        Step("an order for which the axiom holds", le(2, e), points=ANYWHERE),
        Step("beyond it the factor rises", le(after, before), (le(e, other),)),
        Step("before it the factor falls", le(before, after), (le(2, other), lt(other, e))),
    )


SCHATTEN = (
    Definition(log_d, log(d), "logarithm of the dimension", r"\ell_d", why=_logarithm),
    Definition(
        order,
        larger(Integer(2), log_d + sqrt(larger(Integer(0), log_d**2 - 2 * log_d))),
        "the order of the Schatten norm that serves best",
        why=_best_order,
    ),
)


def _one_covariance(st: Statement) -> Items:
    """``Var(mean) = (B V + B (B-1) cov)/B^2``, where ``n V + n (n-1) cov = 0``: all n together do not vary."""
    whole = (B * variance + B * (B - 1) * covariance) / B**2
    given = (eq(n_tasks * variance + n_tasks * (n_tasks - 1) * covariance, 0), lt(1, n_tasks))
    step = Step("one covariance for all pairs, from all n", eq(st.expression, whole), given)
    return (axioms.EXCHANGEABLE, step)


def _centred_terms(st: Statement) -> Items:
    """``||.|| <= ||.||_p <= d^(1/p) ||.||``, and p - 1 for each of D_h centred terms of 1/D_h."""
    whole = D_h * (order - 1) * (exp(log_d / order) * sigma_H / D_h) ** 2
    return (axioms.SCHATTEN, identity("D_h centred terms", st.expression, whole))


SUBSETS, MEANS = "subsets", "means of matrices"
"""See :mod:`validate.instances.closed`."""
STATEMENTS = (
    derived(
        "tasks.without-replacement",
        "variance of the mean G_B of B different tasks out of n; V/B with replacement",
        r"E\|\bar G_B-E\,G\|^2",
        (n_tasks - B) / (n_tasks - 1) * variance / B,
        GRADIENT_SQUARED,
        "exchangeable draws, of which all n together have no variance",
        relation="=",
        domain=(
            Condition("tasks", Integer(1), B),
            Condition("no more than there are", B, n_tasks),
            Condition("more than one task", Integer(1), n_tasks, strict=True),
        ),
        note="V is here the part of the variance that is between the tasks; the noise of the batches, "
        "drawn afresh for each task, is divided by B alone. At B = n nothing is left",
        proof=_one_covariance,
        left=Left(lambda p: p.left, of=SUBSETS),
    ),
    derived(
        "matrix.mean",
        "spectral norm of a mean of D_h random matrices, assumption 5 in the spectral norm",
        r"E\|\tilde H(D_h)-H\|^2",
        (order - 1) * exp(2 * log_d / order) * sigma_H**2 / D_h,
        unit(2, -4),
        "smoothness of the Schatten norms, of the best order",
        where=SCHATTEN,
        domain=(Condition("dimension", Integer(1), d),),
        note="the factor before sigma_H^2/D_h is C_d = min_{p>=2} (p-1) d^(2/p), at most d. With assumption 5 "
        "in the Frobenius norm it is 1, and for a product with one fixed vector it is 1 in either norm: only the "
        "lemma on adaptation at test time needs it, with sigma_H times sqrt(C_d)",
        proof=_centred_terms,
        unmeasured="about matrices in general; no plan uses it, and the ledger's search measures it",
        left=Left(lambda p: p.left, of=MEANS),
    ),
)
WITHOUT_REPLACEMENT, MATRIX_MEAN = STATEMENTS
