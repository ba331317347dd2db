r"""Where an algorithm stops, in closed form: with K shots and all tasks, and the stationary law on a quadratic."""

from __future__ import annotations

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.standing import SAMPLES, Case, Left
from bounds.stating import GRADIENT, GRADIENT_SQUARED, PURE, derived
from bounds.symbols import B, D, L, alpha, beta, defined, rho, sigma, sigma_tilde, y
from bounds.theory import directions, estimators, matrices
from bounds.theory.algorithms import fo_maml, maml
from bounds.theory.difference import h2
from bounds.theory.estimators import T, b_shot
from bounds.theory.matrices import LOWER, UPPER

PLACE = 81

h, c0 = map(defined, ("h", "c0"))
_EXISTS = "a stationary law exists"


def _bias_itself(st: Statement) -> Items:
    """At ``E G = 0`` the gradient is the bias itself."""
    bias = var("bias_of_the_mean")
    given = (le(y, bias), le(bias, UPPER * b_shot))
    return (axioms.NORMS, Step("grad F is the bias of the mean direction", le(y, st.expression), given))


def _crossing(st: Statement) -> Items:
    """From this D on the bound of order 1/D is the smaller one."""
    claim = le(rho * alpha**2 * sigma_tilde**2 / (2 * D), alpha * L * sigma_tilde / sqrt(D))
    points = (at(L, alpha, rho, sigma_tilde),)
    return (Step("the bound of order 1/D is the smaller", claim, (le(st.expression, D),), points=points),)


BOWLS = "quadratic"
"""Quadratics with noises of constant variance, see :mod:`validate.instances.closed`."""


def _law(
    name: str,
    algorithm: str,
    parts: tuple[Definition, Definition],
    growth: sp.Expr,
    scale: sp.Expr,
) -> Statement:
    """State the stationary law of ``z' = z - beta G`` with G linear in z, of mean slope h.

    Parameters
    ----------
    parts : the slope h and the variance c0 of one task's direction at the minimum
    growth : expression
        Growth of that variance with z^2.
    scale : expression
        ``(||grad F|| / (h z))^2``.
    """
    slope = parts[0].expression
    left = 2 * h - beta * h**2 if growth == 0 else 2 * h - beta * (h**2 + growth / B)

    def proof(st: Statement) -> Items:
        """``E z^2 = E (z - beta G)^2``, and ``grad F = (1-x)^2 L z``."""
        square = st.expression / (LOWER**2 * L) ** 2
        after = (1 - beta * slope) ** 2 * square + beta**2 * (growth * square + c0) / B
        name = "the second moment is that of the next step"
        return (axioms.RECURSION, identity(name, after.subs(h, slope), square.subs(h, slope)))

    return derived(
        name,
        f"{algorithm}: mean square of grad F on a quadratic under the stationary law of a constant step beta",
        r"E\|\nabla F(w)\|^2",
        beta * scale * h**2 * c0 / (B * left),
        GRADIENT_SQUARED,
        "fixed equation of the second moment of an affine recursion",
        relation="=",
        where=(matrices.X, estimators.VARIANCE, directions.NOISE_OF_PRODUCT, *parts),
        domain=(
            Condition("inner step", alpha * L, Integer(1)),
            Condition(_EXISTS, Integer(0), left, strict=True),
        ),
        note="one coordinate of f_i = L (w - c_i)^2/2, whose gradient and Hessian have uncorrelated noises of "
        "constant variance; on a separable quadratic the coordinates add up",
        proof=proof,
        case=Case("stationary", algorithm),
        left=Left(lambda p: p.stationary(algorithm), of=BOWLS),
    )


def _slope(outer: sp.Expr, meaning: str) -> Definition:
    """Both factors of a quadratic's meta-gradient are 1 - x, FO-MAML leaves one of them out."""
    value, name = outer * LOWER * L, "slope of the mean direction"
    return Definition(h, value, meaning, why=lambda e, st: (identity(name, e, value),))


def _at_the_minimum(outer: sp.Expr) -> Definition:
    """``E (P - alpha noise)^2 v^2`` at the minimum, v with the tasks' spread and the batches' noise."""
    value, name = outer * (LOWER**2 * sigma**2 + T), "second moment at the minimum"
    return Definition(
        c0,
        value,
        "variance of one task's direction at the minimum",
        "c_0",
        why=lambda e, st: (axioms.INDEPENDENCE, identity(name, e, value)),
    )


STATEMENTS = (
    derived(
        "plateau.k-shot",
        "maml: where it stops with D samples in every batch (K-shot) and all tasks, at E G(w*) = 0",
        r"\|\nabla F(w_*)\|",
        UPPER * b_shot,
        GRADIENT,
        "the mean direction is off by no more than the bias of the inner batch",
        where=(matrices.X, estimators.SHOT),
        note="of order 1/D from the D of sharp.plateau.k-shot.samples on, where 1/sqrt(D) is recorded; with B "
        "tasks the variance of the direction adds a part that falls with B",
        proof=_bias_itself,
        chapter="theorems",
        left=Left(lambda p: p.y, of=SAMPLES, among=lambda p: p.at_rest("maml")),
    ),
    derived(
        "plateau.k-shot.samples",
        "samples from which the K-shot floor is of order 1/D",
        "D",
        (rho * alpha * sigma_tilde / (2 * L)) ** 2,
        PURE,
        "where the two bounds on the bias of the inner batch cross",
        relation=r"\ge",
        proof=_crossing,
        chapter="theorems",
        unmeasured="where the two branches of the K-shot floor cross: the floor is measured",
        left=Left(lambda p: p.crossing, of=SAMPLES, enough=True),
    ),
    _law(
        "quadratic.stationary",
        maml.MAML.name,
        (_slope(LOWER, "curvature of F"), _at_the_minimum(LOWER**2 + h2)),
        h2 * LOWER**2 * L**2,
        Integer(1),
    ),
    _law(
        "quadratic.stationary.fo-maml",
        fo_maml.FO_MAML.name,
        (_slope(Integer(1), "slope of the mean direction"), _at_the_minimum(Integer(1))),
        Integer(0),
        LOWER**2,
    ),
)
K_SHOT, K_SHOT_SAMPLES, STATIONARY, FO_STATIONARY = STATEMENTS
