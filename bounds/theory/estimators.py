"""What the inner batch and the test-time batch add: bias and noise of the outer gradient."""

from __future__ import annotations

import sympy as sp
from sympy import Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, Proof, identity, parts, var
from bounds.standing import SAMPLES, Left
from bounds.stating import GRADIENT, GRADIENT_SQUARED, NOTES, derived, recorded, smaller
from bounds.symbols import (
    D,
    D_in,
    D_o,
    D_test,
    L,
    alpha,
    defined,
    outer_norm,
    phi,
    rho,
    sigma_H,
    sigma_tilde,
)
from bounds.theory import gradients, matrices
from bounds.theory.matrices import UPPER, x

PLACE = 40

b, T, b_test, b_shot = map(defined, ("b", "T", "b_test", "b_shot"))
length, square, moved = var("E_noise"), var("E_noise_squared"), var("bias_i")
noise, outer = var("noise_o"), var("noise_in")
first, second = var("part_1"), var("part_2")


def bias(symbol: sp.Symbol, batch: sp.Symbol, meaning: str, latex: str = "") -> Definition:
    """Return the bias of grad f_i at the adapted point that a batch of the inner gradient causes."""
    value = smaller(x * sigma_tilde / sqrt(batch), rho * alpha**2 * sigma_tilde**2 / (2 * batch))
    return Definition(symbol, value, meaning, latex, why=lambda e, st: _two_bounds(e, batch))


def _two_bounds(e: sp.Expr, batch: sp.Symbol) -> Items:
    """Lipschitz gradient gives the first branch, Taylor the second; the noise has mean zero."""
    given = (
        le(length**2, square),
        le(square, sigma_tilde**2 / batch),
        le(moved, x * length),
        le(moved, rho * alpha**2 * square / 2),
    )
    points = tuple(at(alpha, x, rho, sigma_tilde, batch, rho=size) for size in (3, 60))
    step = Step("the smaller of two bounds", le(moved, e), given, points=points)
    return (axioms.TAYLOR, axioms.JENSEN, axioms.INDEPENDENCE, step)


def _two_noises(e: sp.Expr, st: Statement) -> Items:
    """Noise of the outer batch, and of the inner one through a Lipschitz gradient."""
    given = (
        le(noise, sigma_tilde**2 / D_o),
        le(square, sigma_tilde**2 / D_in),
        le(outer, x**2 * square),
    )
    points = (at(x, sigma_tilde, D_in, D_o),)
    return (
        axioms.INDEPENDENCE,
        Step("two uncorrelated noises", le(noise + outer, e), given, points=points),
    )


BIAS = bias(b, D_in, "bias of grad f_i at the adapted point, caused by the inner batch")
VARIANCE = Definition(
    T,
    sigma_tilde**2 * (1 / D_o + x**2 / D_in),
    "variance of the outer gradient g~_i(w_i^+, D_o)",
    why=_two_noises,
)
SHOT = bias(b_shot, D, "bias caused by an inner batch of D samples", r"b_D")
INNER_BATCH = (BIAS, VARIANCE)
INNER = (matrices.X, *INNER_BATCH)
TEST = bias(b_test, D_test, "bias caused by the test-time batch", r"b_{\mathrm{test}}")
WHOLE_STEP = Condition("inner step", alpha * L, 1)


def _last_part(symbol: sp.Symbol) -> Proof:
    return lambda st: (identity("the statement is its last part", st.expression, symbol),)


def _second_moment(st: Statement) -> Items:
    """``E||v||^2 = E||E[v|i]||^2 + E||v - E[v|i]||^2``."""
    whole = (gradients.ADAPTED + b) ** 2 + T
    return (axioms.MINKOWSKI, identity("mean and variance given the task", st.expression, whole))


def _task_moment(st: Statement) -> Items:
    """``E||v||^2 = ||gp + e||^2 + var``, and the variance loses the squared bias that the mean gains."""
    a, e, size = outer_norm, var("bias_norm"), var("mean_norm_squared")
    given = (
        le(e, b),
        le(size, a**2 + 2 * a * e + e**2),
        le(outer, x**2 * square - e**2),
        le(square, sigma_tilde**2 / D_in),
        le(noise, sigma_tilde**2 / D_o),
    )
    claim = le(size + outer + noise, st.expression.subs(T, parts(st)["T"]))
    points = (at(x, sigma_tilde, D_in, D_o, outer_norm, b),)
    step = Step("mean and variance, the squared bias cancels", claim, given, points=points)
    return (axioms.INDEPENDENCE, step)


def _test_adaptation(st: Statement) -> Items:
    """Split ``(I - aH~) g~ - (I - aH) g`` into a bias through P and a product of two noises."""
    hessian, grad = var("hessian_noise"), var("gradient_shift")
    given = (
        le(first, UPPER * b_test),
        le(second, alpha * hessian * grad),
        le(hessian**2, sigma_H**2 / D_test),
        le(grad**2, (alpha * L) ** 2 * sigma_tilde**2 / D_test),
    )
    points = ({**at(x, alpha, L, sigma_tilde, sigma_H, D_test), b_test: Rational(1, 2)},)
    claim = le(first + second, st.expression)
    step = Step("bias through P, and a product of two noises", claim, given, points=points)
    return (axioms.FROBENIUS, step)


