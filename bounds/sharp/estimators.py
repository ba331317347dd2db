"""What the inner batch, the test-time batch and the central difference add: bias and noise."""

from __future__ import annotations

from sympy import Integer, sqrt

from bounds.bound import Definition, Statement
from bounds.sharp.directions import HESSIAN_NOISE, PROBE_NOISE
from bounds.sharp.quantities import INNER_BATCH, RELATION, T, b, x
from bounds.stating import GRADIENT, GRADIENT_SQUARED, PRODUCT, PURE, derived, smaller
from bounds.symbols import (
    D_h,
    D_in,
    D_test,
    L,
    alpha,
    defined,
    delta,
    gradient,
    outer_norm,
    probe_norm,
    rho,
    sigma,
    sigma_H,
    sigma_tilde,
)

INNER = RELATION[:1] + INNER_BATCH
_TAYLOR = "Taylor with a Lipschitz Hessian; the linear term has mean zero"
_SAME = "same samples at both probes: an average of Hessian noises; Jensen"


def estimator_statements() -> tuple[Statement, ...]:
    """Return bias and variance of the outer gradient, F^ against F, and the central difference."""
    return (*_inner(), _task(), _test(), *_difference(), _hessian_batch())


def _inner() -> tuple[Statement, ...]:
    return (
        derived(
            "inner.bias",
            "bias of the outer gradient: of order 1/D_in, not 1/sqrt(D_in)",
            r"\|E\,\tilde g_i(\tilde w_i^+,D_o)-\nabla f_i(w_i^+)\|",
            b,
            GRADIENT,
            _TAYLOR,
            where=INNER,
        ),
        derived(
            "inner.variance",
            "variance of the outer gradient",
            r"E\|v_i-E[v_i\mid i]\|^2",
            T,
            GRADIENT_SQUARED,
            "noise of the outer batch, then of the inner one",
            where=INNER,
        ),
        derived(
            "inner.second-moment",
            "second moment of the outer gradient over tasks and batches",
            r"E\|v_i\|^2",
            ((1 + x) * sqrt(gradient**2 + sigma**2) + b) ** 2 + T,
            GRADIENT_SQUARED,
            "Minkowski over the tasks",
            where=INNER,
        ),
    )


def _task() -> Statement:
    return derived(
        "inner.second-moment.task",
        "second moment of one task's outer gradient",
        r"E\|\tilde g_i(\tilde w_i^+,D_o)\|^2",
        outer_norm**2 + 2 * outer_norm * b + T,
        GRADIENT_SQUARED,
        "mean and variance; the squared bias cancels",
        where=INNER,
    )


def _test() -> Statement:
    bias = defined("b_test")
    where = (
        *RELATION[:1],
        Definition(
            bias,
            next(part for part in INNER_BATCH if part.symbol == b).expression.subs(D_in, D_test),
            "bias caused by the test-time batch",
            r"b_{\mathrm{test}}",
        ),
    )
    return derived(
        "test-adaptation",
        "gradient of the objective when test-time adaptation uses D_test samples: of order 1/D_test",
        r"\|\nabla\hat F(w)-\nabla F(w)\|",
        (1 + x) * bias + alpha**2 * L * sigma_H * sigma_tilde / D_test,
        GRADIENT,
        _TAYLOR + "; assumption 5 in the Frobenius norm",
        where=where,
    )


def _difference() -> tuple[Statement, ...]:
    v = probe_norm
    return (
        derived(
            "difference.bias",
            "error of the central difference",
            r"\|[\nabla f(w+\delta v)-\nabla f(w-\delta v)]/(2\delta)-\nabla^2 f(w)v\|",
            smaller(rho * delta * v**2 / 2, 2 * L * v),
            PRODUCT,
            "mean of the Hessian over the segment",
        ),
        derived(
            "difference.noise",
            "noise of the central difference, same samples at both probes",
            r"E\|d_i-E d_i\|^2",
            smaller(sigma_H**2 * v**2, sigma_tilde**2 / delta**2) / D_h,
            PRODUCT.power(Integer(2)),
            _SAME,
        ),
        derived(
            "difference.noise.independent",
            "noise of the central difference, fresh samples at each probe",
            r"E\|d_i-E d_i\|^2",
            sigma_tilde**2 / (2 * delta**2 * D_h),
            PRODUCT.power(Integer(2)),
            "two independent noises",
        ),
    )


def _hessian_batch() -> Statement:
    return derived(
        "hf-maml.hessian-batch",
        "hf-maml: samples that keep the noise of the difference below ||v_i||, same samples at both probes",
        "D_h",
        smaller(HESSIAN_NOISE, PROBE_NOISE),
        PURE,
        _SAME,
        relation=r"\ge",
    )
