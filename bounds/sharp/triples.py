r"""The smallest constants with which the paper's accuracy follows from the theorem here.

The recorded accuracy is Y = max{ sqrt(C (1 + rho alpha sigma/L) N), C (rho alpha/L) N }.  It is implied when
``C >= (1 + C1/2) lambda / A``: lambda the largest value of the noise over N, a quadratic form in
p = sigma/sqrt(B), o = sigma_tilde/sqrt(B D_o), n = sigma_tilde/sqrt(D_in), with N = p^2 + o^2 + n^2 (for FO-MAML
p^2 stands for sigma^2 (1/B + 20 x^2)), and A the signal that Young's inequality leaves with fixed parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.paper.theorem import ENOUGH_TASKS, SIXTH, TENTH
from bounds.sharp.quantities import C1, C2, RELATION, om, q, x
from bounds.sharp.steps import PAPER
from bounds.stating import PURE, derived, larger
from bounds.symbols import B, L, alpha, c, defined

MU_LOW, MU_HIGH = Rational(4, 5), Rational(49, 40)
MU_SQUARE = 1 + (Rational(9, 16) + Rational(3, 4) * sqrt(Rational(9, 16) + 4)) / 2
CURVATURE = (1 + x) / 2
fixed_share, batch_share = map(defined, ("fixed_share", "batch_share"))
SHARES = (
    Definition(
        fixed_share, x / sqrt(1 / B + 20 * x**2), "alpha L over the root of the task noise of FO-MAML"
    ),
    Definition(batch_share, 1 / sqrt(1 + 20 * x**2 * B), "1/sqrt(B) over the same root"),
)
YOUNG = Integer(4)
BIAS_YOUNG = Integer(3)
signal, pp, pn, nn, oo = map(defined, ("A_fixed", "form_pp", "form_pn", "form_nn", "form_oo"))

Square = tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]


@dataclass(frozen=True)
class Noise:
    """Squares (weight, coefficients of p, o, n) of bias and variance over N; the squared growth."""

    bias: tuple[Square, ...]
    variance: tuple[Square, ...]
    growth: sp.Expr


def _scaled(weight: object, squares: tuple[Square, ...]) -> tuple[Square, ...]:
    return tuple((weight * square[0], *square[1:]) for square in squares)


_ZERO, _ONE = sp.S.Zero, sp.S.One
_MEAN: Square = (_ONE, (1 + x) ** 2 + om * C2, _ZERO, (1 + x) * x / sqrt(B))
_NOISE: tuple[Square, ...] = ((_ONE, _ZERO, _ONE, _ZERO), (_ONE, _ZERO, _ZERO, x / sqrt(B)))
_SIZE: Square = (_ONE, (1 + x) * q, _ZERO, x / sqrt(B))
_OUTER = _scaled((1 + x) ** 2, _NOISE)
_INNER: Square = (_ONE, _ZERO, _ZERO, (1 + x) * x)
_SECOND = (_SIZE, *_NOISE)


def maml() -> Noise:
    """MAML: h2 = 1/2 as the recorded D_h gives."""
    half = Rational(1, 2)
    growth = (om * C1) ** 2 + half * ((1 + x) * C1) ** 2
    return Noise((_INNER,), (_MEAN, *_OUTER, *_scaled(half, _SECOND)), growth)


def fo_maml() -> Noise:
    """FO-MAML: p^2 = sigma^2 (1/B + 20 x^2)."""
    bias: Square = (_ONE, (1 + x) * q * fixed_share, _ZERO, x)
    spread: Square = (_ONE, (1 + x + x * C2) * batch_share, _ZERO, x / sqrt(B))
    return Noise((bias,), (spread, *_NOISE), (x * C1) ** 2)


def hf_maml() -> Noise:
    """HF-MAML with gamma = 1/6: eta = 1/12, h2 = 1; the bias does not shrink with B."""
    eta = Rational(1, 12)
    bias = (*_scaled(2, (_INNER,)), *_scaled(2 * eta**2 * B, _SECOND))
    variance = (*_scaled(2, (_MEAN, *_OUTER)), *_scaled(2 * eta**2 + 1, _SECOND))
    return Noise(bias, variance, (om * C1 + eta * (1 + x) * C1) ** 2 + ((1 + x) * C1) ** 2)


BIAS_GROWTH = {"maml": _ZERO, "fo-maml": x * (1 + x) * C1, "hf-maml": (1 + x) * C1 / 12}
NOISES = {"maml": maml, "fo-maml": fo_maml, "hf-maml": hf_maml}
LARGEST = {"maml": SIXTH, "fo-maml": TENTH, "hf-maml": SIXTH}


def squares(algorithm: str) -> tuple[Square, ...]:
    """Return the noise over N as weighted squares of linear forms in (p, o, n)."""
    parts = NOISES[algorithm]()
    bias = MU_HIGH if algorithm == "maml" else MU_HIGH * (1 + 1 / BIAS_YOUNG)
    variance = c * CURVATURE * MU_SQUARE * (1 + 1 / YOUNG)
    return (*_scaled(bias, parts.bias), *_scaled(variance, parts.variance))


def where(algorithm: str) -> tuple[Definition, ...]:
    """Return the entries of the form and the signal that is left."""
    terms = squares(algorithm)
    left = MU_LOW - (1 + BIAS_YOUNG) * MU_HIGH * BIAS_GROWTH[algorithm] ** 2
    left -= c * CURVATURE * MU_SQUARE * (1 + YOUNG) * NOISES[algorithm]().growth / B
    entries = ((pp, 1, 1), (pn, 1, 3), (nn, 3, 3), (oo, 2, 2))
    return (
        *RELATION,
        *SHARES,
        *(
            Definition(
                symbol, sp.Add(*(t[0] * t[i] * t[j] for t in terms)), f"entry {symbol} of the noise form"
            )
            for symbol, i, j in entries
        ),
        Definition(signal, left, "signal that is left, per y^2", "A"),
    )


def triple_statements() -> tuple[Statement, ...]:
    """Return the smallest constant of each recorded theorem, as a function of alpha L, c and B."""
    return tuple(_constant(algorithm) for algorithm in NOISES)


def _constant(algorithm: str) -> Statement:
    largest = larger(oo, (pp + nn) / 2 + sqrt((pp - nn) ** 2 / 4 + pn**2))
    return derived(
        f"{algorithm}.constant",
        f"{algorithm}: a constant with which the recorded accuracy follows, for {PAPER.title}",
        "C",
        (1 + C1 / 2) * largest / signal,
        PURE,
        "largest eigenvalue of the noise form",
        relation=r"\ge",
        where=where(algorithm),
        domain=(
            Condition("inner step", alpha * L, LARGEST[algorithm]),
            ENOUGH_TASKS,
            Condition("step factor", c * CURVATURE * MU_SQUARE, MU_LOW),
            Condition("signal", Integer(0), signal, strict=True),
        ),
    )
