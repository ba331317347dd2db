"""Decide identities between algebraic expressions by their normal form."""

from __future__ import annotations

import sympy as sp

from bounds.derivation.claim import Claim
from bounds.derivation.outcome import Answer, Outcome
from bounds.derivation.restating import compares_itself
from bounds.derivation.step import Step


def decide(step: Step) -> Outcome:
    """Prove ``left = right`` under equations that define symbols (``symbol = expression`` in ``given``)."""
    rules = [(claim.left, claim.right) for claim in step.given]
    answer = _answer(step.claim, rules)
    controls = tuple(_answer(control, rules) for control in step.negative_controls)
    return Outcome(answer, True, controls, definition=compares_itself(step.claim))


def _answer(claim: Claim, rules: list[tuple[sp.Expr, sp.Expr]]) -> Answer:
    difference = claim.left - claim.right
    for symbol, expression in reversed(rules):
        difference = difference.subs(symbol, expression)
    return "proved" if is_zero(difference) else "refuted"


def is_zero(expression: sp.Expr) -> bool:
    """Decide whether an expression of +, -, *, /, square roots and opaque functions vanishes identically."""
    relations: list[tuple[sp.Symbol, sp.Expr]] = []
    rational = _without_roots(sp.sympify(expression), relations)
    numerator = sp.numer(sp.together(rational))
    for root, square in reversed(relations):
        numerator = _reduce(sp.expand(numerator), root, square)
    return bool(sp.expand(numerator) == 0)


def _without_roots(e: sp.Expr, relations: list[tuple[sp.Symbol, sp.Expr]]) -> sp.Expr:
    if e.is_Atom:
        return e
    if isinstance(e, sp.Min | sp.Max | sp.Piecewise):
        return sp.Symbol(f"opaque[{sp.srepr(e)}]")
    args = [_without_roots(part, relations) for part in e.args]
    if e.is_Pow and e.exp.is_Rational and e.exp.q == 2:
        root = _root(args[0], relations)
        return root**e.exp.p
    return e.func(*args)


def _root(square: sp.Expr, relations: list[tuple[sp.Symbol, sp.Expr]]) -> sp.Symbol:
    square = sp.expand(square)
    for root, known in relations:
        if known == square:
            return root
    root = sp.Symbol(f"root[{len(relations)}]")
    relations.append((root, square))
    return root


def _reduce(polynomial: sp.Expr, root: sp.Symbol, square: sp.Expr) -> sp.Expr:
    terms = sp.collect(polynomial, root, evaluate=False) if polynomial.has(root) else {sp.S.One: polynomial}
    total = sp.S.Zero
    for power, coefficient in terms.items():
        degree = int(sp.degree(power, root)) if power.has(root) else 0
        total += coefficient * square ** (degree // 2) * root ** (degree % 2)
    return sp.numer(sp.together(total))
