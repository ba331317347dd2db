"""The lemmas with N inner steps, and where FO-MAML then stops; among all statements those for two steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import LOOSER, Items, Proof, hypotheses, identity, var
from bounds.standing import LOSSES, Left
from bounds.stating import GRADIENT, HESSIAN, derived
from bounds.symbols import L, alpha, gradient, mean_norm, rho, sigma, y
from bounds.theory.estimators import b
from bounds.theory.gradients import C2, q
from bounds.theory.inner_steps import recorded
from bounds.theory.inner_steps.adaptation import batches
from bounds.theory.inner_steps.curves import bend, bending, curve
from bounds.theory.inner_steps.directions import s_N
from bounds.theory.inner_steps.products import DISC, cosine, distance, reach, relation, up
from bounds.theory.matrices import C1, om, over_x, x

PLACE = 82
square, cross, bent, centre, along = map(
    var, ("E_gN_squared", "E_gi_g", "E_gi_squared", "g_squared", "E_gN_gi")
)
_WORDS = "with {} inner steps"


def _collect(*terms: sp.Expr) -> Proof:
    return lambda st: (axioms.MINKOWSKI, identity("collect", st.expression, sum(terms, Integer(0))))


def _stops(N: int) -> Proof:
    r"""``E g_N = 0`` and ``g_i = K g_N``: the variance of g_i is at least ``t^(-2N) E||g_N||^2``."""

    def proof(st: Statement) -> Items:
        turn = x * (x + cosine) * (1 + x)
        slowest = Step(
            "a point of the circle turns by at most x/(1 + x) an angle",
            le(turn, x * (1 + 2 * cosine * x + x**2)),
            (le(cosine, 1), le(-1, cosine), lt(x, 1)),
            controls=(le(turn + x / 1000, x * (1 + 2 * cosine * x + x**2)),),
        )
        behind = Step(
            "the others' turn stays behind the angle",
            le((N + 1) * x, 1 + x),
            tuple(map(over_x, hypotheses(st, "inner step"))),
            controls=(le((N + 1) * x * LOOSER, 1 + x),),
            points=({x: Rational(1, N)},),
        )
        given = (
            le(square / up, along),
            le(2 * cross, centre + bent - 2 * along / up + square / up**2),
            le(bent - 2 * cross + centre, sigma**2),
        )
        claim = le(s_N * sqrt(square), st.expression)
        return (DISC, axioms.FUNDAMENTAL, slowest, behind, Step("variance of K g_N", claim, given))

    return proof


@cache
def plateau(N: int) -> Statement:
    """Return the bound on where exact FO-MAML with N inner steps stops: of order N alpha L sigma."""
    return derived(
        f"inner-steps.{N}.plateau",
        f"a point where FO-MAML {_WORDS.format(N)} stops has at most this gradient",
        r"\|\nabla F(w^*)\|",
        s_N * up * sigma,
        GRADIENT,
        "the product of N factors about a number, and its inverse",
        where=(*relation(N)[:2], distance(s_N, N, "s_N")),
        domain=(Condition("inner step", alpha * L, Rational(1, N)),),
        proof=_stops(N),
        chapter="theorems",
    )


def _smooth(st: Statement) -> Items:
    """``(J(w) - J(u)) g_N(w) + J(u) (g_N(w) - g_N(u))``."""
    first, second, total, apart = map(var, ("first_part", "second_part", "gradient_change", "distance"))
    given = (
        le(first, alpha * rho * bend * mean_norm * apart),
        le(second, up * L * up * apart),
        le(total, first + second),
    )
    step = Step("two parts", le(total, st.expression * apart), given)
    return (axioms.FUNDAMENTAL, axioms.NORMS, step)


@cache
def lemmas(N: int) -> tuple[Statement, ...]:
    """Return gradient relation, root mean square, spreads, smoothness and bias with N inner steps."""
    way = distance(s_N, N, "s_N")
    words = _WORDS.format(N)

    def state(name: str, title: str, subject: str, value: sp.Expr, **rest: Any) -> Statement:
        unit = rest.pop("unit", GRADIENT)
        own: dict[str, Any] = {"where": relation(N), "domain": (reach(N),)}
        return derived(f"inner-steps.{N}.{name}", f"{title}, {words}", subject, value, unit, **own | rest)

    def seen(at: Callable[[Any], Any], size: Literal["gradient", "ratio"] = "gradient") -> Left:
        return Left(at, size, LOSSES, among=lambda p: p.after(N))

    return (
        state("gradient-relation", "the gradient of f is controlled by that of F", r"\|\nabla f(w)\|",
              C1 * y + C2 * sigma, source="a task's 2N factors about a number", proof=_collect(C1 * y, C2 * sigma),
              left=seen(lambda p: p.length(p.g.mean(1)))),
        state("root-mean-square", "root mean square of the tasks' gradients", r"\sqrt{E_i\|\nabla f_i(w)\|^2}",
              C1 * y + q * sigma, source="gradient relation and Minkowski", proof=_collect(C1 * y, q * sigma),
              left=seen(lambda p: p.mean_square(p.g) ** 0.5)),
        state("spread.meta-gradient", "spread of the tasks' meta-gradients", r"\operatorname{std}(\nabla F_i(w))",
              up**2 * sigma + om * gradient, source="distance from a fixed vector; Minkowski",
              proof=_collect(up**2 * sigma, om * gradient), left=seen(lambda p: p.spread(p.meta))),
        state("spread.adapted", "spread of the tasks' gradients after the inner steps",
              r"\operatorname{std}(\nabla f_i(w_N))", up * sigma + s_N * gradient,
              source="distance from a fixed vector; Minkowski", where=(*relation(N), way),
              proof=_collect(up * sigma, s_N * gradient), left=seen(lambda p: p.spread(p.outer))),
        state("smoothness", "smoothness of F at w", r"\|\nabla F(w)-\nabla F(u)\|/\|w-u\|", curve(N).at(mean_norm),
              source="difference of products, one factor after the other", unit=HESSIAN, proof=_smooth,
              where=(*relation(N), bending(N)), sharpens=recorded.smoothness(N),
              left=seen(lambda p: p.steepest, "ratio")),
        state("inner.bias", "bias of the outer gradient: of order 1/D_in",
              r"\|E\,\nabla f_i(\tilde w_N)-\nabla f_i(w_N)\|", b, source="Taylor at every step, in the mean",
              where=(*relation(N), *batches(N)),
              proof=lambda st: (identity("the statement is its last part", st.expression, b),)),
    )  # fmt: skip


def named(name: str) -> Statement | None:
    """Return the lemma of this name with several inner steps, a part of the name; None when there is none."""
    from bounds.theory.inner_steps import MOST, one_step

    counts = [N for N in range(1, MOST + 1) if f".{N}." in name]
    every = (st for N in counts for st in (*lemmas(N), plateau(N), *one_step.descents(N).values()))
    return next((st for st in every if st.name == name), None)


STATEMENTS = (*lemmas(recorded.SHOWN), recorded.smoothness(recorded.SHOWN), plateau(recorded.SHOWN))
