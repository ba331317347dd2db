"""Strips and groups: what a reader sees of a verdict."""

import math

import pytest

from figures.report.rows import rows, show, strip
from validate.verdict import Status, Verdict


def verdict(**changed) -> Verdict:
    fields = {
        "claim": "accuracy.best", "statement": "sharp.fo-maml.guarantee", "algorithm": "fo-maml",
        "problem": "plateau", "status": Status.CONSISTENT, "statistic": 0.05, "interval": (0.04, 0.06),
        "level": 0.9999, "bound": 0.1, "slack": 2.0, "slack_interval": (1.6, 2.5), "n": 64,
        "detail": "", "setting": "", "seed": 7, "relation": "at most",
    }  # fmt: skip
    return Verdict(**(fields | changed))


@pytest.mark.parametrize(
    ("relation", "interval", "inside"),
    [
        ("at most", (0.04, 0.06), True),
        ("at most", (0.11, 0.2), False),
        ("at least", (0.11, 0.2), True),
        ("at least", (0.04, 0.06), False),
    ],
)
def test_an_interval_lies_on_the_shaded_side_when_the_claim_holds(relation, interval, inside):
    found = strip(verdict(relation=relation, interval=interval, statistic=sum(interval) / 2))
    start, end = {"below": (0, 75), "above": (75, 100)}[found.side]
    assert (start <= found.low and found.high <= end) == inside
    assert 0 <= found.low <= found.middle <= found.high <= 100


def test_far_and_open_ends_stay_on_the_strip():
    found = strip(verdict(interval=(-1.0, math.inf), statistic=1e-9))
    assert (found.low, found.high, found.middle) == (0, 100, 0)
    assert strip(verdict(bound=0.0)) is None
    assert strip(verdict(bound=math.nan, statistic=math.nan)) is None


def test_only_equal_consistent_answers_share_a_group():
    table = rows(
        [
            verdict(),
            verdict(statistic=0.09),
            verdict(status=Status.VIOLATED),
            verdict(status=Status.VIOLATED),
            verdict(algorithm="maml"),
        ]
    )
    assert [row.group for row in table] == [0, 0, 1, 2, 3]
    assert [row.first for row in table] == [False, True, True, True, True]
    assert [row.alike for row in table] == [2, 2, 1, 1, 1]


def test_numbers_have_true_minuses():
    assert [show(x) for x in (-0.5, 1e-6, math.nan, -math.inf)] == ["−0.5", "1e−06", "–", "−∞"]
