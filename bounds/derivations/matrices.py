"""The two matrix facts: steps over norms of sums and differences."""

from __future__ import annotations

from sympy import Rational

from bounds.bound import Statement
from bounds.derivation.claim import Claim, eq, le
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.tools import free, hypotheses, var
from bounds.sharp.quantities import x
from bounds.symbols import L, alpha

plus, minus, half_sum = var("norm_of_sum"), var("norm_of_difference"), var("half_sum")
norm, stretched = var("norm"), var("stretched")
first, second = free("first"), free("second")
_CIRCLE = eq(plus**2 + minus**2, 4)
_TIGHT = {x: Rational(3, 4), plus: Rational(8, 5), minus: Rational(6, 5)}


def product(right: object) -> tuple[Step | Axiom, ...]:
    """``||PQ - (1+x^2) I|| <= right``: reflections give ``x p + x^2 r`` on the circle ``p^2 + r^2 = 4``."""
    step = Step(
        "two reflections: x p + x^2 r with p^2 + r^2 = 4 stays below",
        le(x * plus + x**2 * minus, right),
        (_CIRCLE,),
        witness=_TIGHT,
    )
    return (axioms.EXTREME_POINTS, step)


def product_on_a_line(st: Statement) -> tuple[Step | Axiom, ...]:
    """In one dimension the distance is ``|-X - Y + XY - x^2|``."""
    box = (
        le(-x, first),
        le(first, x),
        le(-x, second),
        le(second, x),
        *map(over_x, hypotheses(st, "inner step")),
    )
    value = -first - second + first * second - x**2
    ends = (le(value, st.expression), le(-value, st.expression))
    return tuple(
        Step(
            f"one dimension, {sign} side",
            claim,
            box,
            controls=(le(claim.left, st.expression * Rational(999, 1000)),),
        )
        for sign, claim in zip(("upper", "lower"), ends, strict=True)
    )


def inner(right: object, limit: tuple[Claim, ...]) -> tuple[Step | Axiom, ...]:
    """``<Pv, Qv> >= right`` for unit v: ``1 - 2t + 2t^2 - x^2`` with t the norm of the half sum."""
    step = Step(
        "the half sum has norm t <= x: 1 - 2t + 2t^2 - x^2 stays above",
        le(right, 1 - 2 * half_sum + 2 * half_sum**2 - x**2),
        (le(half_sum, x), *(over_x(c) for c in limit)),
    )
    return (axioms.PARALLELOGRAM, step)


def over_x(claim: Claim) -> Claim:
    """Write a condition on alpha L as one on x."""
    return Claim(claim.left.subs(alpha * L, x), claim.right.subs(alpha * L, x), claim.relation)


def norms(st: Statement, upper: bool) -> tuple[Step | Axiom, ...]:
    """``(1-x)||v|| <= ||Pv|| <= (1+x)||v||``."""
    near = (le(norm - x * norm, stretched), le(stretched, norm + x * norm), *map(over_x, hypotheses(st)))
    bound = st.expression * norm
    claim = le(stretched, bound) if upper else le(bound, stretched)
    return (axioms.NORMS, Step("distance of Pv from v is at most x||v||", claim, near))


def of_matrix_product(st: Statement) -> tuple[Step | Axiom, ...]:
    """Derive ``sharp.matrix.product``."""
    om = st.where[-1]
    return (Step("the statement is omega itself", eq(st.expression, om.symbol), method="identity"),)


def of_inner(st: Statement) -> tuple[Step | Axiom, ...]:
    """Derive ``sharp.matrix.inner`` and its extension."""
    last = st.where[-1]
    return (
        Step(
            "the statement is the reciprocal of the last part",
            eq(st.expression * last.symbol, 1),
            method="identity",
        ),
        *inner(1 / last.expression, hypotheses(st, "inner step")),
    )
