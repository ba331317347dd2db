"""Whether a step only restates one of its hypotheses, or compares an expression with itself: both show nothing."""

from __future__ import annotations

import sympy as sp

from bounds.derivation.claim import Claim
from bounds.derivation.step import Step

_ENOUGH = {"<=": ("<=", "<", "="), "<": ("<",), "=": ("=",)}
"""By the relation of a claim, the relations of a hypothesis that say as much."""


def compares_itself(claim: Claim) -> bool:
    """Return whether both sides of a claim are one expression, as they are written."""
    return bool(claim.left == claim.right)


def holds_of_anything(claim: Claim) -> bool:
    """Return whether both sides of a claim are one expression, up to rearrangement."""
    return claim.relation != "<" and (compares_itself(claim) or not _terms(claim))


def restates(step: Step) -> bool:
    """Return whether a hypothesis says the claim already: up to rearrangement and a constant factor."""
    return any(_same(given, step.claim) for given in step.given)


def _same(given: Claim, claim: Claim) -> bool:
    if given.relation not in _ENOUGH[claim.relation]:
        return False
    known, said = _terms(given), _terms(claim)
    if known.keys() != said.keys() or not said:
        return False
    factors = {said[term] / known[term] for term in said}
    return len(factors) == 1 and (given.relation == "=" or factors.pop() > 0)


def _terms(claim: Claim) -> dict[sp.Expr, sp.Expr]:
    """Return what stands on the right of ``0 <= ...``: each term with its rational factor."""
    gap = sp.expand(claim.right - claim.left)
    return {term: factor for term, factor in gap.as_coefficients_dict().items() if factor != 0}
