r"""The complexity theorem with explicit constants, for every algorithm and step rule.

Derived here ("one-step inequality, telescoped; Jensen for the convex psi").  With the bias R0 + R1 y and the
spread v0 + v1 y of the direction, the weights m1, m1u, m2 of the step and its curve ell <= Lambda <= a0 + b0 y,
Young's inequality balanced at y = epsilon gives the signal A y^2 and the noise N, and

    psi(E||grad F(w_R)||) <= t,   psi(y) = y^2/(a0 + b0 y),   t = (2 Delta/(c K) + N/ell) / A,

for R uniform on 0..K-1, and for the best iterate with the same right-hand side.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import Claim, le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, Why, free, hypotheses, identity, var
from bounds.standing import Case
from bounds.stating import GRADIENT, PURE, derived
from bounds.symbols import B, Delta, K, c, defined, epsilon, y
from bounds.theory import multilevel
from bounds.theory.directions import AT_MOST_ALL, R0, R1, v0, v1
from bounds.theory.step_rules import PAPER, SAMPLED, Rule, a0, b0, ell
from bounds.theory.weights import m1, m1u, m2
from bounds.units import Unit

if TYPE_CHECKING:
    from bounds.theory.algorithm import Algorithm

A, N, t, psi, t_inf = map(defined, ("A", "N", "t", "psi", "t_inf"))
signal = free("A_free")
average, steps, curve, size = var("mean_psi"), var("E_steps"), var("Lambda"), var("norm")
_YOUNG = m1u * R0 * R1 / epsilon + m2 * v0 * v1 / (B * epsilon)
_BRACKET = m1 * y**2 - m1u * (R0 + R1 * y) ** 2 - m2 * (v0 + v1 * y) ** 2 / B


def _balance(power: int, sign: int, rest_of: tuple[sp.Expr, sp.Expr]) -> Why:
    """Show that the bracket minus (A y^2 - N) is ``kappa (y - epsilon)^2``, with kappa >= 0."""
    first, second = rest_of
    bracket, young = _BRACKET - first * y - second * y**2, _YOUNG + first / (2 * epsilon)

    def why(e: sp.Expr, st: Statement) -> Items:
        rest = sp.expand(bracket - young * (y - epsilon) ** 2)
        name = "Young, balanced at y = epsilon: the difference is a square"
        return (
            identity(name, sign * e, rest.coeff(y, power)),
            identity("no term of first order is left", rest.coeff(y, 1), 0),
            axioms.POLARISATION,
        )

    return why


def balance(rest: tuple[sp.Expr, sp.Expr]) -> tuple[Definition, ...]:
    """Return signal and noise; ``rest`` is what else a step rule's noise costs, per y and per y^2."""
    first, second = rest
    signal_left = m1 - m1u * (R1**2 + R0 * R1 / epsilon) - m2 * (v1**2 + v0 * v1 / epsilon) / B
    noise = m1u * (R0**2 + R0 * R1 * epsilon) + m2 * (v0**2 + v0 * v1 * epsilon) / B
    return (
        Definition(
            A,
            signal_left - second - first / (2 * epsilon),
            "signal that is left, per y^2",
            why=_balance(2, 1, rest),
        ),
        Definition(
            N,
            noise + first * epsilon / 2,
            "noise: squared bias and variance",
            why=_balance(0, -1, rest),
        ),
    )


def _with_signal(st: Statement, *names: str) -> tuple[Claim, ...]:
    return tuple(
        Claim(h.left.subs(A, signal), h.right.subs(A, signal), h.relation) for h in hypotheses(st, *names)
    )


def _level(e: sp.Expr, st: Statement) -> Items:
    """``K (c/2)(A mean psi - N/ell) <= Delta``."""
    summed = le(K * c / 2 * (signal * average - N / ell), Delta)
    given = (summed, lt(0, ell), *_with_signal(st, "signal"))
    point = {Delta: Integer(1), c: Rational(1, 3), K: Integer(7), N: Rational(1, 5)}
    point |= {ell: Rational(4, 5), signal: Rational(1, 2)}
    claim = le(average, e.subs(A, signal))
    return (
        axioms.MONOTONE_CONVERGENCE,
        Step("telescope and divide by A > 0", claim, given, points=(point,)),
    )


