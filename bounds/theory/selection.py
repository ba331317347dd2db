r"""Which of some candidates is the best: the one whose mean directions over fresh tasks are the shortest.

With bias at most R0 + R1 y and variance at most :math:`(v_0 + v_1y)^2/B` of the mean direction over B tasks, by
Chebyshev's inequality its length is, but for a chance of :math:`\chi`, off from y by at most
:math:`e_0 + e_1y`. A candidate's measured length is the median over k independent groups of B tasks, k odd: it is
as near unless h = (k+1)/2 groups are off, with probability at most :math:`\binom kh\chi^h`. Where all m
candidates are measured well, the one that looks shortest is not much longer than the best.  After Ghadimi & Lan
(2013), who choose by one mean where the direction has no bias; the median is after Nemirovski & Yudin (1983).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sympy import Integer, sqrt

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le, lt
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.standing import Case
from bounds.stating import GRADIENT, derived
from bounds.symbols import B, best, defined, lapse
from bounds.theory.directions import R0, R1, v0, v1

if TYPE_CHECKING:
    from bounds.theory.algorithm import Algorithm

PLACE = 72

e0, e1 = defined("e0"), defined("e1")
miss, miss_of_another, spread, size, seen, other = map(
    var,
    (
        "miss",
        "miss_of_another",
        "spread",
        "size_of_the_chosen",
        "seen_of_the_chosen",
        "seen_of_the_best",
    ),
)
DOMAIN = (
    Condition("tasks", Integer(1), B),
    Condition("chance of a lapse", lapse, 1),
    Condition("candidates are told apart", e1, 1, strict=True),
)


def _seldom(e: object, st: Statement) -> Items:
    """``P(||G - E G|| > u) u^2 <= V/B`` at ``u^2 = V/(B chi)``; the constant part of bias and spread."""
    given = (le(miss * spread**2 / (B * lapse), spread**2 / B), lt(0, spread))
    two = (le(miss, lapse), le(miss_of_another, lapse))
    return (
        axioms.MARKOV,
        Step("a mean of B tasks is seldom far off", le(miss, lapse), given),
        axioms.INDEPENDENT_EVENTS,
        Step("both of two groups, and by induction h of them", le(miss * miss_of_another, lapse**2), two),
        axioms.MEDIAN,
        identity("bias and deviation at y = 0", e, R0 + v0 / sqrt(B * lapse)),
    )


def _grows(e: object, st: Statement) -> Items:
    return (identity("growth of bias and deviation with y", e, R1 + v1 / sqrt(B * lapse)),)


PARTS = (
    Definition(
        e0, R0 + v0 / sqrt(B * lapse), "how far off a measured length is at y = 0", "e_0", why=_seldom
    ),
    Definition(e1, R1 + v1 / sqrt(B * lapse), "its growth with y", "e_1", why=_grows),
)


def _chosen(st: Statement) -> Items:
    """Compare what is seen of the chosen one with what is seen of the best."""
    given = (
        le(size - e0 - e1 * size, seen),
        le(seen, other),
        le(other, best + e0 + e1 * best),
        lt(e1, 1),
        le(0, e1),
        le(0, e0),
    )
    points = ({**at(best), e0: Integer(1) / 5, e1: Integer(1) / 4},)
    return (
        axioms.NORMS,
        Step("looks no longer than the best", le(size, st.expression), given, points=points),
    )


@cache
def chosen(algorithm: Algorithm) -> Statement:
    """Return the bound on ||grad F|| of the candidate whose mean directions over fresh tasks are the shortest."""
    return derived(
        f"{algorithm.name}.chosen",
        f"{algorithm.said}: the candidate that looks best, but for a chance that is chosen",
        r"\|\nabla F(w_{\hat\jmath})\|",
        (best * (1 + e1) + 2 * e0) / (1 - e1),
        GRADIENT,
        "Chebyshev's inequality for the mean direction of each group; the median of k groups",
        where=(*algorithm.parts, *PARTS),
        domain=(algorithm.range, *DOMAIN),
        proof=_chosen,
        case=Case("chosen", algorithm.typed, steps=algorithm.inner_steps),
        chapter="theorems",
        note="k groups, k = 2h - 1, of B tasks with batches of D_in, D_o and D_h samples, fresh for each of the m "
        "candidates: the median of their lengths is compared; best bounds the best of them (sharp.confidence). It "
        "holds with probability at least 1 - m binomial(k, h) chi^h",
    )
