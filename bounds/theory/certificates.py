r"""The smallest constants with which the paper's accuracy follows from the theorem here.

The recorded accuracy is Y = max{ sqrt(C (1 + rho alpha sigma/L) N), C (rho alpha/L) N }.  It is implied when
``C >= (1 + C1/2) lambda / A``: lambda the largest value of the noise over N, a quadratic form in
p = sigma/sqrt(B), o = sigma_tilde/sqrt(B D_o), n = sigma_tilde/sqrt(D_in), with N = p^2 + o^2 + n^2 (for FO-MAML
p^2 stands for sigma^2 (1/B + 20 x^2)), and A the signal that Young's inequality leaves with fixed parameters.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import sympy as sp
from sympy import Integer, Rational, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.outcome import Outcome
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, Why, identity, var
from bounds.standing import Case
from bounds.stating import PURE, derived, larger, smaller
from bounds.symbols import B, D_in, D_o, L, alpha, c, defined, rho, sigma, sigma_tilde, y
from bounds.theory.algorithm import ENOUGH_TASKS, Algorithm, Certificate, Recorded, Square
from bounds.theory.difference import h2
from bounds.theory.directions import A0, B0, v0
from bounds.theory.estimators import T, b
from bounds.theory.gradients import C2, RELATION, q
from bounds.theory.matrices import C1, UPPER, om, x
from bounds.theory.step_rules import PAPER

MU_LOW, MU_HIGH = Rational(4, 5), Rational(49, 40)
MU_SQUARE = 1 + (Rational(9, 16) + Rational(3, 4) * sqrt(Rational(9, 16) + 4)) / 2
CURVATURE = UPPER / 2
YOUNG, BIAS_YOUNG = Integer(4), Integer(3)
signal, pp, pn, nn, oo = map(defined, ("A_fixed", "form_pp", "form_pn", "form_nn", "form_oo"))
fixed_share, batch_share = map(defined, ("fixed_share", "batch_share"))
total, part = var("S_total"), var("u_part")
constant_, noise_, shrink = var("C"), var("N_level"), var("one_over_sqrt_B")
_ENTRIES = {pp: (1, 1), pn: (1, 3), nn: (3, 3), oo: (2, 2)}

_ZERO, _ONE = sp.S.Zero, sp.S.One
MEAN: Square = (_ONE, UPPER**2 + om * C2, _ZERO, UPPER * x / sqrt(B))
NOISE: tuple[Square, ...] = ((_ONE, _ZERO, _ONE, _ZERO), (_ONE, _ZERO, _ZERO, x / sqrt(B)))
SIZE: Square = (_ONE, UPPER * q, _ZERO, x / sqrt(B))
INNER: Square = (_ONE, _ZERO, _ZERO, UPPER * x)
SECOND = (SIZE, *NOISE)


def scaled(weight: object, squares_: tuple[Square, ...]) -> tuple[Square, ...]:
    """Return squares with their weights multiplied."""
    return tuple((weight * square[0], *square[1:]) for square in squares_)


OUTER = scaled(UPPER**2, NOISE)


def shares(task_noise: sp.Expr) -> tuple[Definition, ...]:
    """Return what alpha L, and one over sqrt(B), are of the root of a task noise ``sigma^2 (1/B + 20 x^2)``."""
    over = (task_noise / sigma**2).subs(alpha * L, x).subs(alpha, x / L)

    def share(symbol: sp.Symbol, square: sp.Expr) -> Why:
        name = f"{symbol} of the recorded task noise"
        return lambda e, st: (identity(name, e**2 * over, square),)

    return (
        Definition(
            fixed_share,
            x / sqrt(1 / B + 20 * x**2),
            "alpha L over the root of the task noise of FO-MAML",
            r"s_\alpha",
            why=share(fixed_share, x**2),
        ),
        Definition(
            batch_share,
            1 / sqrt(1 + 20 * x**2 * B),
            "1/sqrt(B) over the same root",
            "s_B",
            why=share(batch_share, 1 / B),
        ),
    )


def squares(certificate: Certificate) -> tuple[Square, ...]:
    """Return the noise over N as weighted squares of linear forms in (p, o, n)."""
    bias = MU_HIGH if certificate.bias_growth == 0 else MU_HIGH * (1 + 1 / BIAS_YOUNG)
    variance = c * CURVATURE * MU_SQUARE * (1 + 1 / YOUNG)
    return (*scaled(bias, certificate.bias), *scaled(variance, certificate.variance))


def _entry(algorithm: Algorithm, certificate: Certificate, symbol: sp.Symbol) -> Definition:
    i, j = _ENTRIES[symbol]
    value = sp.Add(*(t[0] * t[i] * t[j] for t in squares(certificate)))

    def why(e: sp.Expr, st: Statement) -> Items:
        """Sum over the squares that bias and spread consist of."""
        expected = sum((t[0] * t[i] * t[j] for t in squares(certificate)), sp.S.Zero)
        return (
            identity(f"{symbol} from the squares", e, expected),
            *_of_direction(algorithm, certificate),
        )

    latex = f"a_{{{symbol.name.removeprefix('form_')}}}"
    return Definition(symbol, value, f"entry {symbol} of the noise form", latex, why=why)


def _of_direction(algorithm: Algorithm, certificate: Certificate) -> Items:
    """Show that the squares are those of the direction: v0^2/B with b = x n, in the units of p, o, n."""
    if certificate.doubled:
        twice = le((var("u") + var("w")) ** 2, 2 * var("u") ** 2 + 2 * var("w") ** 2)
        return (axioms.MINKOWSKI, Step("the square of a sum is at most twice the sum of squares", twice))
    p, o, n = var("p"), var("o"), var("n")
    units = {
        D_in: sigma_tilde**2 / n**2,
        D_o: sigma_tilde**2 / (B * o**2),
        b: x * n,
        sigma: certificate.task_scale * p * sqrt(B),
    }
    named = {d.symbol: d.expression for d in algorithm.parts}
    whole = named[v0] ** 2 / B
    for symbol in (B0, A0, T):
        whole = whole.subs(symbol, named[symbol])
    whole = whole.subs(h2, Rational(1, 2)).subs(units)
    terms = sum((t[0] * (t[1] * p + t[2] * o + t[3] * n) ** 2 for t in certificate.variance), sp.S.Zero)
    terms = terms.subs({d.symbol: d.expression for d in certificate.shares})
    orthogonal = sp.expand(terms).subs({p * o: 0, o * n: 0})
    return (identity("v0^2/B as squares of p, o, n", whole, orthogonal),)


def _signal(certificate: Certificate) -> Definition:
    """Return the signal after Young's inequality with the two fixed parameters."""
    left = MU_LOW - (1 + BIAS_YOUNG) * MU_HIGH * certificate.bias_growth**2
    left -= c * CURVATURE * MU_SQUARE * (1 + YOUNG) * certificate.growth / B

    def why(e: sp.Expr, st: Statement) -> Items:
        spent = (1 + BIAS_YOUNG) * MU_HIGH * certificate.bias_growth**2
        spent += c * CURVATURE * MU_SQUARE * (1 + YOUNG) * certificate.growth / B
        first, second, s = var("u"), var("w"), var("s_young")
        young = le((first + second) ** 2, (1 + 1 / s) * first**2 + (1 + s) * second**2)
        return (Step("Young", young), identity("signal that is left", e, MU_LOW - spent))

    return Definition(signal, left, "signal that is left, per y^2", "A", why=why)