def _forgotten(e: sp.Expr, st: Statement) -> Items:
    """Leave the start out of the level."""
    given = (le(signal * average, N / ell), lt(0, ell), *_with_signal(st, "signal"))
    return (Step("the start is forgotten", le(average, e.subs(A, signal)), given),)


def _potential(e: sp.Expr, st: Statement) -> Items:
    """``epsilon^2/Lambda`` with ``Lambda <= a0 + b0 epsilon``."""
    given = (le(curve, a0 + b0 * epsilon), lt(0, a0))
    return (Step("largest Lambda at epsilon", le(e, epsilon**2 / curve), given),)


LEVEL = Definition(t, (2 * Delta / (c * K) + N / ell) / A, "bound on E psi(||grad F(w_R)||)", why=_level)
LIMIT = Definition(t_inf, N / (ell * A), "limit of t for K -> infinity", r"t_\infty", why=_forgotten)
PSI = Definition(psi, epsilon**2 / (a0 + b0 * epsilon), "psi(epsilon)", r"\psi", why=_potential)


def inverse_psi(level: sp.Expr) -> sp.Expr:
    """Return Y(t) = psi^{-1}(t) for psi(y) = y^2 / (a0 + b0 y)."""
    return (b0 * level + sqrt(b0**2 * level**2 + 4 * a0 * level)) / 2


def _invert(st: Statement) -> Items:
    """Guarantee and floor: y is at most the inverse of psi, and psi is convex."""
    level = t_inf if t_inf in st.expression.free_symbols else t
    function = size**2 / (a0 + b0 * size)
    positive = (lt(0, a0), lt(0, b0), lt(0, level))
    point = {a0: Integer(2), b0: Integer(3), level: Rational(1, 2)}
    bend = 2 * a0**2 / (a0 + b0 * size) ** 3
    return (
        axioms.JENSEN,
        identity("psi'' = 2 a0^2/(a0 + b0 y)^3", sp.diff(function, size, 2), bend),
        Step("inverse of psi", le(size, st.expression), (le(function, level), *positive), points=(point,)),
    )


def _stopped(st: Statement) -> Items:
    """Before the stop every step makes F fall by (c/2)(A psi - N/ell) in the mean, because psi increases."""
    given = _with_signal(st, "signal", "epsilon above the floor")
    total = le(steps * c / 2 * (signal * psi - N / ell), Delta)
    claim = le(steps, st.expression.subs(A, signal))
    grows = le(epsilon**2 / (a0 + b0 * epsilon), size**2 / (a0 + b0 * size))
    return (
        axioms.MONOTONE_CONVERGENCE,
        Step("stopped sum", claim, (total, *given, lt(0, ell))),
        Step("psi increases", grows, (lt(0, a0), lt(0, b0), le(epsilon, size))),
    )


def parts(
    algorithm: Algorithm, rule: Rule, finite: bool = False, levels: bool = False
) -> tuple[Definition, ...]:
    """Return the definitions of one algorithm under one step rule, each once, in order."""
    own = algorithm.different if finite else algorithm.parts
    own = algorithm.deeper(finite) if levels else own
    return (*dict.fromkeys(own + rule.where), *balance(rule.rest))


def domain(own: Algorithm, rule: Rule, finite: bool = False, levels: bool = False) -> tuple[Condition, ...]:
    """Return where the theorem holds: inner step, step factor, at least one task, some signal left.

    Without replacement there are at most as many tasks as there are; levels have a probability.
    """
    return (
        own.range,
        *rule.domain,
        Condition("tasks", Integer(1), B),
        *((AT_MOST_ALL,) if finite else ()),
        *((multilevel.CHANCE,) if levels else ()),
        Condition("signal", Integer(0), A, strict=True),
    )


class Way(NamedTuple):
    """A step rule, whether the B tasks of a step are different ones, and whether the inner batch is multilevel."""

    rule: Rule
    finite: bool = False
    levels: bool = False


def _case(quantity: str, algorithm: Algorithm, rule: Rule, finite: bool, levels: bool) -> Case:
    return Case(quantity, algorithm.typed, rule.name, finite, algorithm.inner_steps, levels)


