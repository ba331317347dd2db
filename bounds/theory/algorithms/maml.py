"""MAML as the paper has it: constant 61, alpha <= 1/(6L), beta_k = beta~(w_k)/12."""

from __future__ import annotations

from sympy import Integer, Rational, sqrt

from bounds.stating import PURE, RECALL
from bounds.stating import recorded as state
from bounds.symbols import B, D_h, alpha, d, sigma, sigma_H, y
from bounds.theory import directions, recorded
from bounds.theory.algorithm import SIXTH, Algorithm, Certificate, Recorded
from bounds.theory.certificates import INNER, MEAN, OUTER, SECOND, scaled
from bounds.theory.difference import h2
from bounds.theory.directions import A0, A1, B0, B1
from bounds.theory.estimators import T, b
from bounds.theory.inner_steps.algorithms import after
from bounds.theory.matrices import C1, UPPER, om

NAME = "maml"
PLACE = 71

_HALF = Rational(1, 2)
_RECORDED = Recorded(
    constant=Integer(61),
    step_factor=Rational(1, 12),
    largest_x=SIXTH,
    task_noise=sigma**2 / B,
    hessian_batch=2 * alpha**2 * sigma_H**2,
    certificate=Certificate(
        bias=(INNER,),
        variance=(MEAN, *OUTER, *scaled(_HALF, SECOND)),
        growth=(om * C1) ** 2 + _HALF * (UPPER * C1) ** 2,
        bias_growth=Integer(0),
        constant=Rational(911, 1000),
    ),
)
"""h2 = 1/2 as the recorded D_h gives."""

_PARTS = (
    *directions.COMMON,
    directions.NOISE_OF_PRODUCT,
    *directions.four(
        NAME,
        (
            UPPER * b,
            0,
            sqrt(A0**2 + UPPER**2 * T + h2 * (B0**2 + T)),
            sqrt(A1**2 + h2 * B1**2),
        ),
        bias=UPPER * b + 0 * y,
        spread=lambda left: (A0**2 + UPPER**2 * T + h2 * (B0**2 + T), A1**2 + h2 * B1**2),
    ),
)
MAML: Algorithm = Algorithm(
    NAME,
    _PARTS,
    directions.different(_PARTS),
    _RECORDED,
    more={
        "hessian-batch": recorded.hessian_batch(NAME, _RECORDED.hessian_batch, marks=_RECORDED.marks),
        "cost": state(
            f"{NAME}.cost",
            "maml: cost of the Hessians of one iteration",
            r"\mathrm{cost}",
            d**2 * B * D_h,
            PURE,
            "remark on the cost of MAML",
            marks=(RECALL,),
            up_to_constant=True,
            note="recorded for explicit Hessians; with Hessian-vector products it is d B D_h",
            unmeasured=recorded.ORDER,
        ),
    },
    title="MAML",
    direction="empirics.algorithms:maml",
    layered="empirics.multilevel:maml",
    mean="empirics.problems.mean_direction:of_product",
    after=after,
    several="empirics.inner_steps:maml",
    layered_several="empirics.multilevel:several_maml",
)
