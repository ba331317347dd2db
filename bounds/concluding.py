"""Whether a derivation is one of its statement: some step has to read the statement's own expression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import sympy as sp

from bounds.bound import Statement
from bounds.derivation.claim import Claim
from bounds.derivation.identity import is_zero
from bounds.derivation.restating import restates
from bounds.derivation.step import TIGHTER, Derivation, Step
from bounds.derivation.tools import unfolded
from bounds.deriving import derivation
from bounds.errors import InputError


def unproved(st: Statement, found: Derivation) -> str:
    """Return why a derivation does not show its statement; empty where a step concludes with its expression.

    The statement is altered, and a step that concludes with it must alter too: its claim; or, where the expression
    is a size that is enough, a hypothesis, as in ``P(y > u) u <= E y`` with the expression for u. A claim that
    has the expression as a side, with the parts written out, counts as well. One that restates a hypothesis does
    not.
    """
    if not found.steps:
        return "no proof is given"
    reading = _reading(st, found)
    if not reading:
        return "no step concludes with the statement's expression"
    if all(map(restates, reading)):
        return f"restates its hypothesis: {', '.join(step.name for step in reading)}"
    return ""


def _reading(st: Statement, found: Derivation) -> list[Step]:
    altering = list(_altering(st, found))
    if not all(map(restates, altering)):
        return altering
    whole = unfolded(st)
    return altering + [step for step in found.steps if _says(st, step.claim, whole)]


def _says(st: Statement, claim: Claim, whole: sp.Expr) -> bool:
    """Return whether a side is the expression; a plain 0 is a side of too much."""
    return whole != 0 and any(
        side == st.expression or _equal(unfolded(st, side), whole) for side in _sides(claim)
    )


def _equal(side: sp.Expr, whole: sp.Expr) -> bool:
    return side.free_symbols == whole.free_symbols and is_zero(side - whole)


def _sides(claim: Claim) -> tuple[sp.Expr, sp.Expr]:
    return claim.left, claim.right


def _altering(st: Statement, found: Derivation) -> Iterable[Step]:
    """Return the steps that read the expression: in their claims, or as a size that is enough."""
    other = st.expression * (1 + TIGHTER) if st.expression != 0 else sp.S.One
    try:
        altered = derivation(replace(st, expression=other, inhomogeneous="altered")).steps
    except InputError:
        return found.steps
    claims = {step.claim for step in altered}
    enough = {_enough(st, step) for step in altered}
    return [step for step in found.steps if step.claim not in claims or _enough(st, step) not in enough]


def _enough(st: Statement, step: Step) -> tuple[sp.Expr | Claim, ...]:
    if st.left is not None and st.left.enough:
        return step.given
    return tuple(given.left for given in step.given)
