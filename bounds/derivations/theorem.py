"""The complexity theorem: Young balanced at epsilon, telescoping, Jensen, and the stopped sum."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.tools import free, hypotheses, var
from bounds.sharp.curvature import smoothness_of
from bounds.sharp.directions import R0, R1, v0, v1
from bounds.sharp.steps import Rule, a0, b0, ell, m1, m1u, m2
from bounds.sharp.theorem import A, N, psi, t, t_inf
from bounds.symbols import B, Delta, K, bias, c, epsilon, error, variance, y

Items = tuple[Step | Axiom, ...]
signal = free("A_free")
average, steps, curve, size = var("mean_psi"), var("E_steps"), var("Lambda"), var("norm")
_YOUNG = m1u * R0 * R1 / epsilon + m2 * v0 * v1 / (B * epsilon)
_BRACKET = m1 * y**2 - m1u * (R0 + R1 * y) ** 2 - m2 * (v0 + v1 * y) ** 2 / B


def balance(name: str, expression: sp.Expr) -> Items:
    """Show that the bracket minus (A y^2 - N) is ``kappa (y - epsilon)^2``, with kappa >= 0."""
    square = _YOUNG * (y - epsilon) ** 2
    power, side = (2, expression) if name == "A" else (0, -expression)
    rest = sp.expand(_BRACKET - square)
    return (
        Step(
            "Young, balanced at y = epsilon: the difference is a square",
            eq(side, rest.coeff(y, power)),
            method="identity",
        ),
        Step("no term of first order is left", eq(rest.coeff(y, 1), 0), method="identity"),
        axioms.POLARISATION,
    )


def level(expression: sp.Expr, st: Statement) -> Items:
    """T: ``K (c/2)(A mean psi - N/ell) <= Delta``."""
    given = (_summed(), lt(0, ell), *_signal(st))
    claim = le(average, expression.subs(A, signal))
    point = {Delta: sp.Integer(1), c: sp.Rational(1, 3), K: sp.Integer(7), N: sp.Rational(1, 5)}
    point |= {ell: sp.Rational(4, 5), signal: sp.Rational(1, 2)}
    return (axioms.MONOTONE_CONVERGENCE, Step("telescope and divide by A > 0", claim, given, points=(point,)))


def _summed() -> Claim:
    return le(K * c / 2 * (signal * average - N / ell), Delta)


def _signal(st: Statement) -> tuple[Claim, ...]:
    return tuple(
        Claim(h.left.subs(A, signal), h.right.subs(A, signal), h.relation) for h in hypotheses(st, "signal")
    )


def limit(expression: sp.Expr, st: Statement) -> Items:
    """t_inf: the level without the start."""
    given = (le(signal * average, N / ell), lt(0, ell), *_signal(st))
    return (Step("the start is forgotten", le(average, expression.subs(A, signal)), given),)


def potential(expression: sp.Expr) -> Items:
    """Psi: ``epsilon^2/Lambda`` with ``Lambda <= a0 + b0 epsilon``."""
    given = (le(curve, a0 + b0 * epsilon), lt(0, a0))
    return (Step("largest Lambda at epsilon", le(expression, epsilon**2 / curve), given),)


def invert(st: Statement) -> Items:
    """Guarantee and floor: y is at most the inverse of psi, and psi is convex."""
    level_ = t_inf if t_inf in st.expression.free_symbols else t
    function = size**2 / (a0 + b0 * size)
    positive = (lt(0, a0), lt(0, b0), lt(0, level_))
    point = {a0: sp.Integer(2), b0: sp.Integer(3), level_: sp.Rational(1, 2)}
    return (
        axioms.JENSEN,
        Step(
            "psi'' = 2 a0^2/(a0 + b0 y)^3",
            eq(sp.diff(function, size, 2), 2 * a0**2 / (a0 + b0 * size) ** 3),
            method="identity",
        ),
        Step("inverse of psi", le(size, st.expression), (le(function, level_), *positive), points=(point,)),
    )


def stopped(st: Statement) -> Items:
    """Before the stop every step makes F fall by (c/2)(A psi - N/ell) in the mean."""
    given = tuple(
        Claim(h.left.subs(A, signal), h.right.subs(A, signal), h.relation)
        for h in hypotheses(st, "signal", "epsilon above the floor")
    )
    claim = le(steps, st.expression.subs(A, signal))
    total = le(steps * c / 2 * (signal * psi - N / ell), Delta)
    return (axioms.MONOTONE_CONVERGENCE, Step("stopped sum", claim, (total, *given, lt(0, ell))), *_grows())


def _grows() -> tuple[Step, ...]:
    """Psi increases, so before the stop psi(y) is above psi(epsilon)."""
    given = (lt(0, a0), lt(0, b0), le(epsilon, size))
    claim = le(epsilon**2 / (a0 + b0 * epsilon), size**2 / (a0 + b0 * size))
    return (Step("psi increases", claim, given),)


def descent(st: Statement, rule: Rule) -> Items:
    """Collect the one-step inequality in terms of bias and variance of the direction."""
    if rule.kind == "self-scaled":
        return _pathwise(st)
    fall = m1 * y**2 - m1u * bias**2 - m2 * variance / B
    curvature = a0 if rule.kind == "constant" else smoothness_of(rule)
    return (
        axioms.DESCENT,
        axioms.POLARISATION,
        Step("collect the three terms", eq(-2 * st.expression * curvature, c * fall), method="identity"),
    )


def _pathwise(st: Statement) -> Items:
    value = -c / (2 * (a0 + b0 * y)) * (m1 * y**2 - m1u * error**2)
    return (axioms.DESCENT, Step("collect the two terms", eq(st.expression, value), method="identity"))
