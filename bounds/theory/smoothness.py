"""Smoothness of F at a point, and the parabolas about it."""

from __future__ import annotations

from bounds.bound import Condition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.standing import LOSSES, Left
from bounds.stating import HESSIAN, NOTES, RECALL, derived, recorded
from bounds.symbols import L, alpha, mean_norm, rho
from bounds.theory import matrices
from bounds.theory.matrices import UPPER, x

PLACE = 30

CURVE = UPPER**2 * L + UPPER * rho * alpha * mean_norm
RECORDED_CURVE = 4 * L + 2 * rho * alpha * mean_norm


def _two_parts(st: Statement) -> Items:
    """Difference of products: ``(P(w)-P(u)) gp(w) + P(u)(gp(w) - gp(u))``."""
    distance, factor, size = var("distance"), var("factor_change"), var("adapted_norm")
    shift, change = var("adapted_change"), var("gradient_change")
    first, second = var("first_part"), var("second_part")
    given = (
        le(factor, alpha * rho * distance),
        le(size, UPPER * mean_norm),
        le(shift, L * UPPER * distance),
        le(first, factor * size),
        le(second, UPPER * shift),
        le(change, first + second),
    )
    points = (at(L, alpha, x, rho, mean_norm),)
    step = Step("two parts", le(change, st.expression * distance), given, points=points)
    return (axioms.FUNDAMENTAL, axioms.NORMS, step)


def _half(st: Statement) -> Items:
    """Half the smoothness at the fixed end."""
    return (axioms.DESCENT, identity("half the smoothness at w", st.expression, CURVE / 2))


_SMOOTHNESS = ("smoothness", "smoothness of F at w", r"\|\nabla F(w)-\nabla F(u)\|/\|w-u\|")
_PARABOLAS = (
    "quadratic-bound",
    "F lies between two parabolas about w",
    r"|F(u)-F(w)-\langle\nabla F(w),u-w\rangle|/\|u-w\|^2",
)
_OF_CHANGE = Left(lambda p: p.steepest, "ratio", LOSSES)
_OF_DISTANCE = Left(lambda p: p.parabolas, of=LOSSES)
_WHOLE = (Condition("inner step", alpha * L, 1),)
RECORDED_SMOOTHNESS = recorded(
    *_SMOOTHNESS,
    RECORDED_CURVE,
    HESSIAN,
    "lemma on smoothness",
    marks=(NOTES,),
    domain=_WHOLE,
    note="remark in the record: L(w) is not bounded over w, because E_i||grad f_i(w)|| is not: F has no global "
    "constant of smoothness, and the step size follows L(w)",
    left=_OF_CHANGE,
)
RECORDED_PARABOLAS = recorded(
    *_PARABOLAS,
    RECORDED_CURVE / 2,
    HESSIAN,
    "corollary of the lemma on smoothness",
    marks=(RECALL,),
    domain=_WHOLE,
    left=_OF_DISTANCE,
)
STATEMENTS = (
    derived(
        *_SMOOTHNESS,
        CURVE,
        HESSIAN,
        "difference of products, one factor at each point",
        where=(matrices.X,),
        proof=_two_parts,
        sharpens=RECORDED_SMOOTHNESS,
        left=_OF_CHANGE,
    ),
    derived(
        *_PARABOLAS,
        CURVE / 2,
        HESSIAN,
        "smoothness at w, integrated over the segment with the bound taken at its fixed end",
        where=(matrices.X,),
        proof=_half,
        sharpens=RECORDED_PARABOLAS,
        left=_OF_DISTANCE,
    ),
)
SMOOTHNESS, PARABOLAS = STATEMENTS