_OF_BIAS = Left(lambda p: p.length(p.v.mean(2) - p.outer)[:, 0], of=SAMPLES)
_OF_VARIANCE = Left(lambda p: p.spread(p.v[:, 0]) ** 2, "square", SAMPLES)
_OF_MOMENT = Left(lambda p: p.mean_square(p.v.flatten(1, 2)), "square", SAMPLES)
_OF_ONE_MOMENT = Left(lambda p: p.mean_square(p.v[:, 0]), "square", SAMPLES)
_OF_ADAPTATION = Left(lambda p: p.length(p.adapted_alike.mean(2) - p.meta)[:, 0], of=SAMPLES)
_ADAPTED = r"\tilde g_i(w-\alpha\tilde g_i(w,D_{in}),D_o)"
_TAYLOR = "Taylor with a Lipschitz Hessian; the linear term has mean zero"
_BIASED = "lemma on the biased estimator"
RECORDED_BIAS = recorded(
    "inner.bias",
    "bias of the outer gradient, caused by the inner batch",
    rf"\|E\,{_ADAPTED}-\nabla f_i(w_i^+)\|",
    alpha * L * sigma_tilde / sqrt(D_in),
    GRADIENT,
    _BIASED,
    marks=(NOTES,),
    domain=(WHOLE_STEP,),
    left=_OF_BIAS,
)
RECORDED_MOMENT = recorded(
    "inner.second-moment",
    "second moment of the outer gradient, any phi > 0",
    rf"E\|{_ADAPTED}\|^2",
    (1 + 1 / phi) * outer_norm**2
    + (1 + phi) * alpha**2 * L**2 * sigma_tilde**2 / D_in
    + sigma_tilde**2 / D_o,
    GRADIENT_SQUARED,
    _BIASED,
    marks=(NOTES,),
    domain=(WHOLE_STEP,),
    left=_OF_ONE_MOMENT,
)
RECORDED_TEST = recorded(
    "test-adaptation",
    "gradient of the objective when test-time adaptation uses D_test samples",
    r"\|\nabla\hat F(w)-\nabla F(w)\|",
    2 * alpha * L * sigma_tilde / sqrt(D_test) + alpha**2 * L * sigma_H * sigma_tilde / D_test,
    GRADIENT,
    "theorem on F^ against F",
    marks=(NOTES,),
    domain=(WHOLE_STEP,),
    left=_OF_ADAPTATION,
)
STATEMENTS = (
    derived(
        "inner.bias",
        "bias of the outer gradient: of order 1/D_in, not 1/sqrt(D_in)",
        r"\|E\,\tilde g_i(\tilde w_i^+,D_o)-\nabla f_i(w_i^+)\|",
        b,
        GRADIENT,
        _TAYLOR,
        where=INNER,
        proof=_last_part(b),
        sharpens=RECORDED_BIAS,
        left=_OF_BIAS,
    ),
    derived(
        "inner.variance",
        "variance of the outer gradient",
        r"E\|v_i-E[v_i\mid i]\|^2",
        T,
        GRADIENT_SQUARED,
        "noise of the outer batch, then of the inner one",
        where=INNER,
        proof=_last_part(T),
        left=_OF_VARIANCE,
    ),
    derived(
        "inner.second-moment",
        "second moment of the outer gradient over tasks and batches",
        r"E\|v_i\|^2",
        (gradients.ADAPTED + b) ** 2 + T,
        GRADIENT_SQUARED,
        "Minkowski over the tasks",
        where=INNER,
        proof=_second_moment,
        left=_OF_MOMENT,
    ),
    derived(
        "inner.second-moment.task",
        "second moment of one task's outer gradient",
        r"E\|\tilde g_i(\tilde w_i^+,D_o)\|^2",
        outer_norm**2 + 2 * outer_norm * b + T,
        GRADIENT_SQUARED,
        "mean and variance; the squared bias cancels",
        where=INNER,
        proof=_task_moment,
        sharpens=RECORDED_MOMENT,
        left=_OF_ONE_MOMENT,
    ),
    derived(
        "test-adaptation",
        "gradient of the objective when test-time adaptation uses D_test samples: of order 1/D_test",
        r"\|\nabla\hat F(w)-\nabla F(w)\|",
        UPPER * b_test + alpha**2 * L * sigma_H * sigma_tilde / D_test,
        GRADIENT,
        _TAYLOR + "; assumption 5 in the Frobenius norm",
        where=(matrices.X, TEST),
        proof=_test_adaptation,
        sharpens=RECORDED_TEST,
        left=_OF_ADAPTATION,
    ),
)
INNER_BIAS, INNER_VARIANCE, INNER_MOMENT, TASK_MOMENT, TEST_ADAPTATION = STATEMENTS
