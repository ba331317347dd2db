import itertools
import math

import numpy as np
import pytest
from scipy import stats

from bounds.errors import InputError
from validate.statistics import (
    best_mean_interval,
    least_observations,
    lower_limit,
    mean_interval,
    proportion_interval,
)
from validate.statistics.intervals import _skewness

TRIALS = 2500
LAWS = {
    "normal": stats.norm(3, 1),
    "exponential": stats.expon(),
    "log-normal": stats.lognorm(0.5),
    "uniform": stats.uniform(),
}
HEAVY = {
    "exponential": stats.expon(),
    "log-normal (1)": stats.lognorm(1),
    "log-normal (1.5)": stats.lognorm(1.5),
    "Pareto": stats.pareto(2.5),
    "rare": stats.bernoulli(0.01),
}


def misses(make, truth, trials):
    """Number of trials whose interval misses; and whether that is more than the allowed rate, at 5 sigma."""
    return sum(truth not in make(trial) for trial in range(trials))


def too_many(count, trials, error):
    return stats.binom.sf(count - 1, trials, error) < 1e-5


@pytest.mark.parametrize(
    ("n", "error", "law"),
    [
        pytest.param(
            n, error, law, marks=() if sizes == (32, 0.1) or law == "log-normal" else pytest.mark.slow
        )
        for sizes in itertools.product((32, 64), (0.1, 0.01))
        for law in LAWS
        for n, error in [sizes]
    ],
)
def test_mean_interval_covers_and_is_not_vacuous(law, error, n):
    draws = LAWS[law].rvs((TRIALS, n), random_state=np.random.default_rng(1))
    count = misses(lambda i: mean_interval(draws[i], error), LAWS[law].mean(), TRIALS)
    assert not too_many(count, TRIALS, error)
    if error == 0.1:
        assert count > 0.3 * error * TRIALS
    student = 2 * stats.t.ppf(1 - error / 2, n - 1) * draws[:200].std(1, ddof=1) / math.sqrt(n)
    widths = np.array([mean_interval(x, error).width for x in draws[:200]])
    assert np.median(widths / student) < 2


@pytest.mark.parametrize("n", [4, 8, 64, 1000])
def test_the_skewness_is_scipys(n):
    rng = np.random.default_rng(n)
    for law in (*LAWS.values(), *HEAVY.values()):
        sample = law.rvs(n, random_state=rng) * rng.choice([1.0, 1e-9, -3e4])
        if np.ptp(sample):
            assert _skewness(sample) == stats.skew(sample, bias=False)
    assert math.isnan(_skewness(np.full(n, 0.1)))


def test_mean_interval_at_a_small_tail_beats_students():
    law, n, error, trials = LAWS["exponential"], 64, 0.004, 8000
    draws = law.rvs((trials, n), random_state=np.random.default_rng(2))
    assert not too_many(misses(lambda i: mean_interval(draws[i], error), 1.0, trials), trials, error)
    radius = stats.t.ppf(1 - error / 2, n - 1) * draws.std(1, ddof=1) / math.sqrt(n)
    plain = int((np.abs(draws.mean(1) - 1) > radius).sum())
    assert too_many(plain, trials, error)


@pytest.mark.parametrize("law", [stats.beta(0.2, 0.8), stats.beta(8, 8), stats.bernoulli(0.05)])
def test_betting_interval_covers_and_shrinks(law):
    error, trials = 0.1, 300
    draws = law.rvs((trials, 64), random_state=np.random.default_rng(3)) * 7.0
    count = misses(lambda i: mean_interval(draws[i], error, (0, 7)), 7 * law.mean(), trials)
    assert not too_many(count, trials, error)
    short = mean_interval(draws[0], error, (0, 7)).width
    long = mean_interval(draws[:50].ravel(), error, (0, 7)).width
    assert long < 0.35 * short


def test_betting_interval_is_near_students_on_a_benign_sample():
    draws = stats.beta(8, 8).rvs(200, random_state=np.random.default_rng(4))
    student = 2 * stats.t.ppf(0.975, 199) * draws.std(ddof=1) / math.sqrt(200)
    assert mean_interval(draws, 0.05, (0, 1)).width < 2 * student


def test_betting_interval_refuses_values_outside_the_support():
    with pytest.raises(InputError, match="support"):
        mean_interval([0.5, 1.5], 0.1, (0, 1))


