"""Decide univariate rational inequalities on an interval by counting roots (Sturm sequences)."""

from __future__ import annotations

import sympy as sp

from bounds.derivation.claim import Claim
from bounds.derivation.outcome import Answer, Outcome
from bounds.derivation.step import Step


def decide(step: Step) -> Outcome:
    """Prove a claim in one symbol on the closed interval that the two hypotheses give.

    ``given`` must be ``low <= symbol`` and ``symbol <= high`` with rational ends.
    """
    (symbol,) = step.claim.symbols
    low, high = step.given[0].left, step.given[1].right
    if step.given[0].right != symbol or step.given[1].left != symbol:
        raise ValueError(f"{step.name}: the hypotheses must be low <= {symbol} and {symbol} <= high")
    answers = [_answer(claim, symbol, low, high) for claim in (step.claim, *step.negative_controls)]
    return Outcome(answers[0], bool(low < high), tuple(answers[1:]))


def _answer(claim: Claim, symbol: sp.Symbol, low: sp.Rational, high: sp.Rational) -> Answer:
    numerator, denominator = sp.fraction(sp.together(_plain(claim.right) - _plain(claim.left)))
    numerator, denominator = sp.Poly(numerator, symbol), sp.Poly(denominator, symbol)
    if denominator.count_roots(low, high):
        return "unknown"
    sign = sp.sign(denominator.eval(low))
    holds = nonnegative(numerator * sign, low, high)
    return "proved" if holds else "refuted"


def _plain(e: sp.Expr) -> sp.Expr:
    return e.replace(sp.Abs, lambda inner: inner)


def nonnegative(polynomial: sp.Poly, low: sp.Rational, high: sp.Rational) -> bool:
    """Decide ``polynomial >= 0`` on [low, high]: no root of odd multiplicity inside, and the right sign."""
    if polynomial.is_zero:
        return True
    coefficient, factors = polynomial.sqf_list()
    odd = sp.Poly(coefficient, polynomial.gen)
    for factor, multiplicity in factors:
        odd = odd * factor if multiplicity % 2 else odd
    inside = odd.count_roots(low, high) - sum(1 for end in {low, high} if odd.eval(end) == 0)
    if inside:
        return False
    return bool(odd.eval((low + high) / 2) >= 0)
