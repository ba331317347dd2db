r"""The self-scaled step on average: its noise is multiplied by the step factor, as that of the other rules.

With G of mean m and variance s^2, A = l0 + l1||m||, Lambda = l0 + l1 y, :math:`\psi(G) = G/(l_0 + l_1\|G\|)` and
t = ||G||, the descent lemma asks for two means.

- :math:`E\|\psi(G)\|^2 \le (\|m\|^2 + s^2)/A^2`, since :math:`u/(l_0 + l_1\sqrt u)^2` is concave in u = t^2.
- :math:`E\,\psi(G) - \psi(m) = -(l_1/A)\,E[(t - \|m\|)\,\psi(G)]`, of norm at most
  :math:`(l_1 s^2/A)(1/(2A) + \min(2/A, 1/\sqrt{A l_0}))`: split psi(G) into psi(m) and its change.

The rest is the pathwise inequality with m in place of G.  At rho = 0 it is the constant step.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy import Integer, Rational

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.stating import larger, smaller
from bounds.symbols import B, bias, c, defined, y
from bounds.theory.directions import R0, R1, v0, v1
from bounds.theory.weights import m2

PLACE = 34

ell, a0, b0 = map(defined, ("ell", "a0", "b0"))
lam, first, second = map(defined, ("lambda", "w1", "w2"))
mu, square, size, change, apart = map(var, ("norm_of_m", "s_squared", "norm_of_G", "psi_change", "distance"))
l0, l1, gap, far = map(var, ("l_0", "l_1", "one_less_cosine", "correction"))
mean, whole, grown = var("mean_norm_of_G"), var("Lambda"), var("A_m")
_BIASED = {ell: Integer(2), b0: Integer(3), R0: Integer(1), R1: Rational(1, 3)}


def _ratio(e: sp.Expr, st: Statement) -> Items:
    """Bound Lambda over its value at ||m||, from ``y <= ||m|| + R0 + R1 y``."""
    given = (le(y, mu + R0 + R1 * y), le(0, b0), lt(0, ell), lt(R1, 1), le(0, R0), le(0, R1))
    step = Step(
        "Lambda over l0 + l1||m||",
        le(ell + b0 * y, e * (ell + b0 * mu)),
        given,
        points=(_BIASED, _BIASED | {R0: Rational(1, 10)}),
    )
    return (axioms.NORMS, step)


def _ratio_at(e: sp.Expr, st: Statement) -> Items:
    """Do the same where the bias is known, from ``y <= ||m|| + ||bias||``."""
    given = (le(y, mu + bias), le(0, b0), lt(0, ell))
    point = {ell: Integer(2), b0: Integer(3), bias: Integer(1)}
    step = Step("Lambda over l0 + l1||m||", le(ell + b0 * y, e * (ell + b0 * mu)), given, points=(point,))
    return (axioms.NORMS, step)


def _second_order() -> Items:
    """E t^2/(l0 + l1 t)^2 at most its value at the root mean square, by concavity in t^2."""
    u = var("u")
    h = u / (l0 + l1 * sp.sqrt(u)) ** 2
    slope = l0 / (l0 + l1 * sp.sqrt(u)) ** 3
    bend = -3 * l0 * l1 / (2 * sp.sqrt(u) * (l0 + l1 * sp.sqrt(u)) ** 4)
    at_mean = size**2 / (l0 + l1 * size) ** 2
    given = (le(mu, size), le(size**2, mu**2 + square))
    claim = le(at_mean, (mu**2 + square) / (l0 + l1 * mu) ** 2)
    point = {l0: Integer(1), l1: Rational(1, 10**9), mu: Integer(1), square: Integer(2), size: sp.sqrt(3)}
    return (
        axioms.JENSEN,
        identity("slope in t^2", sp.diff(h, u), slope),
        identity("it is concave", sp.diff(slope, u), bend),
        Step("at the root mean square", claim, given, witness=point),
    )


def _drift() -> Items:
    """Bound the change of the mean of psi: half of it from E t - ||m||, the rest from the change of psi."""
    A, at = l0 + l1 * mu, l0 + l1 * size
    angle = 2 * size * mu * gap
    distance = (size - mu) ** 2 + angle
    moved = (l0 * (size - mu) / (at * A)) ** 2 + angle / (at * A)
    exact = 1 / A - l1 * (size - mu) / (A * at)
    point = {mu: Integer(2), square: Integer(3)}
    coarse = (le(change, apart / A + l1 * far * size / (A * at)), le(far, apart))
    return (
        axioms.JENSEN,
        axioms.NORMS,
        identity("1/(l0 + l1 t) from its value at ||m||", 1 / at, exact),
        Step(
            "the mean norm exceeds ||m|| by s^2/(2||m||) at most",
            le(mean - mu, square / (2 * mu)),
            (le(mean**2, mu**2 + square), le(mu, mean)),
            witness=point | {mean: Rational(13, 5)},
            controls=(le(mean - mu, square / (2 * mu) / 2),),
        ),
        identity("radial part of the change of psi", size / at - mu / A, l0 * (size - mu) / (at * A)),
        Step(
            "psi changes by the distance over the root of A l0",
            le(moved * A * l0, distance),
            (le(gap, 2),),
            controls=(le(Rational(11, 10) * moved * A * l0, distance),),
            witness={
                l0: Integer(1),
                l1: Rational(1, 10**6),
                mu: Integer(1),
                size: Integer(2),
                gap: Integer(1),
            },
        ),
        Step(
            "psi changes by twice the distance over A",
            le(change * A, 2 * apart),
            coarse,
            controls=(le(change * A, apart),),
            witness={
                l0: Rational(1, 1000),
                l1: Integer(1),
                mu: Integer(1),
                size: Integer(1),
                apart: Integer(1),
                far: Integer(1),
                change: Rational(3, 2),
            },
        ),
    )


def _weighed(e: sp.Expr, st: Statement) -> Items:
    """Add the second order, ``c (Lambda/A)^2``, and ``2 Lambda y`` times the drift."""
    A = grown
    near = (lt(0, ell), le(ell, A), le(whole, lam * A), le(b0 * y, whole), le(0, b0), le(1, lam))
    second_order = le(c * whole**2, c * lam**2 * A**2)
    by_ratio = 2 * whole * y * b0 * (1 / (2 * A) + 2 / A) / A
    by_size = 2 * whole * y * b0 * (1 / (2 * A) + 1 / ell) / A
    return (
        axioms.DESCENT,
        *_second_order(),
        *_drift(),
        Step(
            "second order",
            second_order,
            near,
            controls=(le(Rational(11, 10) * c * whole**2, c * lam**2 * A**2),),
        ),
        Step(
            "drift, in units of Lambda",
            le(by_ratio, 5 * lam**2),
            near,
            controls=(le(Rational(11, 10) * by_ratio, 5 * lam**2),),
        ),
        Step(
            "drift, in units of l0",
            le(by_size, 3 * lam * b0 * y / ell),
            near,
            controls=(le(Rational(11, 10) * by_size, 3 * lam * b0 * y / ell),),
        ),
        identity("both parts", e, c * lam**2 + lam * smaller(5 * lam, 3 * b0 * y / ell)),
    )


def _weight(e: sp.Expr, st: Statement) -> Items:
    return (identity("second order alone", e, c * lam**2), *_second_order())


_SPREAD = lam * (3 * b0 / ell * (v0**2 * y + 2 * v0 * v1 * y**2) + 5 * lam * v1**2 * y**2) / B


def _left(power: int) -> sp.Expr:
    return sp.expand(_SPREAD).coeff(y, power)


def _rest(power: int) -> Callable[[sp.Expr, Statement], Items]:
    def why(e: sp.Expr, st: Statement) -> Items:
        """``min(5 lam, 3 l1 y/l0)`` times each part of ``(v0 + v1 y)^2``."""
        least = var("least")
        ends = (
            le(least, 5 * lam),
            le(least, 3 * b0 * y / ell),
            le(0, b0),
            lt(0, ell),
            le(0, v0),
            le(0, v1),
            le(1, lam),
        )
        parts = le(lam * least * (v0 + v1 * y) ** 2 / B, _SPREAD)
        tight = (le(Rational(11, 10) * lam * least * (v0 + v1 * y) ** 2 / B, _SPREAD),)
        name = "drift: factor of y" if power == 1 else "drift: factor of y^2"
        return (
            *_drift(),
            Step("drift, for a spread that grows with y", parts, ends, controls=tight),
            identity(name, e, _left(power)),
        )

    return why


RATIO = Definition(
    lam,
    larger(1 + b0 * R0 / (ell * (1 - R1)), 1 / (1 - R1)),
    "Lambda(w) over its value at ||E G||",
    r"\lambda",
    why=_ratio,
)
THEOREM = (
    RATIO,
    Definition(m2, c * lam**2, "weight of the variance", "m_2", why=_weight),
    Definition(first, _left(1), "what the drift of the step costs, per y", "w_1", why=_rest(1)),
    Definition(second, _left(2), "what the drift of the step costs, per y^2", "w_2", why=_rest(2)),
)
REST = (first, second)
BIASED_LESS = Condition("growth of the bias", R1, Integer(1), strict=True)
AT_A_POINT = (
    Definition(lam, 1 + b0 * bias / ell, "Lambda(w) over its value at ||E G||", r"\lambda", why=_ratio_at),
    Definition(
        m2,
        c * lam**2 + lam * smaller(5 * lam, 3 * b0 * y / ell),
        "weight of the variance",
        "m_2",
        why=_weighed,
    ),
)
"""The same at a point whose bias and variance are known."""