def _largest_psi() -> Step:
    """At the recorded accuracy, ``psi(Y) >= C N / ((4 + 2 C1) L)``, because q <= 2."""
    scale = PAPER.slope
    a0, b0 = PAPER.smoothness + scale * sigma * q, scale * C1
    given = (
        le(constant_ * (1 + rho * alpha * sigma / L) * noise_, y**2),
        le(constant_ * rho * alpha / L * noise_, y),
        le(q, 2),
        lt(0, C1),
        lt(0, q),
    )
    claim = le(a0 / y**2 + b0 / y, (4 + 2 * C1) * L / (constant_ * noise_))
    return Step("psi at the recorded accuracy", claim, given)


def _small_q(st: Statement) -> Step:
    """``q <= 2`` for x up to the recorded range."""
    limit = st.domain[0].right
    named = tuple(eq(d.symbol, d.expression) for d in st.where if d.symbol in (om, C1, C2, q))
    return Step("q <= 2", le(q, 2), (*named, le(x, limit)), controls=(le(q, Rational(1001, 1000)),))


def _eigenvalue(st: Statement) -> Items:
    """Take the largest eigenvalue of a symmetric 2x2 matrix and one more diagonal entry, times (1 + C1/2)/A."""
    first, second, third = var("unit_p"), var("unit_n"), var("unit_o")
    form = pp * first**2 + 2 * pn * first * second + nn * second**2 + oo * third**2
    value = sp.cancel(st.expression * signal / (1 + C1 / 2))
    given = (eq(first**2 + second**2 + third**2, 1), lt(0, signal), lt(0, C1))
    tight = {pp: 25, pn: 12, nn: 18, oo: 1, C1: 2, signal: 1}
    tight |= {first: Rational(4, 5), second: Rational(3, 5), third: 0}
    witness = {k: Integer(0) + v for k, v in tight.items()}
    return (
        _largest_psi(),
        _small_q(st),
        Step("largest value of the form", le(form, value), given, witness=witness),
    )


