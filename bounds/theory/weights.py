"""The weights of the one-step inequality: what a step makes of the signal, the squared bias and the variance.

One step gives ``E F(w_{k+1}) <= F(w_k) - c/(2 Lambda(w_k)) [m1 y^2 - m1u ||bias||^2 - m2 Var/B]``.
"""

from __future__ import annotations

import sympy as sp
from sympy import Integer, Rational

from bounds.bound import Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import Claim, le
from bounds.derivation.generic import ANYWHERE
from bounds.derivation.step import TIGHTER, Step
from bounds.derivation.tools import LOOSER, Items, free, hypotheses, identity, parts, var
from bounds.stating import larger
from bounds.symbols import c, defined, theta, y
from bounds.theory import smoothness
from bounds.theory.matrices import x
from bounds.theory.step_size import mu1, mu1u

PLACE = 32

spare, m1, m1u, m2 = map(defined, ("spare", "m1", "m1u", "m2"))
m_norm, r_norm = var("norm_of_mean_direction"), var("norm_of_bias")
first, high, rest = var("mu_low"), var("mu_high"), free("left_over")
_MEANING = "what the step leaves of the squared mean direction"


def sampled(
    low: sp.Expr,
    top: sp.Expr,
    curvature: sp.Expr,
    bound: tuple[sp.Expr, sp.Expr, tuple[Claim, ...]],
    smooth: sp.Expr = smoothness.CURVE,
) -> tuple[Definition, ...]:
    """Return the weights of a step that does not follow the direction.

    Parameters
    ----------
    low, top : expressions
        Least and largest mean of the step, in units of c/Lambda.
    curvature : expression
        Second moment of the step times smoothness of F over Lambda.
    bound : second moment alone, Lambda, and what is given of it
    smooth : expression
        Smoothness of F at the point.
    """
    moment, whole, given = bound

    def left(e: sp.Expr, st: Statement) -> Items:
        """Show what ||m||^2 is multiplied with: the mean of the step against the curvature."""
        return _left_over(e, st, low, _own(st, m2))

    def curved(e: sp.Expr, st: Statement) -> Items:
        """Smoothness of F against Lambda, times the second moment; the paper's Lambda is larger, but at x = 1."""
        claim = le(c * moment * smooth, e * whole)
        name = "c mu2 times smoothness over Lambda"
        return (axioms.DESCENT, Step(name, claim, (le(x, 1), *given), points=ANYWHERE))

    def kept(e: sp.Expr, st: Statement) -> Items:
        return _kept(st, low, top)

    return (
        Definition(spare, low - c * curvature, _MEANING, why=left),
        Definition(m1, low + (1 - theta) * spare, "weight of the signal y^2", "m_1", why=kept),
        Definition(m1u, top + (1 / theta - 1) * spare, "weight of the squared bias", r"\bar m_1", why=kept),
        Definition(m2, c * curvature, "weight of the variance", "m_2", why=curved),
    )


def _own(st: Statement, symbol: sp.Symbol) -> sp.Expr:
    return parts(st).get(symbol.name, sp.S.Zero)


def _left_over(e: sp.Expr, st: Statement, low: sp.Expr, spent: sp.Expr) -> Items:
    """Show that the condition on the step factor makes the left-over nonnegative."""
    whole = e.subs(m2, _own(st, m2))
    given, controls = hypotheses(st, "step factor"), (le(c * TIGHTER, whole),)
    return (
        identity("coefficient of ||m||^2", e, low - spent),
        Step("the step factor leaves something", le(0, whole), given, controls=controls),
    )