@pytest.mark.parametrize("bad", [[1.0, math.nan], [math.inf, 1.0]])
def test_a_sample_that_is_not_finite_supports_nothing(bad):
    interval = mean_interval(bad, 0.1)
    assert (interval.lower, interval.upper) == (-math.inf, math.inf)
    assert best_mean_interval(np.full((8, 3), math.nan), 0.1).upper == math.inf


def test_a_sample_without_spread_leaves_the_upper_end_open():
    assert mean_interval(np.ones(64), 0.01).lower == -math.inf
    interval = mean_interval(np.ones(64), 0.01, (0, math.inf))
    assert interval.upper == math.inf
    assert 0.005 ** (1 / 64) > interval.lower > 0.9 * 0.005 ** (1 / 64)
    assert lower_limit(np.zeros(8), 0.01) == 0.0


def test_best_mean_interval_covers_the_minimum_in_spite_of_selection():
    rng, error, trials, K = np.random.default_rng(5), 0.1, 100, 20
    truth = 1 + 0.02 * np.linspace(-1, 1, K) ** 2
    curves = truth + rng.normal(0, 0.15, (trials, 64, K))
    count = misses(lambda i: best_mean_interval(curves[i], error), truth.min(), trials)
    assert not too_many(count, trials, error)
    naive = sum(curves[i].mean(0).min() < 1 - 1.3 * 0.15 / 8 for i in range(trials))
    assert too_many(naive, trials, error)
    width = np.median([best_mean_interval(c, error).width for c in curves])
    assert width < 0.35


@pytest.mark.parametrize("n", [8, 16, 64])
def test_the_lower_end_is_honest_for_every_law_and_not_vacuous(n):
    error, trials = 0.1, 200
    for name, law in HEAVY.items():
        draws = law.rvs((trials, n), random_state=np.random.default_rng(12))
        limits = np.array([lower_limit(x, error) for x in draws])
        assert not too_many(int((limits > law.mean()).sum()), trials, error), name
    even = np.random.default_rng(13).normal(1, 0.1, n)
    assert lower_limit(even, 0.01) > 0.5 ** (8 / n) * (1 - 1 / n)


@pytest.mark.parametrize("n", [64, 1000])
def test_rare_large_values_are_missed_from_below_and_the_method_says_so(n):
    rng = np.random.default_rng(14)
    draws = np.where(rng.random((300, n)) < 1 / 500, 500.0, rng.random((300, n)))
    truth = 1 + 499 / 1000
    made = [mean_interval(x, 0.02, (0, math.inf)) for x in draws]
    assert too_many(sum(i.upper < truth for i in made), 300, 0.01)
    assert not too_many(sum(i.lower > truth for i in made), 300, 0.01)
    assert {(i.method, i.sure) for i in made} == {("betting below, large sample above", "lower")}
    known = [mean_interval(x, 0.02, (0, 500)) for x in draws[:100]]
    assert not too_many(sum(truth not in i for i in known), 100, 0.02)
    assert {i.sure for i in known} == {"both"}


def test_too_few_observations_give_no_asymptotic_end():
    assert [least_observations(e) for e in (0.05, 0.02, 1e-3, 4e-5)] == [4, 8, 30, 72]
    interval = mean_interval(np.arange(8.0), 1e-3, (0, math.inf))
    assert (interval.upper, interval.method) == (
        math.inf,
        "betting below, too few observations (8, not 30) above",
    )
    assert mean_interval(np.arange(8.0), 1e-3).lower == -math.inf
    assert math.isfinite(mean_interval(np.arange(30.0), 1e-3).lower)


@pytest.mark.parametrize(("n", "error"), [(8, 0.02), (12, 0.01), (64, 0.02)])
def test_the_best_iterate_is_covered_for_few_runs(n, error):
    rng, trials = np.random.default_rng(15), 200
    curves = rng.exponential(1.0, (trials, n, 20))
    made = [best_mean_interval(c, error) for c in curves]
    assert not too_many(sum(1.0 not in i for i in made), trials, error)
    assert all(i.lower <= i.estimate <= i.upper for i in made)
    assert np.median([i.upper for i in made]) < 1 + 4 / math.sqrt(n)


def test_proportion_interval_covers():
    counts = stats.binom(60, 0.07).rvs(600, random_state=np.random.default_rng(8))
    made = {k: proportion_interval(int(k), 60, 0.1) for k in np.unique(counts)}
    count = misses(lambda i: made[counts[i]], 0.07, 600)
    assert not too_many(count, 600, 0.1)
    assert proportion_interval(30, 60, 0.1).width < 0.25
