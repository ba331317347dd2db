r"""What sampling adds: tasks drawn without replacement, and the mean of random matrices in the spectral norm."""

from __future__ import annotations

from sympy import Integer, exp, log, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.stating import GRADIENT_SQUARED, derived, larger
from bounds.symbols import B, D_h, d, defined, n_tasks, sigma_H, variance
from bounds.units import unit

order, log_d = map(defined, ("p", "log_d"))

SCHATTEN = (
    Definition(log_d, log(d), "logarithm of the dimension", r"\ell_d"),
    Definition(
        order,
        larger(Integer(2), log_d + sqrt(larger(Integer(0), log_d**2 - 2 * log_d))),
        "the order of the Schatten norm that serves best",
    ),
)


def sampling_statements() -> tuple[Statement, ...]:
    """Return the variance of a mean of tasks without replacement, and the mean of matrices."""
    return (_tasks(), _matrices())


def _tasks() -> Statement:
    return derived(
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
    )


def _matrices() -> Statement:
    return derived(
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
    )
