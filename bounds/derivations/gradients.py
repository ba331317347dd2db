"""Gradient relation, root mean square, second moments and spreads."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Definition, Statement
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms, matrices
from bounds.derivations.generic import at
from bounds.derivations.tools import formula, hypotheses, var
from bounds.sharp.quantities import C1, C2, om, q, x
from bounds.symbols import gradient, sigma, y

Items = tuple[Step | Axiom, ...]
rms, half, kappa = var("root_mean_square"), var("mean_of_PQ"), var("variance_of_PQ")


def factor(definition: Definition, limit: tuple[Claim, ...]) -> Items:
    """C1 is the reciprocal of the least <v, PQ v>."""
    return matrices.inner(1 / definition.expression, limit)


def hidden(expression: sp.Expr, first: sp.Symbol) -> Items:
    """C2: from ``g/C1 <= y + omega sigma`` follows ``g <= C1 y + C2 sigma``."""
    step = Step(
        "multiply g/C1 <= y + omega sigma by C1",
        le(gradient, first * y + expression * sigma),
        (le(gradient / first, y + om * sigma), lt(0, first), lt(0, om)),
        controls=(le(gradient, first * y + expression * sigma * sp.Rational(999, 1000)),),
    )
    return (axioms.JENSEN, step)


def quadratic_mean(expression: sp.Expr) -> Items:
    """Q: ``sqrt(g^2 + sigma^2) <= C1 y + q sigma`` when ``g <= C1 y + C2 sigma``; tight at y = 0."""
    bound = le(sp.sqrt(gradient**2 + sigma**2), C1 * y + expression * sigma)
    at_zero = le(sp.sqrt((C2 * sigma) ** 2 + sigma**2) * sp.Rational(1001, 1000), expression * sigma)
    return (
        Step(
            "Minkowski in the plane",
            bound,
            (le(gradient, C1 * y + C2 * sigma),),
            controls=(at_zero,),
            points=(at(C2, sigma),),
        ),
    )


def relation(st: Statement) -> Items:
    """Derive the gradient relation from its parts."""
    return (Step("collect", eq(st.expression, C1 * y + C2 * sigma), method="identity"),)


def relation_on_a_line(st: Statement) -> Items:
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
            witness={
                x: sp.Rational(1, 2),
                half: sp.Rational(9, 20),
                kappa: sp.Rational(3, 5),
            },
        ),
        *(_condition(st)),
    )


def _condition(st: Statement) -> Items:
    claims = tuple(map(matrices.over_x, hypotheses(st, "inner step")))
    return (
        Step(
            "(1-x)^2 is positive inside the domain",
            lt(x, 1),
            claims,
            controls=(le(x, sp.Rational(999, 1000)),),
            points=({},),
        ),
    )


def root_mean_square(st: Statement) -> Items:
    """Derive the bound on sqrt(E||g_i||^2)."""
    return (Step("collect", eq(st.expression, C1 * y + q * sigma), method="identity"),)


def second_moment(st: Statement) -> Items:
    """``E||P Q g_i||^2 <= (1+x)^4 (g^2 + sigma^2)``."""
    stretch = formula("sharp.matrix.upper")
    bound = le(rms**2, st.expression)
    return (
        axioms.NORMS,
        Step(
            "both factors stretch by at most 1 + x",
            bound,
            (
                le(rms**2, stretch**4 * (gradient**2 + sigma**2)),
                le(gradient, C1 * y + C2 * sigma),
            ),
        ),
    )


def repaired(st: Statement) -> Items:
    """Derive the recorded form with (1+x)^4: the square of a sum is at most twice the sum of squares."""
    first, second = st.where[1].symbol, st.where[2].symbol
    stretch = formula("sharp.matrix.upper")
    given = (le(rms**2, stretch**4 * (gradient**2 + sigma**2)), le(gradient, first * y + second * sigma))
    level = {x: sp.Rational(1, 3), first: sp.Integer(2), second: sp.Integer(1)}
    tight = level | {sigma: sp.Integer(1), y: sp.Rational(1, 2)}
    name = "the square of a sum is at most twice the sum of squares"
    return (axioms.NORMS, Step(name, le(rms**2, st.expression), given, points=(tight,)))


def spread(st: Statement) -> Items:
    """Distance from a fixed vector: norm of the random matrix on s_i plus its deviation on the mean."""
    stretch, away = _pieces(st)
    claim = eq(st.expression, stretch * sigma + away * gradient)
    return (
        axioms.MINKOWSKI,
        Step("norm on the heterogeneity, deviation on the mean", claim, method="identity"),
    )


def _pieces(st: Statement) -> tuple[sp.Expr, sp.Expr]:
    stretch = formula("sharp.matrix.upper")
    if st.name == "sharp.spread.meta-gradient":
        return stretch**2, formula("sharp.matrix.product")
    return stretch, x


def adapted(st: Statement) -> Items:
    """``||gp_i|| <= (1+x)||g_i||`` and ``E||g_i||^2 <= g^2 + sigma^2``."""
    square = formula("sharp.matrix.upper") ** 2 * (gradient**2 + sigma**2)
    return (axioms.NORMS, Step("square", eq(st.expression**2, square), method="identity"))
