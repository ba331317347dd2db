r"""Two matrix facts: ``P = I - X``, ``Q = I - Y`` with X, Y symmetric of norm at most x = alpha L."""

from __future__ import annotations

from sympy import Integer

from bounds.bound import Condition, Statement
from bounds.sharp.quantities import C1, ON_A_LINE, RANGE, RELATION, om, x
from bounds.stating import PURE, derived

_PRODUCT = "extreme points of the unit ball of symmetric matrices; attained by two reflections"
_SQUARES = "sum and difference of the two perturbations"


def matrix_statements() -> tuple[Statement, ...]:
    """Return the distance of PQ from a multiple of I, and the lower and upper ends of PQ."""
    product = r"\|PQ-(1+x^2)I\|"
    inner = r"\langle Pv,Qv\rangle/\|v\|^2"
    return (
        derived(
            "matrix.product", "distance of PQ from (1+x^2)I", product, om, PURE, _PRODUCT, where=RELATION
        ),
        derived(
            "matrix.product.line",
            "distance of PQ from (1+x^2)I in one dimension",
            product,
            2 * x,
            PURE,
            "a function affine in each perturbation, at its corners",
            where=RELATION,
            domain=(ON_A_LINE, Condition("inner step", x, Integer(1))),
        ),
        derived(
            "matrix.inner",
            "PQ is positive on every vector",
            inner,
            1 / C1,
            PURE,
            _SQUARES,
            relation=r"\ge",
            where=RELATION,
            domain=(RANGE,),
        ),
        derived(
            "matrix.upper",
            "P and Q stretch little",
            r"\|Pv\|/\|v\|",
            1 + x,
            PURE,
            "triangle inequality",
            where=RELATION,
        ),
        derived(
            "matrix.lower",
            "P and Q shrink little",
            r"\|Pv\|/\|v\|",
            1 - x,
            PURE,
            "triangle inequality",
            relation=r"\ge",
            where=RELATION,
            domain=(Condition("inner step", x, Integer(1)),),
        ),
    )
