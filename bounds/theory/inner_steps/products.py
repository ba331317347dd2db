r"""Products of m symmetric factors ``I - X``, ``||X|| <= x``: how far from a number, and how positive they are.

With :math:`g_{n+1} = Q_n g_n` and :math:`J_i = P_0\cdots P_{N-1}` the meta-gradient of a task is
:math:`\nabla F_i = J_i\, Q_{N-1}\cdots Q_0\, \nabla f_i(w)`: a product of m = 2N such factors.
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import Integer, Rational

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.step import Axiom, Step
from bounds.derivation.tools import LOOSER, Items, free, hypotheses, identity
from bounds.symbols import L, alpha, defined
from bounds.theory import gradients, matrices
from bounds.theory.matrices import C1, LOWER, UPPER, om, over_x, x

PLACE = 76

up = defined("up")
"""t^N: how much N factors stretch at most."""
cosine = free("cos_theta")
DISC = Axiom(
    "products in the disc",
    "for a product M of m symmetric factors I - X, ||X|| <= x, m arcsin x <= pi: <Mv, v> >= min Re z^m |v|^2 over "
    "|z - 1| <= x, and for its inverse min Re z^(-m); the minimum is at angle 0 where the derivative in the angle "
    "is nonnegative on the circle",
    "norms multiply and angles add at most (triangle inequality on the sphere); log(1 + z) is convex on the disc",
)


def geometric(base: sp.Expr, count: int) -> sp.Expr:
    """Return ``1 + base + ... + base^(count - 1)``: a sum of positive terms, exact at base = 1 too."""
    return sum((base**j for j in range(count)), Integer(0))


def away(m: int) -> sp.Expr:
    """Return how far a product of m factors is from a number at most, in closed form.

    The number is ``(1 + x^2)^(m // 2)``; at m = 1 and m = 2 it is x and ``2 x sqrt(1 + x^2)``, which are attained.
    """
    pairs, first = divmod(m, 2)
    sizes = (UPPER ** (2 * (pairs - 1 - j)) * (1 + x**2) ** j for j in range(pairs))
    return first * x * UPPER ** (2 * pairs) + matrices.OMEGA.expression * sum(sizes, Integer(0))


def _peeled(m: int) -> sp.Expr:
    """Two factors more: ``P (M - zeta) Q + zeta (P Q - (1 + x^2))``."""
    pairs, first = divmod(m, 2)
    distance, number = first * x, Integer(1)
    for _ in range(pairs):
        distance, number = (
            UPPER * distance * UPPER + number * matrices.OMEGA.expression,
            number * (1 + x**2),
        )
    return distance


def distance(symbol: sp.Symbol, m: int, latex: str, whose: str = "") -> Definition:
    """Return the distance of a product of m factors from ``(1 + x^2)^(m // 2)``."""
    number = {0: "1", 1: "1 + x^2"}.get(m // 2, f"(1 + x^2)^{m // 2}")
    product = f"the product of {whose}{m} factors I - alpha H"
    meaning = f"largest distance of {product} from {number} times the identity"

    def why(e: sp.Expr, st: Statement) -> Items:
        base = matrices.reflections(matrices.OMEGA.expression, st)
        return (*base, axioms.NORMS, identity(f"{m} factors: one more on either side", e, _peeled(m)))

    return Definition(symbol, away(m), meaning, latex, why=why)


def _positive(N: int, e: sp.Expr, st: Statement) -> Items:
    """``<v, M v> >= (1 - x)^(2N)``: the least real part of z^(2N) on the disc is at its real end."""
    turn = x * (cosine - x) * (1 - x)
    slowest = Step(
        "a point of the circle turns by at most x/(1 - x) an angle",
        le(turn, x * (1 - 2 * cosine * x + x**2)),
        (le(cosine, 1), lt(x, 1)),
        controls=(le(turn + x / 1000, x * (1 - 2 * cosine * x + x**2)),),
    )
    behind = Step(
        "the others' turn stays behind the angle",
        le((2 * N - 1) * x, 1 - x),
        tuple(map(over_x, hypotheses(st, "inner step"))),
        controls=(le((2 * N - 1) * x * LOOSER, 1 - x),),
        points=({x: Rational(1, 2 * N)},),
    )
    whole = sp.prod([LOWER] * (2 * N))
    return (DISC, slowest, behind, identity("the least value, at the real end", e * whole, 1))


def _stretched(N: int) -> Definition:
    def why(e: sp.Expr, st: Statement) -> Items:
        return (axioms.NORMS, identity(f"{N} factors stretch by t each", e, sp.prod([UPPER] * N)))

    return Definition(up, UPPER**N, "how much N factors stretch at most, (1 + x)^N", "t_N", why=why)


def reach(N: int) -> Condition:
    """Return the largest inner step of the theory: ``alpha L <= 1/(2N)``."""
    return Condition("inner step", alpha * L, Rational(1, 2 * N))


@cache
def relation(N: int) -> tuple[Definition, ...]:
    """Return C1, C2 and q of the gradient relation for F with N inner steps, and what they are made of."""
    return (
        matrices.X,
        _stretched(N),
        distance(om, 2 * N, r"\omega", "a task's "),
        Definition(
            C1,
            LOWER ** (-2 * N),
            "||grad f|| <= C1 ||grad F|| + C2 sigma",
            "C_1",
            why=lambda e, st: _positive(N, e, st),
        ),
        *gradients.RELATION[-2:],
    )
