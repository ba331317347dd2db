"""How the gradient of f, and the spread of the tasks' gradients, follow from grad F and sigma."""

from __future__ import annotations

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, Proof, Why, hypotheses, identity, var
from bounds.standing import Left, Standing
from bounds.stating import GRADIENT, GRADIENT_SQUARED, RECALL, derived, recorded
from bounds.symbols import L, alpha, defined, gradient, sigma, y
from bounds.theory import matrices
from bounds.theory.matrices import C1, UPPER, om, over_x, x

PLACE = 21

C2, q = map(defined, ("C2", "q"))
rms, half, kappa = var("root_mean_square"), var("mean_of_PQ"), var("variance_of_PQ")


def _hidden(e: sp.Expr, st: Statement) -> Items:
    """From ``g/C1 <= y + omega sigma`` follows ``g <= C1 y + C2 sigma``."""
    step = Step(
        "multiply g/C1 <= y + omega sigma by C1",
        le(gradient, C1 * y + e * sigma),
        (le(gradient / C1, y + om * sigma), lt(0, C1), lt(0, om)),
        controls=(le(gradient, C1 * y + e * sigma * Rational(999, 1000)),),
    )
    return (axioms.JENSEN, step)


def _in_the_plane(e: sp.Expr, st: Statement) -> Items:
    """``sqrt(g^2 + sigma^2) <= C1 y + q sigma`` when ``g <= C1 y + C2 sigma``; tight at y = 0."""
    bound = le(sqrt(gradient**2 + sigma**2), C1 * y + e * sigma)
    at_zero = le(sqrt((C2 * sigma) ** 2 + sigma**2) * Rational(1001, 1000), e * sigma)
    given = (le(gradient, C1 * y + C2 * sigma),)
    return (Step("Minkowski in the plane", bound, given, controls=(at_zero,), points=(at(C2, sigma),)),)


RELATION = (
    matrices.X,
    matrices.OMEGA,
    matrices.FACTOR,
    Definition(C2, om * C1, "the part of ||grad f|| that heterogeneity can hide", "C_2", why=_hidden),
    Definition(q, sqrt(1 + C2**2), "sqrt(E||g_i||^2) <= C1 y + q sigma", why=_in_the_plane),
)

C1_paper, C2_paper = defined("C1_paper"), defined("C2_paper")
_RECORDED = {C1_paper: 1 / (1 - 2 * x - x**2), C2_paper: (2 * x + x**2) / (1 - 2 * x - x**2)}


def _as_recorded(symbol: sp.Symbol) -> Why:
    name = f"{symbol}: the recorded factor"
    return lambda e, st: (identity(name, e, _RECORDED[symbol]),)


RECORD = (
    matrices.X,
    Definition(
        C1_paper,
        _RECORDED[C1_paper],
        "recorded factor of ||grad F||",
        "C_1",
        why=_as_recorded(C1_paper),
    ),
    Definition(C2_paper, _RECORDED[C2_paper], "recorded factor of sigma", "C_2", why=_as_recorded(C2_paper)),
)
INNER_STEP = Condition("inner step", alpha * L, sqrt(2) - 1, strict=True)
PREFACTOR = Integer(2)
REPAIRED = Integer(4)


def recorded_moment(power: object) -> object:
    """Return the recorded second moment with the factor (1 + x)^power in front of both terms."""
    return (1 + x) ** power * (2 * C1_paper**2 * y**2 + (2 * C2_paper**2 + 1) * sigma**2)


