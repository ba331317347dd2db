import math

import numpy as np
import pytest
from scipy import stats

from bounds.errors import InputError
from validate.statistics import (
    best_mean_interval,
    betting_interval,
    bonferroni,
    equivalence,
    exact_interval,
    holm,
    mean_interval,
    proportion_interval,
    ratio_interval,
)

TRIALS = 2500
LAWS = {
    "normal": stats.norm(3, 1),
    "exponential": stats.expon(),
    "log-normal": stats.lognorm(0.5),
    "uniform": stats.uniform(),
}


def misses(make, truth, trials):
    """Number of trials whose interval misses; and whether that is more than the allowed rate, at 5 sigma."""
    return sum(truth not in make(trial) for trial in range(trials))


def too_many(count, trials, error):
    return stats.binom.sf(count - 1, trials, error) < 1e-5


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("error", [0.1, 0.01])
@pytest.mark.parametrize("n", [32, 64])
def test_mean_interval_covers_and_is_not_vacuous(law, error, n):
    draws = LAWS[law].rvs((TRIALS, n), random_state=np.random.default_rng(1))
    count = misses(lambda i: mean_interval(draws[i], error), LAWS[law].mean(), TRIALS)
    assert not too_many(count, TRIALS, error)
    if error == 0.1:
        assert count > 0.3 * error * TRIALS
    student = 2 * stats.t.ppf(1 - error / 2, n - 1) * draws[:200].std(1, ddof=1) / math.sqrt(n)
    widths = np.array([mean_interval(x, error).width for x in draws[:200]])
    assert np.median(widths / student) < 2


def test_mean_interval_at_a_small_tail_beats_students():
    law, n, error, trials = LAWS["exponential"], 64, 0.004, 8000
    draws = law.rvs((trials, n), random_state=np.random.default_rng(2))
    assert not too_many(misses(lambda i: mean_interval(draws[i], error), 1.0, trials), trials, error)
    radius = stats.t.ppf(1 - error / 2, n - 1) * draws.std(1, ddof=1) / math.sqrt(n)
    plain = int((np.abs(draws.mean(1) - 1) > radius).sum())
    assert too_many(plain, trials, error)


@pytest.mark.parametrize("law", [stats.beta(0.2, 0.8), stats.beta(8, 8), stats.bernoulli(0.05)])
def test_betting_interval_covers_and_shrinks(law):
    error, trials = 0.1, 600
    draws = law.rvs((trials, 64), random_state=np.random.default_rng(3)) * 7.0
    count = misses(lambda i: betting_interval(draws[i], error, (0, 7)), 7 * law.mean(), trials)
    assert not too_many(count, trials, error)
    short = betting_interval(draws[0], error, (0, 7)).width
    long = betting_interval(draws[:50].ravel(), error, (0, 7)).width
    assert long < 0.35 * short


def test_betting_interval_is_near_students_on_a_benign_sample():
    draws = stats.beta(8, 8).rvs(200, random_state=np.random.default_rng(4))
    student = 2 * stats.t.ppf(0.975, 199) * draws.std(ddof=1) / math.sqrt(200)
    assert betting_interval(draws, 0.05, (0, 1)).width < 2 * student


def test_betting_interval_refuses_values_outside_the_support():
    with pytest.raises(InputError, match="support"):
        betting_interval([0.5, 1.5], 0.1, (0, 1))


@pytest.mark.parametrize("bad", [[1.0, math.nan], [math.inf, 1.0]])
def test_a_sample_that_is_not_finite_supports_nothing(bad):
    interval = mean_interval(bad, 0.1)
    assert (interval.lower, interval.upper) == (-math.inf, math.inf)
    assert best_mean_interval(np.full((8, 3), math.nan), 0.1).upper == math.inf


def test_a_sample_without_spread_leaves_the_upper_end_open():
    interval = mean_interval(np.ones(64), 0.01)
    assert interval.upper == math.inf
    assert interval.lower == pytest.approx(0.01 ** (1 / 64))


