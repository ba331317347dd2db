"""The paper's lemmas on estimators: bias and second moment after the inner step, test time, the difference."""

from __future__ import annotations

from sympy import Integer, sqrt

from bounds.bound import Condition, Statement
from bounds.stating import GRADIENT, GRADIENT_SQUARED, NOTES, PRODUCT, RECALL, recorded
from bounds.symbols import (
    D_in,
    D_o,
    D_test,
    L,
    alpha,
    delta,
    outer_norm,
    phi,
    probe_norm,
    rho,
    sigma_H,
    sigma_tilde,
)

WHOLE_STEP = Condition("inner step", alpha * L, Integer(1))


def estimator_statements() -> tuple[Statement, ...]:
    """Return the recorded bias, second moment, distance of F^ from F, and error of the difference."""
    return (
        recorded(
            "inner.bias",
            "bias of the outer gradient, caused by the inner batch",
            r"\|E\,\tilde g_i(w-\alpha\tilde g_i(w,D_{in}),D_o)-\nabla f_i(w_i^+)\|",
            alpha * L * sigma_tilde / sqrt(D_in),
            GRADIENT,
            "lemma on the biased estimator",
            marks=(NOTES,),
            domain=(WHOLE_STEP,),
        ),
        recorded(
            "inner.second-moment",
            "second moment of the outer gradient, any phi > 0",
            r"E\|\tilde g_i(w-\alpha\tilde g_i(w,D_{in}),D_o)\|^2",
            (1 + 1 / phi) * outer_norm**2
            + (1 + phi) * alpha**2 * L**2 * sigma_tilde**2 / D_in
            + sigma_tilde**2 / D_o,
            GRADIENT_SQUARED,
            "lemma on the biased estimator",
            marks=(NOTES,),
            domain=(WHOLE_STEP,),
        ),
        recorded(
            "test-adaptation",
            "gradient of the objective when test-time adaptation uses D_test samples",
            r"\|\nabla\hat F(w)-\nabla F(w)\|",
            2 * alpha * L * sigma_tilde / sqrt(D_test) + alpha**2 * L * sigma_H * sigma_tilde / D_test,
            GRADIENT,
            "theorem on F^ against F",
            marks=(NOTES,),
            domain=(WHOLE_STEP,),
        ),
        recorded(
            "difference.bias",
            "error of the central difference",
            r"\|[\nabla f(w+\delta v)-\nabla f(w-\delta v)]/(2\delta)-\nabla^2 f(w)v\|",
            rho * delta * probe_norm**2,
            PRODUCT,
            "error of hf-maml's difference",
            marks=(RECALL,),
        ),
    )
