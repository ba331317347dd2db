"""Whether a derivation is one of its statement: some step has to read the statement's own expression."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import Claim
from bounds.derivation.identity import is_zero
from bounds.derivation.restating import holds_of_anything, restates
from bounds.derivation.step import TIGHTER, Derivation, Step
from bounds.derivation.tools import unfolded
from bounds.deriving import derivation
from bounds.errors import InputError


def unproved(st: Statement, found: Derivation) -> str:
    """Return why a derivation does not show its statement; empty where a step concludes with its expression.

    The statement is altered, and a step that concludes with it must alter too: its claim; or, where the expression
    is a size that is enough, a hypothesis, as in ``P(y > u) u <= E y`` with the expression for u. A claim that
    has the expression as a side, with the parts written out, counts as well. One that restates a hypothesis does
    not, nor one that compares the expression with itself: it would hold of any other.
    """
    if not found.steps:
        return "no proof is given"
    idle: dict[Step, str] = {}
    for step, other in _reading(st, found):
        idle[step] = _idle(step, other)
        if not idle[step]:
            return ""
    if not idle:
        return "no step concludes with the statement's expression"
    names = {
        words: dict.fromkeys(step.name for step in idle if idle[step] == words) for words in idle.values()
    }
    return "; ".join(f"{words}: {', '.join(steps)}" for words, steps in names.items())


def _idle(step: Step, other: Step) -> str:
    """Return why a step shows nothing of the statement's expression, given what it is of another expression."""
    if restates(step):
        return "restates its hypothesis"
    return "compares an expression with itself" if holds_of_anything(other.claim) else ""


def _reading(st: Statement, found: Derivation) -> Iterator[tuple[Step, Step]]:
    """Yield the steps that conclude with the expression, each beside what it is when that is another.

    The altered ones come first; what has the expression as a side is beside itself.
    """
    altering = _altering(st, found)
    yield from altering
    whole, told = unfolded(st), {step for step, _ in altering}
    yield from ((step, step) for step in found.steps if step not in told and _says(st, step.claim, whole))


def _says(st: Statement, claim: Claim, whole: sp.Expr) -> bool:
    """Return whether a side is the expression; a plain 0 is a side of too much."""
    return whole != 0 and any(
        side == st.expression or _equal(unfolded(st, side), whole) for side in _sides(claim)
    )


def _equal(side: sp.Expr, whole: sp.Expr) -> bool:
    return side.free_symbols == whole.free_symbols and is_zero(side - whole)


def _sides(claim: Claim) -> tuple[sp.Expr, sp.Expr]:
    return claim.left, claim.right


def _altering(st: Statement, found: Derivation) -> list[tuple[Step, Step]]:
    """Return the steps that read the expression: in their claims, or as a size that is enough."""
    altered = _altered(st, found)
    claims = {step.claim for step in altered}
    enough = {_enough(st, step) for step in altered}
    pairs = zip_longest(found.steps, altered[: len(found.steps)])
    return [
        (step, other or step)
        for step, other in pairs
        if step.claim not in claims or _enough(st, step) not in enough
    ]


def _altered(st: Statement, found: Derivation) -> tuple[Step, ...]:
    """Return the steps where the statement's expression is another; none where there is no such derivation."""
    other = st.expression * (1 + TIGHTER) if st.expression != 0 else sp.S.One
    try:
        return derivation(replace(st, expression=other, inhomogeneous="altered")).steps
    except InputError:
        return ()


def _enough(st: Statement, step: Step) -> tuple[sp.Expr | Claim, ...]:
    if st.left is not None and st.left.enough:
        return step.given
    return tuple(given.left for given in step.given)