_MEAN = r"\|\nabla f(w)\|"
_SQUARE = r"E_i\|\nabla F_i(w)\|^2"
_OF_MEAN = Left(lambda p: p.length(p.g.mean(1)))
_OF_SQUARE = Left(lambda p: p.mean_square(p.meta), "square")
RECORDED_RELATION = recorded(
    "gradient-relation",
    "the gradient of f is controlled by that of F",
    _MEAN,
    C1_paper * y + C2_paper * sigma,
    GRADIENT,
    "lemma on the gradients of f and F",
    marks=(RECALL,),
    where=RECORD,
    domain=(INNER_STEP,),
    left=_OF_MEAN,
)
RECORDED_MOMENT = recorded(
    "second-moment",
    "second moment of the tasks' meta-gradients",
    _SQUARE,
    recorded_moment(PREFACTOR),
    GRADIENT_SQUARED,
    "lemma on the gradients of f and F",
    marks=(RECALL,),
    where=RECORD,
    domain=(INNER_STEP,),
    errata=("E1",),
    standing=Standing("refuted", "erratum E1: false for small alpha L"),
    left=_OF_SQUARE,
)


def _relation_on_a_line(st: Statement) -> Items:
    """In one dimension: ``mu g <= y + std(z) sigma`` with z = PQ between (1-x)^2 and (1+x)^2."""
    low, high = (1 - x) ** 2, (1 + x) ** 2
    spread = (le(kappa**2, (high - half) * (half - low)), le(low, half), le(half, high), lt(x, 1))
    by_y, by_sigma = sp.diff(st.expression, y), sp.diff(st.expression, sigma)
    return (
        axioms.BETWEEN,
        Step("the mean of PQ is at least (1-x)^2", le(1 / half, by_y), spread[1:]),
        Step(
            "standard deviation over mean",
            le(kappa, by_sigma * half),
            spread,
            witness={x: Rational(1, 2), half: Rational(9, 20), kappa: Rational(3, 5)},
        ),
        Step(
            "(1-x)^2 is positive inside the domain",
            lt(x, 1),
            tuple(map(over_x, hypotheses(st, "inner step"))),
            controls=(le(x, Rational(999, 1000)),),
            points=({},),
        ),
    )


def _collect(*terms: sp.Expr) -> Proof:
    return lambda st: (identity("collect", st.expression, sum(terms)),)


_STRETCHED = le(rms**2, UPPER**4 * (gradient**2 + sigma**2))


def _second_moment(st: Statement) -> Items:
    """``E||P Q g_i||^2 <= (1+x)^4 (g^2 + sigma^2)``."""
    given = (_STRETCHED, le(gradient, C1 * y + C2 * sigma))
    return (axioms.NORMS, Step("both factors stretch by at most 1 + x", le(rms**2, st.expression), given))


def _repaired(st: Statement) -> Items:
    """Derive the recorded form with (1+x)^4: the square of a sum is at most twice the sum of squares."""
    given = (_STRETCHED, le(gradient, C1_paper * y + C2_paper * sigma))
    level = {x: Rational(1, 3), C1_paper: Integer(2), C2_paper: Integer(1)}
    tight = level | {sigma: Integer(1), y: Rational(1, 2)}
    name = "the square of a sum is at most twice the sum of squares"
    return (axioms.NORMS, Step(name, le(rms**2, st.expression), given, points=(tight,)))


def _centred(stretch: sp.Expr, away: sp.Expr) -> Proof:
    """Distance from a fixed vector: norm of the random matrix on s_i plus its deviation on the mean."""
    whole, name = stretch * sigma + away * gradient, "norm on the heterogeneity, deviation on the mean"
    return lambda st: (axioms.MINKOWSKI, identity(name, st.expression, whole))


def _adapted(st: Statement) -> Items:
    """``||gp_i|| <= (1+x)||g_i||`` and ``E||g_i||^2 <= g^2 + sigma^2``."""
    return (axioms.NORMS, identity("square", st.expression**2, UPPER**2 * (gradient**2 + sigma**2)))