def test_best_mean_interval_covers_the_minimum_in_spite_of_selection():
    rng, error, trials, K = np.random.default_rng(5), 0.1, 500, 40
    truth = 1 + 0.02 * np.linspace(-1, 1, K) ** 2
    curves = truth + rng.normal(0, 0.3, (trials, 64, K))
    count = misses(lambda i: best_mean_interval(curves[i], error), truth.min(), trials)
    assert not too_many(count, trials, error)
    naive = sum(curves[i].mean(0).min() < 1 - 1.3 * 0.3 / 8 for i in range(trials))
    assert too_many(naive, trials, error)
    width = np.median([best_mean_interval(c, error).width for c in curves])
    assert width < 0.35


def test_ratio_interval_covers_and_uses_the_pairing():
    rng, error, trials = np.random.default_rng(6), 0.1, 2000
    common = rng.normal(0, 0.3, (trials, 40))
    y = 2 + common
    x = 3 * y + rng.normal(0, 0.1, (trials, 40))
    count = misses(lambda i: ratio_interval(x[i], y[i], error), 3.0, trials)
    assert not too_many(count, trials, error)
    assert count > 0.5 * error * trials
    assert ratio_interval(x[0], y[0], error).width < 0.1 * ratio_interval(x[0], y[1], error).width


def test_ratio_interval_is_open_when_the_denominator_may_be_zero():
    rng = np.random.default_rng(7)
    assert ratio_interval(rng.normal(1, 1, 30), rng.normal(0, 1, 30), 0.05).upper == math.inf


def test_proportion_interval_covers():
    counts = stats.binom(60, 0.07).rvs(600, random_state=np.random.default_rng(8))
    count = misses(lambda i: proportion_interval(int(counts[i]), 60, 0.1), 0.07, 600)
    assert not too_many(count, 600, 0.1)
    assert proportion_interval(30, 60, 0.1).width < 0.25


def test_slack_of_an_interval():
    slack = exact_interval(2.0, 0.5).reciprocal(6.0)
    assert (slack.lower, slack.estimate, slack.upper) == (6 / 2.5, 3.0, 4.0)
    assert exact_interval(0.0, 0.1).reciprocal(1.0).upper == math.inf


def test_equivalence_is_wrong_rarely_both_ways_and_decides():
    rng, error, trials = np.random.default_rng(9), 0.1, 1500
    at_margin = rng.normal(1.2, 1, (trials, 64))
    results = [equivalence(x, 1.0, 0.2, error) for x in at_margin]
    assert not too_many(sum(r.equal for r in results), trials, error / 2)
    outside = sum(r.different for r in results)
    assert not too_many(outside, trials, error / 2)
    assert np.mean([equivalence(x, 1.0, 0.5, error).equal for x in rng.normal(1, 1, (300, 64))]) > 0.95
    assert np.mean([equivalence(x, 2.5, 0.5, error).different for x in rng.normal(1, 1, (300, 64))]) > 0.95


def test_equivalence_fails_closed():
    result = equivalence([1.0, math.nan], 1.0, 10.0, 0.1)
    assert not result.equal
    assert not result.different


def test_holm_by_hand_and_never_weaker_than_bonferroni():
    p = [0.01, 0.04, 0.03, math.nan]
    assert holm(p, 0.05).tolist() == [True, False, False, False]
    assert holm([0.01, 0.02, 0.02, 0.04], 0.05).tolist() == [True, False, False, False]
    assert holm([0.01, 0.015, 0.02, 0.04], 0.05).tolist() == [True, True, True, True]
    rng = np.random.default_rng(10)
    for q in rng.uniform(0, 0.1, (100, 6)):
        assert (holm(q, 0.05) >= (q <= bonferroni(0.05, 6))).all()


def test_holm_keeps_the_family_wise_rate():
    rng = np.random.default_rng(11)
    p = rng.uniform(size=(4000, 10))
    p[:, :5] *= 1e-6
    wrong = sum(holm(q, 0.1)[5:].any() for q in p)
    assert not too_many(wrong, 4000, 0.1)
    assert wrong > 0.5 * 0.1 * 4000
