"""Where FO-MAML and HF-MAML stop: sharp upper bounds, and the families that show they cannot be improved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.generic import at
from bounds.derivation.outcome import Outcome
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, free, hypotheses, identity, unfolded, var
from bounds.standing import COSINE, FREE, SAMPLES, Left
from bounds.stating import GRADIENT, PURE, derived
from bounds.symbols import L, R, alpha, defined, epsilon, m, sigma, y
from bounds.theory import difference, matrices
from bounds.theory.difference import eta
from bounds.theory.gradients import RELATION, q
from bounds.theory.matrices import C1, RANGE, UPPER, over_x, x

PLACE = 80

lam = defined("lam")
square, cross, bend, centre = var("E_gp_squared"), var("E_gp_S_gp"), var("E_S_gp_squared"), var("E_S_gp_mean")
eigenvalue, gamma = var("eigenvalue_of_Q"), var("rho_alpha_l")
_SUBJECT = r"\|\nabla F(w^*)\|"
_BELOW_ONE = Condition("inner step", alpha * L, Integer(1), strict=True)


def _upper(st: Statement) -> Items:
    """``x sqrt(E||gp||^2)`` with ``Var(N gp) <= sigma^2`` for N = Q^-1 = nu I + S and E gp = 0."""
    nu = 1 / UPPER
    variance = nu**2 * square + 2 * nu * cross + bend - centre
    stays = over_x(hypotheses(st)[0])
    given = (le(centre, bend), le(variance, sigma**2))
    return (
        axioms.FUNDAMENTAL,
        axioms.SPECTRAL,
        Step(
            "eigenvalues of Q^-1 are at least nu",
            le(nu, 1 / eigenvalue),
            (le(1 - x, eigenvalue), le(eigenvalue, UPPER), stays),
        ),
        Step("variance of N gp", le(x * sqrt(square), st.expression), given),
    )


def _lower(st: Statement) -> Items:
    """Cosine family, fixed problem, every alpha <= 1/(10L): interval subdivision."""
    ratio = sp.cancel(st.expression / (x * sigma))
    limit = hypotheses(st)[0].right

    def decide(_: Step) -> Outcome:
        from bounds.derivation.cosine import decide_lower

        return decide_lower(ratio, limit)

    step = Step(
        "cosine family: the map changes sign and the gradient stays away from zero before it does",
        le(ratio, var("gradient_over_x_sigma")),
        (le(x, limit),),
        method="subdivision",
        decide=decide,
    )
    return (axioms.CONTRACTION, step)


def _room(e: sp.Expr, st: Statement) -> Items:
    lowest = 2 * m - L
    return (identity("half the difference of the two Hessians", e, (L - lowest) / 2),)


def _trapezoid(st: Statement) -> Items:
    """On the ramp all three gradients are affine: solve for the fixed point, evaluate grad F there."""
    s, p, ramp = free("s"), free("p"), free("lam_")
    first, second = L, 2 * m - L
    map_ = ((1 - alpha * first) * (s + p) + (1 - alpha * second) * (s - p)) / 2
    grad = ((1 - alpha * first) ** 2 * (s + p) + (1 - alpha * second) ** 2 * (s - p)) / 2
    fixed = sp.solve(map_, s)[0]
    top = (sigma - ramp**2 / (2 * R * L**2 / sigma)) / (1 + alpha * ramp)
    value = -grad.subs(s, fixed).subs(p, top).subs(ramp, L - m)
    room = hypotheses(st, "room for the ramp")[0]
    turn = sp.diff(map_.subs({s: m * (y - epsilon), p: (L - m) * y}), y)
    stable = tuple(Claim(h.left.subs(lam, L - m), h.right, h.relation) for h in hypotheses(st, "stable stop"))
    height, contracts = 1 - lam**2 / (2 * R * L**2), (1 - alpha * L) * (1 - alpha * (2 * m - L))
    return (
        axioms.CONTRACTION,
        identity("gradient at the fixed point", unfolded(st), value),
        Step("the stop is stable: the map increases", lt(0, turn), stable, controls=(lt(1, turn / L),)),
        Step(
            "the ramp has a positive height",
            le(0, height),
            (room,),
            controls=(le(Rational(1, 1000), height),),
        ),
        Step(
            "the second map contracts: 1 - alpha L and 1 - alpha (2m - L) are positive for 0 < m < L",
            lt(0, contracts),
            hypotheses(st, "inner step", "curvature of the mean"),
            controls=(lt(1, contracts),),
        ),
    )


def _difference(st: Statement) -> Items:
    """``y <= eta (1+x) sqrt(g^2 + sigma^2) <= eta (1+x) (C1 y + q sigma)``."""
    given = (le(y, eta * UPPER * (C1 * y + q * sigma)), *map(over_x, hypotheses(st, "signal")))
    points = ({**at(x, C1, q, sigma), eta: Rational(1, 5)},)
    return (
        axioms.SEGMENT_MEAN,
        Step("solve for the gradient", le(y, st.expression), given, points=points),
    )


def _repair(st: Statement) -> Items:
    """With gamma = rho alpha l below this, eta <= gamma/2 keeps every stop at or below epsilon."""
    given = (
        le(gamma, st.expression),
        le(y, gamma / 2 * UPPER * (C1 * y + q * sigma)),
        *hypotheses(st, "heterogeneity"),
        lt(0, C1),
        lt(0, q),
    )
    points = (at(x, C1, q, sigma),)
    return (axioms.SEGMENT_MEAN, Step("every stop is at most epsilon", le(y, epsilon), given, points=points))


def _shared(st: Statement) -> Items:
    """``grad F = E (I - aH) gp_i = (I - aH) E gp_i = 0``."""
    mean, factor = free("E_gp"), free("I_minus_aH")
    claim = eq(st.expression, (factor * mean).subs(mean, 0))
    return (Step("the common factor leaves the mean", claim, method="identity", controls=(eq(1, 0),)),)


ON_TRAPEZOID = "trapezoid"


def _at_rest(left: Callable[[Any], Any], algorithm: str, enough: bool = False) -> Left:
    return Left(left, of=SAMPLES, among=lambda p: p.exact.at_rest(algorithm), enough=enough)


_KEPT = 1 - lam**2 / (2 * R * L**2)
_SHRINK = (1 - x) * (1 - alpha * (2 * m - L)) / ((1 + alpha * lam) * (1 - alpha * m))
_REACH = eta * UPPER
STATEMENTS = (
    derived(
        "plateau.upper",
        "a point where FO-MAML stops has at most this gradient",
        _SUBJECT,
        x * UPPER * sigma,
        GRADIENT,
        "variance of the adapted gradients",
        where=(matrices.X,),
        domain=(_BELOW_ONE,),
        proof=_upper,
        chapter="theorems",
        left=Left(lambda p: p.y, of=FREE, among=lambda p: p.stopped),
    ),
    derived(
        "plateau.lower",
        "one smooth two-task problem on which FO-MAML stays above this, for every alpha <= 1/(10L)",
        _SUBJECT,
        Rational(41, 100) * x * sigma,
        GRADIENT,
        "cosine family, interval arithmetic",
        relation=r"\ge",
        where=(matrices.X,),
        domain=(Condition("inner step", alpha * L, Rational(1, 10)),),
        proof=_lower,
        chapter="theorems",
        left=Left(lambda p: p.fo_stop, of=COSINE),
    ),
    derived(
        "plateau.trapezoid",
        "exact FO-MAML plateau of the tuned trapezoid family",
        _SUBJECT,
        alpha * sigma * lam * _KEPT * _SHRINK,
        GRADIENT,
        "the FO-MAML map is affine on the ramp",
        relation="=",
        where=(
            matrices.X,
            Definition(lam, L - m, "slope of the heterogeneity", r"\lambda", why=_room),
        ),
        domain=(
            _BELOW_ONE,
            Condition("curvature of the mean", m, L, strict=True),
            Condition("room for the ramp", lam**2, 2 * R * L**2),
            Condition("stable stop", alpha * lam**2, m * (1 - alpha * m), strict=True),
        ),
        proof=_trapezoid,
        chapter="theorems",
        left=Left(lambda p: p.fo_stop, of=ON_TRAPEZOID),
    ),
    derived(
        "plateau.hf-maml",
        "where HF-MAML with probes of a fixed length stops, without noise",
        _SUBJECT,
        _REACH * q * sigma / (1 - _REACH * C1),
        GRADIENT,
        "error of the central difference",
        where=(*RELATION, difference.relative_error("relative error of the difference")),
        domain=(RANGE, Condition("signal", _REACH * C1, Integer(1), strict=True)),
        errata=("E3",),
        proof=_difference,
        chapter="theorems",
        left=_at_rest(lambda p: p.y, "hf-maml"),
    ),
    derived(
        "plateau.hf-maml.repair",
        "difference factor gamma = rho alpha l with which HF-MAML, without noise, stops only below epsilon",
        r"\rho\alpha l",
        2 * epsilon / (UPPER * (C1 * epsilon + q * sigma)),
        PURE,
        "error of the central difference",
        where=RELATION,
        domain=(RANGE, Condition("heterogeneity", Integer(0), sigma, strict=True)),
        proof=_repair,
        chapter="theorems",
        left=_at_rest(lambda p: p.gamma, "hf-maml", enough=True),
    ),
    derived(
        "plateau.shared-hessian",
        "where FO-MAML stops when all tasks share their Hessian: the gradient is zero",
        _SUBJECT,
        Integer(0),
        GRADIENT,
        "grad F = (I - alpha H) E grad f_i(w_i^+)",
        relation="=",
        proof=_shared,
        chapter="theorems",
        left=Left(lambda p: p.y, of=SAMPLES, among=lambda p: p.exact.alike.at_rest("fo-maml")),
    ),
)
FO_STOP, FO_STALLS, TRAPEZOID, HF_STOP, HF_REPAIR, SHARED_HESSIAN = STATEMENTS
