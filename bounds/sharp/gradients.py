"""How the gradient of f, and the spread of the tasks' gradients, follow from grad F and sigma."""

from __future__ import annotations

from sympy import sqrt

from bounds.bound import Condition, Statement
from bounds.paper.gradients import INNER_STEP, REPAIRED, second_moment
from bounds.paper.gradients import WHERE as RECORDED
from bounds.sharp.quantities import C1, C2, ON_A_LINE, RANGE, RELATION, om, q, x
from bounds.stating import GRADIENT, GRADIENT_SQUARED, derived
from bounds.symbols import gradient, sigma, y

_MEAN = r"\|\nabla f(w)\|"
_SUBTRACT = "subtract (1+x^2)I, of which the heterogeneity has mean zero"
_CENTRE = "distance from a fixed vector; Minkowski"


def gradient_statements() -> tuple[Statement, ...]:
    """Return the gradient relation, in any dimension and in one, root mean squares, and spreads."""
    return (*_relations(), *_moments(), *_spreads())


def _relations() -> tuple[Statement, ...]:
    line = y / (1 - x) ** 2 + 2 * x / (1 - x**2) * sigma
    return (
        derived(
            "gradient-relation",
            "the gradient of f is controlled by that of F, up to alpha L = 1/sqrt(2)",
            _MEAN,
            C1 * y + C2 * sigma,
            GRADIENT,
            _SUBTRACT,
            where=RELATION,
            domain=(RANGE,),
        ),
        derived(
            "gradient-relation.line",
            "the gradient of f is controlled by that of F, in one dimension",
            _MEAN,
            line,
            GRADIENT,
            "variance of a number between two ends; attained",
            where=RELATION,
            domain=(ON_A_LINE, Condition("inner step", x, 1, strict=True)),
        ),
    )


def _moments() -> tuple[Statement, ...]:
    square = r"E_i\|\nabla F_i(w)\|^2"
    return (
        derived(
            "root-mean-square",
            "root mean square of the tasks' gradients",
            r"\sqrt{E_i\|\nabla f_i(w)\|^2}",
            C1 * y + q * sigma,
            GRADIENT,
            "gradient relation and Minkowski",
            where=RELATION,
            domain=(RANGE,),
        ),
        derived(
            "second-moment",
            "second moment of the tasks' meta-gradients",
            square,
            (1 + x) ** 4 * ((C1 * y + C2 * sigma) ** 2 + sigma**2),
            GRADIENT_SQUARED,
            "norms of P_i and Q_i",
            where=RELATION,
            domain=(RANGE,),
        ),
        derived(
            "second-moment.repaired",
            "the recorded second moment with the factor that makes it true",
            square,
            second_moment(REPAIRED),
            GRADIENT_SQUARED,
            "norms of P_i and Q_i, then the recorded gradient relation",
            where=RECORDED,
            domain=(INNER_STEP,),
        ),
    )


def _spreads() -> tuple[Statement, ...]:
    return (
        derived(
            "spread.meta-gradient",
            "spread of the tasks' meta-gradients",
            r"\operatorname{std}(\nabla F_i(w))",
            (1 + x) ** 2 * sigma + om * gradient,
            GRADIENT,
            _CENTRE,
            where=RELATION,
        ),
        derived(
            "spread.adapted",
            "spread of the tasks' gradients after the inner step",
            r"\operatorname{std}(\nabla f_i(w_i^+))",
            (1 + x) * sigma + x * gradient,
            GRADIENT,
            _CENTRE,
            where=RELATION,
        ),
        derived(
            "adapted.root-mean-square",
            "root mean square of the tasks' gradients after the inner step",
            r"\sqrt{E_i\|\nabla f_i(w_i^+)\|^2}",
            (1 + x) * sqrt(gradient**2 + sigma**2),
            GRADIENT,
            "norm of Q_i",
            where=RELATION,
        ),
    )
