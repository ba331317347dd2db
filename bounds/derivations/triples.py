"""The constants 61, 14, 36: when the recorded accuracy follows from the theorem here."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import sympy as sp
from sympy import Rational, sqrt

from bounds.bound import Statement
from bounds.derivation import subdivision
from bounds.derivation.claim import Claim, eq, le, lt
from bounds.derivation.outcome import Outcome
from bounds.derivation.step import Axiom, Step
from bounds.derivations import axioms
from bounds.derivations.tools import var
from bounds.paper.theorem import Recorded
from bounds.paper.theorems import RECORDED
from bounds.sharp import triples
from bounds.sharp.directions import DIRECTIONS, h2, v0
from bounds.sharp.quantities import A0, B0, C1, T, b, q, x
from bounds.sharp.steps import PAPER
from bounds.stating import smaller
from bounds.symbols import B, D_in, D_o, L, alpha, c, rho, sigma, sigma_tilde, y

Items = tuple[Step | Axiom, ...]
total, part = var("S_total"), var("u_part")
constant, noise, shrink = var("C"), var("N_level"), var("one_over_sqrt_B")


def largest_psi() -> Step:
    """At the recorded accuracy, ``psi(Y) >= C N / ((4 + 2 C1) L)``, because q <= 2."""
    scale = PAPER.slope
    a0, b0 = PAPER.smoothness + scale * sigma * q, scale * C1
    given = (
        le(constant * (1 + rho * alpha * sigma / L) * noise, y**2),
        le(constant * rho * alpha / L * noise, y),
        le(q, 2),
        lt(0, C1),
        lt(0, q),
    )
    claim = le(a0 / y**2 + b0 / y, (4 + 2 * C1) * L / (constant * noise))
    return Step("psi at the recorded accuracy", claim, given)


def small_q(st: Statement) -> Step:
    """``q <= 2`` for x up to the recorded range."""
    limit = st.domain[0].right
    named = tuple(eq(d.symbol, d.expression) for d in st.where if d.symbol.name in ("om", "C1", "C2", "q"))
    return Step("q <= 2", le(q, 2), (*named, le(x, limit)), controls=(le(q, Rational(1001, 1000)),))


def entry(st: Statement, name: str, expression: sp.Expr) -> Items:
    """Entries of the form: sums over the squares that bias and spread consist of."""
    algorithm = st.name.split(".")[1]
    index = {"form_pp": (1, 1), "form_pn": (1, 3), "form_nn": (3, 3), "form_oo": (2, 2)}[name]
    terms = triples.squares(algorithm)
    expected = sum((t[0] * t[index[0]] * t[index[1]] for t in terms), sp.S.Zero)
    return (
        Step(f"{name} from the squares", eq(expression, expected), method="identity"),
        *_squares(algorithm),
    )


def _squares(algorithm: str) -> Items:
    """Show that the squares are those of the direction: v0^2/B with b = x n, in the units of p, o, n."""
    if algorithm == "hf-maml":
        doubled = le((var("u") + var("w")) ** 2, 2 * var("u") ** 2 + 2 * var("w") ** 2)
        return (axioms.MINKOWSKI, Step("the square of a sum is at most twice the sum of squares", doubled))
    p, o, n = var("p"), var("o"), var("n")
    scale = 1 if algorithm == "maml" else 1 / sqrt(1 + 20 * x**2 * B)
    units = {
        D_in: sigma_tilde**2 / n**2,
        D_o: sigma_tilde**2 / (B * o**2),
        b: x * n,
        sigma: scale * p * sqrt(B),
    }
    whole = next(d.expression for d in DIRECTIONS[algorithm] if d.symbol == v0) ** 2 / B
    for d in reversed(DIRECTIONS[algorithm]):
        if d.symbol in (A0, B0, T):
            whole = whole.subs(d.symbol, d.expression)
    whole = whole.subs(h2, Rational(1, 2)).subs(units)
    terms = triples.NOISES[algorithm]().variance
    squares = sum((t[0] * (t[1] * p + t[2] * o + t[3] * n) ** 2 for t in terms), sp.S.Zero)
    squares = squares.subs({d.symbol: d.expression for d in triples.SHARES})
    orthogonal = sp.expand(squares).subs({p * o: 0, o * n: 0})
    return (Step("v0^2/B as squares of p, o, n", eq(whole, orthogonal), method="identity"),)


def share(name: str, expression: sp.Expr) -> Items:
    """FO-MAML's task noise is ``sigma^2 (1/B + 20 x^2)``: what one over B, and x, are of its root."""
    noise_ = RECORDED["fo-maml"].task_noise / sigma**2
    part_ = x**2 if name == "fixed_share" else 1 / B
    claim = eq(expression**2 * noise_.subs(alpha * L, x).subs(alpha, x / L), part_)
    return (Step(f"{name} of the recorded task noise", claim, method="identity"),)