@cache
def constant(algorithm: Algorithm, recorded: Recorded) -> Statement:
    """Return the smallest constant of a recorded theorem, as a function of alpha L, c and B."""
    certificate = recorded.certificate
    largest = larger(oo, (pp + nn) / 2 + sqrt((pp - nn) ** 2 / 4 + pn**2))
    entries = tuple(_entry(algorithm, certificate, symbol) for symbol in _ENTRIES)
    return derived(
        f"{algorithm.name}.constant",
        f"{algorithm.name}: a constant with which the recorded accuracy follows, for {PAPER.title}",
        "C",
        (1 + C1 / 2) * largest / signal,
        PURE,
        "largest eigenvalue of the noise form",
        relation=r"\ge",
        where=(*RELATION, *certificate.shares, *entries, _signal(certificate)),
        domain=(
            Condition("inner step", alpha * L, recorded.largest_x),
            ENOUGH_TASKS,
            Condition("step factor", c * CURVATURE * MU_SQUARE, MU_LOW),
            Condition("signal", Integer(0), signal, strict=True),
        ),
        proof=_eigenvalue,
        case=Case("constant", algorithm.name),
        chapter="theorems",
        unmeasured="a constant in the recorded accuracy, which is measured with its own constant",
    )


def accuracy(st: Statement, ours: Statement, recorded: Recorded) -> Items:
    """Certify the constant over the whole domain; then the recorded accuracy follows with it."""
    certified, most = recorded.certificate.constant, recorded.certificate.largest_tasks
    tasks = "B >= 20" if most is None else f"20 <= B <= {most}"
    step = Step(
        f"{certified} is enough for all alpha L <= {recorded.largest_x} and {tasks}",
        le(ours.expression, certified),
        (le(x, recorded.largest_x), le(c, recorded.step_factor)),
        method="subdivision",
        decide=partial(_decide, ours=ours, recorded=recorded),
    )
    scale = PAPER.slope
    whole = PAPER.smoothness + scale * sigma * q
    level = st.expression.subs(st.where[0].symbol, noise_)
    claim = le(whole / level**2 + scale * C1 / level, (4 + 2 * C1) * L / (certified * noise_))
    positive = (le(q, 2), lt(0, C1), lt(0, q))
    implied = Step("psi at the recorded accuracy", claim, positive, controls=_much_tighter(claim))
    return (axioms.MONOTONE_CONVERGENCE, axioms.JENSEN, step, implied)


def _much_tighter(claim: Claim) -> tuple[Claim, ...]:
    """Refute the claim with its left side a thousandfold: the record is loose, but not without end."""
    return (le(claim.left * 1000, claim.right),)


def _decide(_: Step, ours: Statement, recorded: Recorded) -> Outcome:
    """Subdivide over S = 1/B + 20 x^2 and its share u; without FO-MAML's floor over x and B alone.

    The two roots of S cancel in these coordinates, so that nothing is singular at x = 1/B = 0; the box is cut
    back to the domain by taking the smaller of each coordinate and its limit.
    """
    from bounds.derivation import subdivision

    certificate, least = recorded.certificate, sqrt(Rational(1, 20))
    at = {c: recorded.step_factor, B: shrink**-2}
    own = {d.symbol for d in certificate.shares}
    needed = (ours.expression * signal).subs(at)
    where = tuple(
        (d.symbol, d.expression.subs(at)) for d in ours.where if d.symbol != x and d.symbol not in own
    )
    most = certificate.largest_tasks
    box = {x: (0, recorded.largest_x), shrink: (0 if most is None else sqrt(Rational(1, most)), least)}
    if own:
        box = {total: (0, least**2 + 20 * recorded.largest_x**2), part: (0, 1)}
        where = (*_coordinates(recorded.largest_x, least), *where)
    certified = certificate.constant
    margins = [value * signal - needed for value in (certified, Rational(99, 100) * certified)]
    outcome = subdivision.decide(margins[0], box, margins[1], where)
    return replace(outcome, detail={**outcome.detail, "certified constant": str(certified)})


def _coordinates(largest: sp.Rational, least: sp.Expr) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    return (
        (x, smaller(sqrt(part * total / 20), largest)),
        (shrink, smaller(sqrt((1 - part) * total), least)),
        (fixed_share, sqrt(part / 20)),
        (batch_share, sqrt(1 - part)),
    )
