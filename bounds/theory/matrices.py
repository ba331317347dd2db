r"""Two matrix facts: ``P = I - X``, ``Q = I - Y`` with X, Y symmetric of norm at most x = alpha L.

At a point w: g_i = grad f_i(w), P_i = I - alpha Hess f_i(w), Q_i = I - alpha (mean Hessian over the inner step),
so that grad F_i = P_i Q_i g_i.  Write x = alpha L and y = ||grad F(w)||.
"""

from __future__ import annotations

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, free, hypotheses, identity, var
from bounds.standing import MATRICES, Left
from bounds.stating import PURE, derived, larger
from bounds.symbols import L, alpha, d, defined

PLACE = 20

x, om, C1 = map(defined, ("x", "om", "C1"))
UPPER, LOWER = 1 + x, 1 - x
"""How much P and Q stretch a vector at most, and at least."""
LEAST = Rational(1, 2) - x**2 + 2 * larger(0, Rational(1, 2) - x) ** 2
"""Least <Pv, Qv> for unit v: (1 - x)^2 up to x = 1/2, and 1/2 - x^2 beyond; both agree, with slope, at 1/2."""
RANGE = Condition("inner step", alpha * L, 1 / sqrt(2), strict=True)
"""Where LEAST is positive."""
ON_A_LINE = Condition("dimension", d, 1)

plus, minus, half_sum = var("norm_of_sum"), var("norm_of_difference"), var("half_sum")
norm, stretched, moved = var("norm"), var("stretched"), var("moved")
first, second = free("first"), free("second")
_CIRCLE = eq(plus**2 + minus**2, 4)
_TIGHT = {x: Rational(3, 4), plus: Rational(8, 5), minus: Rational(6, 5)}


def over_x(claim: Claim) -> Claim:
    """Write a condition on alpha L as one on x."""
    return Claim(claim.left.subs(alpha * L, x), claim.right.subs(alpha * L, x), claim.relation)


def _scaled(e: sp.Expr, st: Statement) -> Items:
    of_hessian = var("norm_of_Hessian")
    return (Step("||alpha Hess f_i|| <= x", le(alpha * of_hessian, e), (le(of_hessian, L),)),)


def reflections(e: sp.Expr, st: Statement) -> Items:
    """``||PQ - (1+x^2) I||`` is largest at reflections: ``x p + x^2 r``, with ``p^2 + r^2 = 4``."""
    step = Step(
        "two reflections: x p + x^2 r with p^2 + r^2 = 4 stays below",
        le(x * plus + x**2 * minus, e),
        (_CIRCLE,),
        witness=_TIGHT,
    )
    return (axioms.EXTREME_POINTS, step)


def _least_inner(e: sp.Expr, st: Statement) -> Items:
    """``<Pv, Qv> >= 1/C1`` for unit v: ``1 - 2t + 2t^2 - x^2`` with t the norm of the half sum.

    Where a statement has its own condition on alpha L, under it.
    """
    limit = hypotheses(st, "inner step") or (lt(RANGE.left, RANGE.right),)
    step = Step(
        "the half sum has norm t <= x: 1 - 2t + 2t^2 - x^2 stays above",
        le(1 / e, 1 - 2 * half_sum + 2 * half_sum**2 - x**2),
        (le(half_sum, x), *(over_x(c) for c in limit)),
    )
    return (axioms.PARALLELOGRAM, step)


X = Definition(x, alpha * L, "inner step in units of 1/L", why=_scaled)
OMEGA = Definition(
    om, 2 * x * sqrt(1 + x**2), "largest distance of P_i Q_i from (1 + x^2) I", r"\omega", why=reflections
)
FACTOR = Definition(C1, 1 / LEAST, "||grad f|| <= C1 ||grad F|| + C2 sigma", "C_1", why=_least_inner)


def _product_on_a_line(st: Statement) -> Items:
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


def _inner(st: Statement) -> Items:
    """Read the statement as the reciprocal of C1."""
    name = "the statement is the reciprocal of the last part"
    return (identity(name, st.expression * st.where[-1].symbol, 1),)


def _near(st: Statement) -> tuple[Claim, ...]:
    triangle = (le(norm - moved, stretched), le(stretched, norm + moved))
    return (*triangle, le(moved, x * norm), *map(over_x, hypotheses(st)))


def _stretch(st: Statement, claim: Claim) -> Items:
    """``(1-x)||v|| <= ||Pv|| <= (1+x)||v||``."""
    return (axioms.NORMS, Step("distance of Pv from v is at most x||v||", claim, _near(st)))


_OF_PRODUCT = Left(lambda p: p.most(p.P @ p.Q - (1 + p.x**2) * p.identity), of=MATRICES)
_OF_INNER = Left(lambda p: p.lowest(p.P @ p.Q), of=MATRICES)
_MOST = Left(lambda p: p.most(p.factors), of=MATRICES)
_LEAST = Left(lambda p: p.least(p.factors), of=MATRICES)
_PRODUCT = r"\|PQ-(1+x^2)I\|"
_STRETCH = r"\|Pv\|/\|v\|"
STATEMENTS = (
    derived(
        "matrix.product",
        "distance of PQ from (1+x^2)I",
        _PRODUCT,
        om,
        PURE,
        "extreme points of the unit ball of symmetric matrices; attained by two reflections",
        where=(X, OMEGA),
        proof=lambda st: (identity("the statement is omega itself", st.expression, st.where[-1].symbol),),
        left=_OF_PRODUCT,
    ),
    derived(
        "matrix.product.line",
        "distance of PQ from (1+x^2)I in one dimension",
        _PRODUCT,
        2 * x,
        PURE,
        "a function affine in each perturbation, at its corners",
        where=(X,),
        domain=(ON_A_LINE, Condition("inner step", x, Integer(1))),
        proof=_product_on_a_line,
        left=_OF_PRODUCT,
    ),
    derived(
        "matrix.inner",
        "PQ is positive on every vector",
        r"\langle Pv,Qv\rangle/\|v\|^2",
        1 / C1,
        PURE,
        "sum and difference of the two perturbations",
        relation=r"\ge",
        where=(X, FACTOR),
        domain=(RANGE,),
        proof=_inner,
        left=_OF_INNER,
    ),
    derived(
        "matrix.upper",
        "P and Q stretch little",
        _STRETCH,
        UPPER,
        PURE,
        "triangle inequality",
        where=(X,),
        proof=lambda st: _stretch(st, le(stretched, st.expression * norm)),
        left=_MOST,
    ),
    derived(
        "matrix.lower",
        "P and Q shrink little",
        _STRETCH,
        LOWER,
        PURE,
        "triangle inequality",
        relation=r"\ge",
        where=(X,),
        domain=(Condition("inner step", x, Integer(1)),),
        proof=lambda st: _stretch(st, le(st.expression * norm, stretched)),
        left=_LEAST,
    ),
)
PRODUCT_NORM, PRODUCT_NORM_ON_LINE, PRODUCT_INNER, LARGEST_STRETCH, SMALLEST_STRETCH = STATEMENTS
