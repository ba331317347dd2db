"""HF-MAML as the paper has it: constant 36, alpha <= 1/(6L), beta_k = beta~(w_k)/25, gamma = 1/6.

The recorded condition ``D_h >= 36 (alpha rho sigma_tilde)^2`` is not homogeneous in units (erratum E2); the
domain here uses its homogeneous form ``36 (rho alpha^2 sigma_tilde)^2``.  The claim itself fails for large B
(erratum E3).

Its direction is parametrised by the length l of its probe, ``delta_i = l / ||v_i||``, so that rho = 0 is no
special case; gamma = rho alpha l is only a name. The error of the difference depends on the noise as well and
keeps its whole weight when different tasks are drawn: the factor is at most 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.tools import Items, Why, identity
from bounds.standing import Standing
from bounds.stating import IMPLEMENTATION, INNER_STEP
from bounds.stating import recorded as state
from bounds.symbols import B, alpha, defined, probe_norm, rho, sigma, sigma_H, sigma_tilde, y
from bounds.theory import difference, directions, recorded
from bounds.theory.algorithm import NOTE, SIXTH, Algorithm, Certificate, Recorded
from bounds.theory.certificates import INNER, MEAN, OUTER, SECOND, scaled
from bounds.theory.difference import eta, h2
from bounds.theory.directions import A0, A1, B0, B1, Part, at_zero, growth
from bounds.theory.estimators import T, b
from bounds.theory.inner_steps.algorithms import after
from bounds.theory.matrices import C1, UPPER, om

if TYPE_CHECKING:
    from bounds.plan import Theory


NAME = "hf-maml"
PLACE = 73

DELTA_FACTOR = Rational(1, 6)
_ETA = Rational(1, 12)
_RECORDED = Recorded(
    constant=Integer(36),
    step_factor=Rational(1, 25),
    largest_x=SIXTH,
    task_noise=sigma**2 / B,
    difference_factor=DELTA_FACTOR,
    hessian_batch=(rho * alpha**2 * sigma_tilde / DELTA_FACTOR) ** 2,
    errata=("E2", "E3"),
    note=f"the condition on D_h stands here in its homogeneous form, which is ours (E2); {NOTE}",
    certificate=Certificate(
        bias=(*scaled(2, (INNER,)), *scaled(2 * _ETA**2 * B, SECOND)),
        variance=(*scaled(2, (MEAN, *OUTER)), *scaled(2 * _ETA**2 + 1, SECOND)),
        growth=(om * C1 + _ETA * UPPER * C1) ** 2 + (UPPER * C1) ** 2,
        bias_growth=UPPER * C1 / 12,
        constant=Rational(36),
        largest_tasks=373,
        doubled=True,
        refuted_by="E3",
    ),
)
"""gamma = 1/6: eta = 1/12, h2 = 1; the bias does not shrink with B, so that the constant grows with it."""

M0, M1 = map(defined, ("M0", "M1"))
_ERROR = sqrt(B0**2 + T) + B1 * y
_BEFORE = sqrt(A0**2 + UPPER**2 * T) + A1 * y + eta * _ERROR


def _before(part: Part) -> Why:
    """Spread before Hessian noise, the error of the difference added by Minkowski."""

    def why(e: sp.Expr, st: Statement) -> Items:
        return (axioms.MINKOWSKI, identity("spread before Hessian noise", e, part(_BEFORE)))

    return why


_PARTS = (
    *directions.COMMON,
    difference.NOISE_OF_DIFFERENCE,
    difference.relative_error("relative error of the central difference"),
    Definition(
        M0,
        sqrt(A0**2 + UPPER**2 * T) + eta * sqrt(B0**2 + T),
        "spread before Hessian noise",
        "M_0",
        why=_before(at_zero),
    ),
    Definition(M1, A1 + eta * B1, "its growth with y", "M_1", why=_before(growth)),
    *directions.four(
        NAME,
        (
            UPPER * b + eta * sqrt(B0**2 + T),
            eta * B1,
            sqrt(M0**2 + h2 * (B0**2 + T)),
            sqrt(M1**2 + h2 * B1**2),
        ),
        bias=UPPER * b + eta * _ERROR,
        spread=lambda left: (M0**2 + h2 * (B0**2 + T), M1**2 + h2 * B1**2),
    ),
)

_E2 = "the recorded condition compares a pure number with F^2/W^4 (sigma_tilde) or F^4/W^10 (sigma_H); erratum E2"
_INHOMOGENEOUS: dict[str, Any] = {
    "marks": _RECORDED.marks,
    "errata": ("E2",),
    "inhomogeneous": _E2,
    "standing": Standing(
        "hypothesis",
        "not homogeneous in units as recorded; the homogeneous form is sharp.hf-maml.hessian-batch (erratum E2)",
    ),
}


def _obstacle(theory: Theory, reachable: bool, sigma: float) -> str:
    floor = "the recorded delta rule has a floor of its own for every batch size (erratum E3)"
    return floor if theory == "paper" else ""


HF_MAML: Algorithm = Algorithm(
    NAME,
    _PARTS,
    directions.different(_PARTS),
    _RECORDED,
    more={
        "hessian-batch": recorded.hessian_batch(
            NAME, 36 * (alpha * rho * sigma_tilde) ** 2, **_INHOMOGENEOUS
        ),
        "hessian-batch.sigma-H": recorded.hessian_batch(
            NAME, 36 * (alpha * rho * sigma_H) ** 2, "hessian-batch.sigma-H", **_INHOMOGENEOUS
        ),
        "difference": state(
            f"{NAME}.difference",
            "hf-maml: difference step",
            r"\delta_i",
            1 / (6 * rho * alpha * probe_norm),
            INNER_STEP,
            "theorem on hf-maml",
            marks=(*_RECORDED.marks, IMPLEMENTATION),
            relation="=",
            domain=(Condition("curvature", Integer(0), rho, strict=True),),
            errata=("E3",),
            unmeasured=recorded.DESIGN,
        ),
    },
    curvature="difference",
    obstacle=_obstacle,
    title="HF-MAML",
    direction="empirics.algorithms:hf_maml",
    layered="empirics.multilevel:hf_maml",
    mean="empirics.problems.mean_direction:of_difference",
    after=after,
    several="empirics.inner_steps:hf_maml",
)
