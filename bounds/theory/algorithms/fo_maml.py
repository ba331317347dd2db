"""FO-MAML as the paper has it: constant 14, alpha <= 1/(10L), beta_k = beta~(w_k)/18."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.symbols import B, L, alpha, gradient, sigma
from bounds.theory import directions
from bounds.theory.algorithm import TENTH, Algorithm, Certificate, Recorded, Square
from bounds.theory.certificates import NOISE, batch_share, fixed_share, shares
from bounds.theory.directions import OF_F, ROOT_MEAN_SQUARE, at_zero, growth, v0, v1
from bounds.theory.estimators import T, b
from bounds.theory.gradients import C2, SPREAD_ADAPTED, q
from bounds.theory.inner_steps.algorithms import after
from bounds.theory.matrices import C1, UPPER, x

if TYPE_CHECKING:
    from bounds.plan import Theory


NAME = "fo-maml"
PLACE = 72

FIXED = 20 * alpha**2 * L**2 * sigma**2
_NOISE = sigma**2 / B + FIXED
_ONE, _ZERO = sp.S.One, sp.S.Zero
_BIAS: Square = (_ONE, UPPER * q * fixed_share, _ZERO, x)
_SPREAD: Square = (_ONE, (UPPER + x * C2) * batch_share, _ZERO, x / sqrt(B))
_RECORDED = Recorded(
    constant=Integer(14),
    step_factor=Rational(1, 18),
    largest_x=TENTH,
    task_noise=_NOISE,
    fixed_noise=FIXED,
    certificate=Certificate(
        bias=(_BIAS,),
        variance=(_SPREAD, *NOISE),
        growth=(x * C1) ** 2,
        bias_growth=x * UPPER * C1,
        constant=Rational(277, 1000),
        task_scale=1 / sqrt(1 + 20 * x**2 * B),
        shares=shares(_NOISE),
    ),
)
"""p^2 stands for sigma^2 (1/B + 20 x^2)."""

_ADAPTED = SPREAD_ADAPTED.subs(gradient, OF_F) + b


def _squares(left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    return left * at_zero(_ADAPTED) ** 2 + T, left * growth(_ADAPTED) ** 2


_PARTS = (
    *directions.COMMON,
    *directions.four(
        NAME,
        (
            x * UPPER * q * sigma + b,
            x * UPPER * C1,
            sqrt((UPPER * sigma + x * C2 * sigma + b) ** 2 + T),
            x * C1,
        ),
        bias=x * UPPER * ROOT_MEAN_SQUARE + b,
        spread=_squares,
    ),
)


def _lessened(factor: sp.Expr) -> Mapping[sp.Symbol, sp.Expr]:
    """Its variance is the spread of the tasks squared, and the noise T of the outer gradient."""
    whole = {part.symbol: part.expression for part in _PARTS}
    return {v0: sqrt(factor * (whole[v0] ** 2 - T) + T), v1: sqrt(factor) * whole[v1]}


def _obstacle(theory: Theory, reachable: bool, sigma: float) -> str:
    if not reachable:
        return (
            "at this alpha the first-order bias grows with ||grad F|| itself, whatever the batch sizes (from "
            "alpha L = 1/3 on it outgrows it under every step rule)"
        )
    return (
        "the first-order direction has a bias of order alpha L sigma, whatever the batch sizes"
        if sigma > 0
        else ""
    )


FO_MAML: Algorithm = Algorithm(
    NAME,
    _PARTS,
    directions.different(_PARTS, _lessened),
    _RECORDED,
    curvature="none",
    obstacle=_obstacle,
    title="FO-MAML",
    direction="empirics.algorithms:fo_maml",
    layered="empirics.multilevel:fo_maml",
    mean="empirics.problems.mean_direction:of_outer",
    after=after,
    several="empirics.inner_steps:fo_maml",
    layered_several="empirics.multilevel:several_fo_maml",
)
