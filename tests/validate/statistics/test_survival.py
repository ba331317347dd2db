import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from validate.statistics import hitting_quantile, hitting_times, mean_hitting_time


def too_many(count, trials, error):
    return stats.binom.sf(count - 1, trials, error) < 1e-5


def censored(draws, horizon):
    return np.minimum(draws, horizon), draws <= horizon


def test_hitting_times_of_a_small_table():
    rows = {0: [3, 2, 1, 0.5], 1: [3, 3, 3, 3], 2: [0.1, 5, 5, 5], 3: [3, math.nan, math.nan, math.nan]}
    frame = pd.concat(
        pd.DataFrame({"replicate": r, "iteration": range(4), "grad_norm": y}) for r, y in rows.items()
    )
    result = hitting_times(frame, 1.0)
    assert result["time"].tolist() == [2, 3, 0, 3]
    assert result["hit"].tolist() == [True, False, True, False]


@pytest.mark.parametrize("n", [8, 64])
def test_the_mean_up_to_a_horizon_is_covered(n):
    draws = stats.geom(0.05).rvs((300, n), random_state=np.random.default_rng(1))
    truth = (1 - 0.95**100) / 0.05
    made = [mean_hitting_time(x, x > 0, 0.1, 100) for x in draws]
    assert not too_many(sum(truth not in i for i in made), 300, 0.1)
    assert {i.sure for i in made} == {"both"}
    assert np.median([i.width for i in made]) < (60 if n == 8 else 20)


def test_censoring_gives_a_lower_end_only_and_means_over_successes_would_be_wrong():
    rng, horizon = np.random.default_rng(2), 15
    draws = stats.geom(0.05).rvs((300, 64), random_state=rng)
    above = success_only = 0
    for x in draws:
        times, hit = censored(x, horizon)
        interval = mean_hitting_time(times, hit, 0.1, horizon)
        above += interval.lower > 20
        success_only += 20.0 not in mean_hitting_time(times[hit], hit[hit], 0.1, horizon)
        assert interval.upper == math.inf
    assert above == 0
    assert success_only > 297
    assert mean_hitting_time(*censored(draws[0], horizon), 0.1, horizon).lower > 8


@pytest.mark.parametrize("probability", [0.25, 0.5])
def test_quantile_covers_under_random_censoring(probability):
    rng, error, trials = np.random.default_rng(5), 0.1, 400
    law = stats.expon(scale=10)
    draws, ends = law.rvs((trials, 100), random_state=rng), rng.uniform(0, 40, (trials, 100))
    truth, missed, widths = law.ppf(probability), 0, []
    for x, end in zip(draws, ends, strict=True):
        interval = hitting_quantile(np.minimum(x, end), x <= end, probability, error)
        missed += truth not in interval
        widths.append(interval.width)
    assert not too_many(missed, trials, error)
    assert np.median(widths) < truth * 1.2


def test_quantile_that_no_run_reached_is_infinite():
    interval = hitting_quantile([10, 10, 10], [False] * 3, 0.5, 0.1)
    assert (interval.estimate, interval.lower, interval.upper) == (math.inf, 10, math.inf)
    times, hit = np.arange(1, 41), np.arange(1, 41) <= 10
    assert hitting_quantile(times, hit, 0.5, 0.1).estimate == math.inf
