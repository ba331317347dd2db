"""Closed forms: consistent as stated, and seen when they are off."""

from __future__ import annotations

import pytest

from validate.claims import limits
from validate.judge import judge_all


def status(check):
    (verdict,) = judge_all([check])
    return verdict.status.value


def makes(alter=float):
    return {
        "k-shot": limits.k_shot(alter),
        "subsets": limits.without_replacement(alter),
        "maml": limits.stationary("maml", 0, alter),
        "fo-maml": limits.stationary("fo-maml", 0, alter),
    }


def test_they_are_consistent():
    assert {name: status(check) for name, check in makes().items()} == dict.fromkeys(makes(), "CONSISTENT")


@pytest.mark.parametrize("factor", [0.25, 0.7, 1.4])
def test_altered_ones_are_violated(factor):
    found = {name: status(check) for name, check in makes(lambda bound: factor * bound).items()}
    if factor > 0.25:
        del found["k-shot"]
    assert set(found.values()) == {"VIOLATED"}