def name_of(case: Case) -> str:
    """Return the name of one theorem on an algorithm under a step rule, after the prefix."""
    suffix = "" if case.rule == SAMPLED.name else f".{case.rule}"
    drawn = f"{'.multilevel' if case.multilevel else ''}{'.finite' if case.finite else ''}"
    return f"{case.subject}.{case.quantity}{drawn}{suffix}"


_ABOVE = Condition("epsilon above the floor", N / ell, A * psi, strict=True)
_TELESCOPED = "one-step inequality, telescoped"
QUANTITIES: dict[str, dict[str, Any]] = {
    "guarantee": {
        "title": "accuracy after K iterations",
        "subject": r"\min_{k<K}E\|\nabla F(w_k)\|,\ E\|\nabla F(w_R)\|",
        "expression": inverse_psi(t),
        "last": LEVEL,
        "condition": (Condition("iterations", Integer(1), K),),
        "proof": _invert,
        "source": _TELESCOPED,
    },
    "floor": {
        "title": "noise floor",
        "subject": r"\lim_{K\to\infty}\min_{k<K}E\|\nabla F(w_k)\|",
        "expression": inverse_psi(t_inf),
        "last": LIMIT,
        "condition": (),
        "proof": _invert,
        "source": _TELESCOPED,
        "unmeasured": "the part of the guarantee that K does not shrink, which is measured with it",
    },
    "iterations": {
        "title": "iterations to an epsilon-FOSP",
        "subject": r"E\min\{k:\|\nabla F(w_k)\|\le\varepsilon\}",
        "expression": 2 * Delta / (c * (A * psi - N / ell)),
        "last": PSI,
        "condition": (_ABOVE,),
        "proof": _stopped,
        "source": "one-step inequality, stopped at the first epsilon-FOSP",
    },
}


def theorem(
    quantity: str, algorithm: Algorithm, rule: Rule, finite: bool = False, levels: bool = False
) -> Statement:
    """Return the theorem on ``guarantee``, ``floor`` or ``iterations``; each is built once.

    With ``finite`` the B tasks of a step are different ones of n, those of a sampled step size are drawn with
    replacement as ever. With ``levels`` the inner batch is a multilevel one.
    """
    return _theorem(quantity, algorithm, rule, finite, levels)


@cache
def _theorem(quantity: str, algorithm: Algorithm, rule: Rule, finite: bool, levels: bool) -> Statement:
    case = _case(quantity, algorithm, rule, finite, levels)
    row = QUANTITIES[quantity]
    drawn = ", B different tasks out of n" if finite else ""
    drawn = f", multilevel inner batch{drawn}" if levels else drawn
    unit: Unit = PURE if quantity == "iterations" else GRADIENT
    return derived(
        name_of(case),
        f"{algorithm.said}: {row['title']}, {rule.title}{drawn}",
        row["subject"],
        row["expression"],
        unit,
        row["source"],
        where=(*parts(algorithm, rule, finite, levels), row["last"]),
        domain=(*domain(algorithm, rule, finite, levels), *row["condition"]),
        proof=row["proof"],
        case=case,
        chapter="theorems",
        unmeasured=row.get("unmeasured", ""),
    )


def ways(algorithm: Algorithm) -> tuple[Way, ...]:
    """Return every step rule, then with other ways to sample.

    The paper's theory draws its tasks independently, and its inner batch is plain.
    """
    rules = tuple(algorithm.rules.values())
    own = [rule for rule in rules if rule is not PAPER]
    every = [Way(rule) for rule in rules] + [Way(rule, finite=True) for rule in own]
    if algorithm.has_levels:
        every += [Way(rule, finite, levels=True) for finite in (False, True) for rule in own]
    return tuple(every)


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return guarantee, floor and iterations of an algorithm in all its ways."""
    return tuple(theorem(quantity, algorithm, *way) for way in ways(algorithm) for quantity in QUANTITIES)


def found(name: str, algorithm: Algorithm) -> tuple[str, Way] | None:
    """Return the quantity and the way of the theorem that has a name; nothing is built to find it."""
    each = ((quantity, way) for way in ways(algorithm) for quantity in QUANTITIES)
    return next(
        (one for one in each if derived.named(name_of(_case(one[0], algorithm, *one[1]))) == name), None
    )