_SUBTRACT = "subtract (1+x^2)I, of which the heterogeneity has mean zero"
_CENTRE = "distance from a fixed vector; Minkowski"
SPREAD = UPPER**2 * sigma + om * gradient
"""Spread of the tasks' meta-gradients, given ||grad f||."""
SPREAD_ADAPTED = UPPER * sigma + x * gradient
"""Spread of the tasks' gradients after the inner step, given ||grad f||."""
ADAPTED = UPPER * sqrt(gradient**2 + sigma**2)
"""Root mean square of the tasks' gradients after the inner step, given ||grad f||."""
STATEMENTS = (
    derived(
        "gradient-relation",
        "the gradient of f is controlled by that of F, up to alpha L = 1/sqrt(2)",
        _MEAN,
        C1 * y + C2 * sigma,
        GRADIENT,
        _SUBTRACT,
        where=RELATION,
        domain=(matrices.RANGE,),
        proof=_collect(C1 * y, C2 * sigma),
        sharpens=RECORDED_RELATION,
        left=_OF_MEAN,
    ),
    derived(
        "gradient-relation.line",
        "the gradient of f is controlled by that of F, in one dimension",
        _MEAN,
        y / (1 - x) ** 2 + 2 * x / (1 - x**2) * sigma,
        GRADIENT,
        "variance of a number between two ends; attained",
        where=RELATION,
        domain=(matrices.ON_A_LINE, Condition("inner step", x, 1, strict=True)),
        proof=_relation_on_a_line,
        left=_OF_MEAN,
    ),
    derived(
        "root-mean-square",
        "root mean square of the tasks' gradients",
        r"\sqrt{E_i\|\nabla f_i(w)\|^2}",
        C1 * y + q * sigma,
        GRADIENT,
        "gradient relation and Minkowski",
        where=RELATION,
        domain=(matrices.RANGE,),
        proof=_collect(C1 * y, q * sigma),
        left=Left(lambda p: p.mean_square(p.g) ** 0.5),
    ),
    derived(
        "second-moment",
        "second moment of the tasks' meta-gradients",
        _SQUARE,
        UPPER**4 * ((C1 * y + C2 * sigma) ** 2 + sigma**2),
        GRADIENT_SQUARED,
        "norms of P_i and Q_i",
        where=RELATION,
        domain=(matrices.RANGE,),
        proof=_second_moment,
        sharpens=RECORDED_MOMENT,
        left=_OF_SQUARE,
    ),
    derived(
        "second-moment.repaired",
        "the recorded second moment with the factor that makes it true",
        _SQUARE,
        recorded_moment(REPAIRED),
        GRADIENT_SQUARED,
        "norms of P_i and Q_i, then the recorded gradient relation",
        where=RECORD,
        domain=(INNER_STEP,),
        proof=_repaired,
        left=_OF_SQUARE,
    ),
    derived(
        "spread.meta-gradient",
        "spread of the tasks' meta-gradients",
        r"\operatorname{std}(\nabla F_i(w))",
        SPREAD,
        GRADIENT,
        _CENTRE,
        where=RELATION,
        proof=_centred(UPPER**2, om),
        left=Left(lambda p: p.spread(p.meta)),
    ),
    derived(
        "spread.adapted",
        "spread of the tasks' gradients after the inner step",
        r"\operatorname{std}(\nabla f_i(w_i^+))",
        SPREAD_ADAPTED,
        GRADIENT,
        _CENTRE,
        where=RELATION,
        proof=_centred(UPPER, x),
        left=Left(lambda p: p.spread(p.outer)),
    ),
    derived(
        "adapted.root-mean-square",
        "root mean square of the tasks' gradients after the inner step",
        r"\sqrt{E_i\|\nabla f_i(w_i^+)\|^2}",
        ADAPTED,
        GRADIENT,
        "norm of Q_i",
        where=RELATION,
        proof=_adapted,
        left=Left(lambda p: p.mean_square(p.outer) ** 0.5),
    ),
)
GRADIENT_RELATION, RELATION_ON_LINE, GRADIENT_SIZE, SECOND_MOMENT, REPAIRED_MOMENT, *OUTER = STATEMENTS
META_SPREAD, OUTER_SPREAD, OUTER_SIZE = OUTER