def signal_left(st: Statement, expression: sp.Expr) -> Items:
    """Signal after Young's inequality with the two fixed parameters."""
    algorithm = st.name.split(".")[1]
    growth, bias = triples.NOISES[algorithm]().growth, triples.BIAS_GROWTH[algorithm]
    spent = (1 + triples.BIAS_YOUNG) * triples.MU_HIGH * bias**2
    spent += c * triples.CURVATURE * triples.MU_SQUARE * (1 + triples.YOUNG) * growth / B
    first, second, s = var("u"), var("w"), var("s_young")
    young = le((first + second) ** 2, (1 + 1 / s) * first**2 + (1 + s) * second**2)
    return (
        Step("Young", young),
        Step("signal that is left", eq(expression, triples.MU_LOW - spent), method="identity"),
    )


def eigenvalue(st: Statement) -> Items:
    """Take the largest eigenvalue of a symmetric 2x2 matrix and one more diagonal entry, times (1 + C1/2)/A."""
    first, second, third = var("unit_p"), var("unit_n"), var("unit_o")
    form = (
        triples.pp * first**2
        + 2 * triples.pn * first * second
        + triples.nn * second**2
        + triples.oo * third**2
    )
    value = sp.cancel(st.expression * triples.signal / (1 + C1 / 2))
    given = (eq(first**2 + second**2 + third**2, 1), lt(0, triples.signal), lt(0, C1))
    tight = {triples.pp: 25, triples.pn: 12, triples.nn: 18, triples.oo: 1, C1: 2, triples.signal: 1}
    tight |= {first: Rational(4, 5), second: Rational(3, 5), third: 0}
    witness = {k: sp.Integer(0) + v for k, v in tight.items()}
    return (
        largest_psi(),
        small_q(st),
        Step("largest value of the form", le(form, value), given, witness=witness),
    )


def accuracy(st: Statement, recorded: Recorded) -> Items:
    """Certify the constant over the whole domain; then the recorded accuracy follows with it."""
    ours = next(s for s in triples.triple_statements() if s.name == f"sharp.{recorded.algorithm}.constant")
    certified = CERTIFIED[recorded.algorithm]
    step = Step(
        f"{certified} is enough for all alpha L <= {recorded.largest_x} and {_tasks(recorded.algorithm)}",
        le(ours.expression, certified),
        (le(x, recorded.largest_x), le(c, recorded.step_factor)),
        method="subdivision",
        decide=partial(_decide, ours=ours, recorded=recorded, certified=certified),
    )
    scale = PAPER.slope
    whole = PAPER.smoothness + scale * sigma * q
    level = st.expression.subs(st.where[0].symbol, noise)
    claim = le(whole / level**2 + scale * C1 / level, (4 + 2 * C1) * L / (certified * noise))
    implied = Step(
        "psi at the recorded accuracy", claim, (le(q, 2), lt(0, C1), lt(0, q)), controls=_much_tighter(claim)
    )
    return (axioms.MONOTONE_CONVERGENCE, axioms.JENSEN, step, implied)


def _tasks(algorithm: str) -> str:
    most = LARGEST_TASKS.get(algorithm)
    return "B >= 20" if most is None else f"20 <= B <= {most}"


def _much_tighter(claim: Claim) -> tuple[Claim, ...]:
    """Refute the claim with its left side a thousandfold: the record is loose, but not without end."""
    return (le(claim.left * 1000, claim.right),)


def _decide(_: Step, ours: Statement, recorded: Recorded, certified: sp.Rational) -> Outcome:
    """Subdivide over S = 1/B + 20 x^2 and its share u; without FO-MAML's floor over x and B alone.

    The two roots of S cancel in these coordinates, so that nothing is singular at x = 1/B = 0; the box is cut
    back to the domain by taking the smaller of each coordinate and its limit.
    """
    least = sqrt(Rational(1, 20))
    at = {c: recorded.step_factor, B: shrink**-2}
    own = {d.symbol: d.expression for d in triples.SHARES}
    needed = (ours.expression * triples.signal).subs(at)
    where = tuple(
        (d.symbol, d.expression.subs(at)) for d in ours.where if d.symbol != x and d.symbol not in own
    )
    most = LARGEST_TASKS.get(recorded.algorithm)
    box = {x: (0, recorded.largest_x), shrink: (0 if most is None else sqrt(Rational(1, most)), least)}
    if own.keys() & {d.symbol for d in ours.where}:
        box = {total: (0, least**2 + 20 * recorded.largest_x**2), part: (0, 1)}
        where = (*_coordinates(recorded.largest_x, least), *where)
    margins = [value * triples.signal - needed for value in (certified, Rational(99, 100) * certified)]
    outcome = subdivision.decide(margins[0], box, margins[1], where)
    return replace(outcome, detail={**outcome.detail, "certified constant": str(certified)})


def _coordinates(largest: sp.Rational, least: sp.Expr) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    return (
        (x, smaller(sqrt(part * total / 20), largest)),
        (shrink, smaller(sqrt((1 - part) * total), least)),
        (triples.fixed_share, sqrt(part / 20)),
        (triples.batch_share, sqrt(1 - part)),
    )


CERTIFIED = {"maml": Rational(911, 1000), "fo-maml": Rational(277, 1000), "hf-maml": Rational(36)}
LARGEST_TASKS = {"hf-maml": 373}
"""HF-MAML's constant grows with B (erratum E3): 36 is enough up to this many tasks."""
