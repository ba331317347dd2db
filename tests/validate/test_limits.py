"""Closed forms: consistent as stated, and seen when they are off."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from sympy import Rational

from studies.power.theory import believed, times
from validate.claims import limits
from validate.judge import judge_all


def status(check):
    (verdict,) = judge_all([check])
    return verdict.status.value


def makes():
    return {
        "k-shot": limits.k_shot(),
        "subsets": limits.without_replacement(),
        "maml": limits.stationary("maml", 0),
        "fo-maml": limits.stationary("fo-maml", 0),
    }


def test_they_are_consistent():
    assert {name: status(check) for name, check in makes().items()} == dict.fromkeys(makes(), "CONSISTENT")


@pytest.mark.parametrize("factor", ["0.25", "0.7", "1.4"])
def test_altered_ones_are_violated(factor):
    with ExitStack() as stack:
        for one in (limits.SHOT, limits.SUBSET, *limits.LAWS.values()):
            stack.enter_context(believed(one, times(Rational(factor))))
        found = {name: status(check) for name, check in makes().items()}
    if factor != "0.25":
        del found["k-shot"]
    assert set(found.values()) == {"VIOLATED"}
