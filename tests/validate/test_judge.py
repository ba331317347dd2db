import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import special, stats

from validate.judge import Check, judge, judge_all
from validate.statistics import Interval, exact_interval, mean_interval
from validate.verdict import Status


def check(lower, upper, side="<=", bound=1.0, **more):
    interval = Interval((lower + upper) / 2, lower, upper, 0.95, 10, "given")
    return Check("claim", "statement", "maml", "problem", bound, lambda error: interval, side, **more)


@pytest.mark.parametrize(
    ("lower", "upper", "side", "margin", "status"),
    [
        (0.5, 1.0, "<=", 0, Status.CONSISTENT),
        (0.5, 1.1, "<=", 0, Status.INCONCLUSIVE),
        (1.1, 1.2, "<=", 0, Status.VIOLATED),
        (1.0, 1.2, ">=", 0, Status.CONSISTENT),
        (0.9, 1.2, ">=", 0, Status.INCONCLUSIVE),
        (0.5, 0.9, ">=", 0, Status.VIOLATED),
        (0.95, 1.05, "==", 0.1, Status.CONSISTENT),
        (0.85, 1.05, "==", 0.1, Status.INCONCLUSIVE),
        (0.5, 0.8, "==", 0.1, Status.VIOLATED),
        (1.2, 1.3, "==", 0.1, Status.VIOLATED),
        (math.nan, math.nan, "<=", 0, Status.INCONCLUSIVE),
        (math.nan, math.nan, ">=", 0, Status.INCONCLUSIVE),
        (math.nan, math.nan, "==", 0.1, Status.INCONCLUSIVE),
    ],
)
def test_side_of_the_interval(lower, upper, side, margin, status):
    assert judge(check(lower, upper, side, margin=margin), 0.05).status is status


def test_violation_needs_confirmation():
    wrong, right = check(1.1, 1.2), check(0.8, 1.3)

    def again(value):
        return check(1.1, 1.2, again=lambda: value)

    assert judge(again(wrong), 0.05).status is Status.VIOLATED
    verdict = judge(again(right), 0.05)
    assert verdict.status is Status.INCONCLUSIVE
    assert "not confirmed on fresh seeds: [0.8, 1.3]" in verdict.detail
    assert judge(again(check(0, 1, failure="NaN at 3")), 0.05).status is Status.FAILED


def test_confirmation_is_not_run_when_it_is_not_needed():
    def never():
        raise AssertionError

    assert judge(check(0.1, 0.2, again=never), 0.05).status is Status.CONSISTENT


def test_failure_condition_and_nan_bound():
    failed = judge(check(0, 1, failure="NaN at iteration 7 of replicate 2"), 0.05)
    assert (failed.status, failed.detail) == (Status.FAILED, "NaN at iteration 7 of replicate 2")
    outside = judge(check(0, 1, condition="alpha L <= 1/2"), 0.05)
    assert outside.status is Status.NOT_APPLICABLE
    assert "alpha L <= 1/2" in outside.detail
    assert judge(check(0, 1, bound=math.nan), 0.05).status is Status.FAILED


def test_slack_of_a_verdict():
    verdict = judge(check(0.4, 0.6), 0.05)
    assert verdict.slack == 2.0
    assert verdict.slack_interval == (1 / 0.6, 2.5)


def test_slack_below_one_is_always_the_wrong_side():
    below = judge(check(0.4, 0.6, ">=", bound=1.0), 0.05)
    above = judge(check(1.4, 1.6, ">=", bound=1.0), 0.05)
    assert (below.status, below.slack, below.slack_interval) == (Status.VIOLATED, 0.5, (0.4, 0.6))
    assert (above.status, above.slack) == (Status.CONSISTENT, 1.5)
    assert judge(check(0.9, 1.1, bound=0.5), 0.05).slack == 0.5
    equal = judge(check(1.0, 1.0, "==", bound=1.0), 0.05)
    assert math.isnan(equal.slack)
    assert all(map(math.isnan, equal.slack_interval))


def test_a_negative_quantity_such_as_an_exponent_has_no_slack():
    assert math.isnan(judge(check(-5.0, -4.9, ">=", bound=-5.0), 0.05).slack)


def noted(seen, **more):
    def measure(error):
        seen.append(error)
        return Interval(0.5, 0.0, 1.0, 1 - error, 10, "given")

    return Check("c", "s", "a", "p", 1.0, measure, **more)


def test_the_error_is_split_over_the_checks_in_which_something_is_random():
    seen = []
    exact = Check("c", "s", "a", "p", 1.0, lambda error: exact_interval(1.0))
    verdicts = judge_all([noted(seen)] * 4 + [check(0, 1, condition="no"), exact], 0.04)
    assert {v.level for v in verdicts[:4]} == {0.99}
    assert set(seen) == {0.5, 0.01}
    assert verdicts[5].level == 1.0


def test_two_looks_each_take_the_root_of_the_share():
    seen = []
    judge(noted(seen, again=lambda: noted(seen)), 1e-4)
    assert seen == [0.01]


def test_two_looks_keep_the_probability_of_a_false_violation():
    rng, share, trials = np.random.default_rng(1), 0.01, 4000

    def normal(side):
        def measure(error):
            mean, radius = rng.normal(), -special.ndtri(error / 2)
            return Interval(mean, mean - radius, mean + radius, 1 - error, 10, "given")

        return Check("c", "s", "a", "p", 0.0, measure, side)

    for side in ("<=", ">=", "=="):
        made = [judge(replace(normal(side), again=partial(normal, side)), share) for _ in range(trials)]
        false = sum(v.status is Status.VIOLATED for v in made)
        assert stats.binom.sf(false - 1, trials, share) > 1e-5
    alone = [judge(normal("=="), math.sqrt(share)).status is Status.VIOLATED for _ in range(trials)]
    assert sum(alone) > 3 * share * trials


def test_a_check_with_too_few_observations_says_so():
    few = Check("c", "s", "a", "p", 9.0, lambda error: mean_interval(np.arange(8.0), error, (0, math.inf)))
    verdict = judge(few, 1e-4)
    assert verdict.status is Status.INCONCLUSIVE
    assert "too few observations (8, not" in verdict.detail
    assert verdict.sure


@pytest.mark.parametrize(("side", "sure"), [("<=", True), (">=", False), ("==", False)])
def test_a_verdict_knows_whether_a_violation_would_hold_at_every_n(side, sure):
    made = judge(
        Check("c", "s", "a", "p", 9.0, lambda e: mean_interval(np.arange(9.0), e, (0, math.inf)), side), 0.01
    )
    assert made.sure is sure


def test_family_of_true_claims_is_almost_never_violated_and_gross_errors_always():
    rng = np.random.default_rng(0)

    def family(truth, bound):
        samples = rng.exponential(truth, (20, 64))
        return [Check("c", "s", "a", "p", bound, lambda error, x=x: mean_interval(x, error)) for x in samples]

    at_the_bound = [judge_all(family(1.0, 1.0), 0.05) for _ in range(40)]
    assert sum(v.status is Status.VIOLATED for vs in at_the_bound for v in vs) <= 1
    far = judge_all(family(1.0, 0.2), 0.05)
    assert all(v.status is Status.VIOLATED for v in far)


def test_exact_values_are_compared_with_their_tolerance():
    exact = Check("c", "s", "a", "p", 1.0, lambda error: exact_interval(1.0 + 5e-9, 1e-9), "==", 1e-8)
    assert judge(exact, 0.01).status is Status.CONSISTENT
