"""Where FO-MAML stops: the sharp upper bound and the families that show it cannot be improved."""

from __future__ import annotations

from sympy import Integer, Rational

from bounds.bound import Condition, Definition, Statement
from bounds.sharp.directions import DIFFERENCE_ERROR, eta
from bounds.sharp.quantities import C1, RANGE, RELATION, q, x
from bounds.stating import PURE, derived
from bounds.symbols import L, R, alpha, defined, epsilon, m, sigma
from bounds.units import unit

lam = defined("lam")
_GRADIENT = unit(1, -1)
_STEP = RELATION[:1]
_SUBJECT = r"\|\nabla F(w^*)\|"


def plateau_statements() -> tuple[Statement, ...]:
    """Return the upper bound, the universal lower bound and the tuned trapezoid's exact plateau."""
    return (
        Statement(
            name="sharp.plateau.upper",
            title="a point where FO-MAML stops has at most this gradient",
            subject=_SUBJECT,
            expression=x * (1 + x) * sigma,
            unit=_GRADIENT,
            where=_STEP,
            domain=(Condition("inner step", alpha * L, Integer(1), strict=True),),
            source="derived here: variance of the adapted gradients",
            provenance="derived",
        ),
        Statement(
            name="sharp.plateau.lower",
            title="one smooth two-task problem on which FO-MAML stays above this, for every alpha <= 1/(10L)",
            subject=_SUBJECT,
            relation=r"\ge",
            expression=Rational(41, 100) * x * sigma,
            unit=_GRADIENT,
            where=_STEP,
            domain=(Condition("inner step", alpha * L, Rational(1, 10)),),
            source="derived here: cosine family, interval arithmetic",
            provenance="derived",
        ),
        _trapezoid(),
        *_difference(),
        derived(
            "plateau.shared-hessian",
            "where FO-MAML stops when all tasks share their Hessian: the gradient is zero",
            _SUBJECT,
            Integer(0),
            _GRADIENT,
            "grad F = (I - alpha H) E grad f_i(w_i^+)",
            relation="=",
        ),
    )


def _difference() -> tuple[Statement, ...]:
    """Where HF-MAML with probes of a fixed length stops, and the length that moves the stop below epsilon."""
    where = (
        *RELATION,
        Definition(eta, DIFFERENCE_ERROR, "relative error of the difference", r"\eta"),
    )
    reach = eta * (1 + x)
    return (
        derived(
            "plateau.hf-maml",
            "where HF-MAML with probes of a fixed length stops, without noise",
            _SUBJECT,
            reach * q * sigma / (1 - reach * C1),
            _GRADIENT,
            "error of the central difference",
            where=where,
            domain=(RANGE, Condition("signal", reach * C1, Integer(1), strict=True)),
            errata=("E3",),
        ),
        derived(
            "plateau.hf-maml.repair",
            "difference factor gamma = rho alpha l with which HF-MAML, without noise, stops only below epsilon",
            r"\rho\alpha l",
            2 * epsilon / ((1 + x) * (C1 * epsilon + q * sigma)),
            PURE,
            "error of the central difference",
            where=RELATION,
            domain=(RANGE, Condition("heterogeneity", Integer(0), sigma, strict=True)),
        ),
    )


def _trapezoid() -> Statement:
    kept = 1 - lam**2 / (2 * R * L**2)
    shrink = (1 - x) * (1 - alpha * (2 * m - L)) / ((1 + alpha * lam) * (1 - alpha * m))
    return Statement(
        name="sharp.plateau.trapezoid",
        title="exact FO-MAML plateau of the tuned trapezoid family",
        subject=_SUBJECT,
        relation="=",
        expression=alpha * sigma * lam * kept * shrink,
        unit=_GRADIENT,
        where=(*_STEP, Definition(lam, L - m, "slope of the heterogeneity", r"\lambda")),
        domain=(
            Condition("inner step", alpha * L, Integer(1), strict=True),
            Condition("curvature of the mean", m, L, strict=True),
            Condition("room for the ramp", lam**2, 2 * R * L**2),
            Condition("stable stop", alpha * lam**2, m * (1 - alpha * m), strict=True),
        ),
        source="derived here: the FO-MAML map is affine on the ramp",
        provenance="derived",
    )