def _kept(st: Statement, low: sp.Expr, top: sp.Expr) -> Items:
    """m1 and m1u belong together: what is given to the signal is taken from the bias.

    Keep a share of ``||m||^2 >= (1-theta)(y^2 - bias^2/theta)``.
    """
    names = {mu1: first, mu1u: high, spare: rest}
    weight, cost = _own(st, m1).subs(names), _own(st, m1u).subs(names)
    whole = low.subs(names) * y**2 + rest * m_norm**2 - top.subs(names) * r_norm**2
    given = (le(y - r_norm, m_norm), le(0, rest), *hypotheses(st, "share"))
    tight = (weight * LOOSER * y**2 - cost * r_norm**2, weight * y**2 - cost * (1 - TIGHTER) * r_norm**2)
    return (
        axioms.POLARISATION,
        Step(
            "keep a share of the squared mean direction",
            le(weight * y**2 - cost * r_norm**2, whole),
            given,
            controls=tuple(le(value, whole) for value in tight),
            witness={
                y: Integer(3),
                r_norm: Integer(1),
                m_norm: Integer(2),
                theta: Rational(1, 3),
                rest: Rational(5, 7),
                first: Integer(2),
                high: Integer(3),
            },
        ),
    )


def _pathwise(e: sp.Expr, st: Statement) -> Items:
    """Self-scaled step: a quadratic form in ||G|| and y, at both ends of the angle.

    With lam = l1||G||/(l0 + l1||G||) the smoothness times the length is ``s = lam y + (1-lam)||G||``; the claim is
    linear in the cosine of the angle between G and grad F, so its ends +-1 decide.
    """
    g, lam, s = var("norm_G"), var("lam"), var("smoothness_length")
    domain = hypotheses(st, "step factor", "share")
    weight = _own(st, m1).subs(spare, 1 - c)
    cost = _own(st, m1u).subs(m1, weight).subs(spare, 1 - c)
    mixed = lam * y + (1 - lam) * g
    along = (weight * y**2, cost * (y - g) ** 2, 2 * y * mixed - c * mixed**2)
    against = (weight * y**2, cost * (y + g) ** 2, -2 * y * s - c * s**2)
    return (
        axioms.DESCENT,
        _at_an_end("G along grad F", along, (le(lam, 1), *domain), _along(g, lam)),
        Step("the smoothness times the length is at most y + ||G||", le(mixed, y + g), (le(lam, 1),)),
        _at_an_end("G against grad F", against, (le(s, y + g), *domain), _against(g, s)),
    )


def _at_an_end(
    name: str,
    terms: tuple[sp.Expr, sp.Expr, sp.Expr],
    given: tuple[Claim, ...],
    witness: dict[sp.Symbol, sp.Expr],
) -> Step:
    gain, loss, room = terms
    controls = (le(LOOSER * gain - loss, room), le(gain - (1 - TIGHTER) * loss, room))
    return Step(name, le(gain - loss, room), given, controls=controls, witness=witness)


def _along(g: sp.Symbol, lam: sp.Symbol) -> dict[sp.Symbol, sp.Expr]:
    tenth = Rational(1, 10)
    return {c: tenth, theta: tenth, g: Integer(1), y: Rational(10, 9), lam: Rational(1, 10**6)}


def _against(g: sp.Symbol, s: sp.Symbol) -> dict[sp.Symbol, sp.Expr]:
    small = Rational(1, 10**6)
    return {c: Rational(1, 2), theta: Rational(2, 3), g: small, y: Integer(1), s: Integer(1)}


def _alike(e: sp.Expr, st: Statement) -> Items:
    """For the self-scaled step bias and variance count alike, since their squares add."""
    return (axioms.INDEPENDENCE, identity("E||G - grad F||^2 = bias^2 + variance/B", e, m1u))


SELF_SCALED = (
    Definition(spare, 1 - c, _MEANING, why=lambda e, st: _left_over(e, st, Integer(1), c)),
    Definition(m1, 1 + (1 - theta) * spare, "weight of the signal y^2", "m_1", why=_pathwise),
    Definition(
        m1u,
        m1 + larger(2 + c, spare * (1 - theta) ** 2 / theta),
        "weight of the squared bias",
        r"\bar m_1",
        why=_pathwise,
    ),
    Definition(m2, m1u, "weight of the variance", "m_2", why=_alike),
)
"""Weights of the step ``c / (l0 + l1 ||G||)``."""
