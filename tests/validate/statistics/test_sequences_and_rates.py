import math

import numpy as np
import pytest
from scipy import stats

from bounds.errors import InputError
from validate.statistics import bounded_sequence, fit_exponent, local_slopes, mean_interval, mean_sequence


def too_many(count, trials, error):
    return stats.binom.sf(count - 1, trials, error) < 1e-5


def ever_missed(sequence, truth):
    lower, upper = sequence
    return bool(((truth < lower) | (truth > upper)).any())


def test_bounded_sequence_holds_at_all_times_and_shrinks():
    law, error, trials = stats.beta(1, 3), 0.1, 1000
    draws = law.rvs((trials, 500), random_state=np.random.default_rng(1)) * 2
    sequences = [bounded_sequence(x, error, (0, 2)) for x in draws]
    assert not too_many(sum(ever_missed(s, 0.5) for s in sequences), trials, error)
    lower, upper = sequences[0]
    assert upper[-1] - lower[-1] < 0.3
    assert upper[-1] - lower[-1] < 0.3 * (upper[9] - lower[9])


@pytest.mark.parametrize("law", [stats.norm(1, 1), stats.expon()])
def test_mean_sequence_holds_at_all_times(law):
    error, trials = 0.1, 1000
    draws = law.rvs((trials, 600), random_state=np.random.default_rng(2))
    sequences = [mean_sequence(x, error) for x in draws]
    assert not too_many(sum(ever_missed(s, 1.0) for s in sequences), trials, error)
    upper = sequences[0][1]
    assert upper[18] == math.inf
    assert np.median([s[1][-1] - s[0][-1] for s in sequences]) < 0.4


def test_repeated_fixed_intervals_would_not_hold_at_all_times():
    draws = stats.norm(1, 1).rvs((100, 400), random_state=np.random.default_rng(3))
    missed = sum(any(1.0 not in mean_interval(x[:n], 0.1) for n in range(20, 400, 20)) for x in draws)
    assert too_many(missed, 100, 0.1)


def test_fit_exponent_covers_and_is_not_vacuous():
    rng, x, error, trials = np.random.default_rng(4), np.geomspace(1, 100, 6), 0.1, 2000
    sd = 0.05 * x**-1.5
    missed, widths = 0, []
    for _ in range(trials):
        interval = fit_exponent(x, x**-1.5 + sd * rng.normal(size=6), error, sd).interval
        missed += -1.5 not in interval
        widths.append(interval.width)
    assert not too_many(missed, trials, error)
    assert missed > 0.2 * error * trials
    assert np.median(widths) < 0.15


def test_lack_of_fit_widens_the_interval():
    x = np.geomspace(1, 100, 6)
    straight, bent = x**-1.0, x**-1.0 * (1 + 0.5 * np.log(x) ** 2)
    tight = fit_exponent(x, straight, 0.05, 0.01 * straight).interval.width
    assert fit_exponent(x, bent, 0.05, 0.01 * bent).interval.width > 10 * tight


def test_exact_points_give_the_range_of_local_slopes_and_the_window():
    x = np.geomspace(1, 1000, 7)
    result = fit_exponent(x, x**-2.0 + 1e-3 * x**-1.0, 0.05)
    assert result.interval.lower == pytest.approx(local_slopes(x, x**-2.0 + 1e-3 / x).min())
    assert -2.0 not in result.interval
    assert result.window == (1.0, 1000.0)


def test_points_near_the_floor_are_left_out():
    x = np.geomspace(1, 1e4, 9)
    y = x**-2.0 + 1e-6
    with_floor = fit_exponent(x, y, 0.05, floor=1e-6)
    assert with_floor.interval.estimate == pytest.approx(-2, abs=0.02)
    assert with_floor.left_out == (x[6], x[7], x[8])
    assert fit_exponent(x, y, 0.05).interval.estimate > -1.9
    with pytest.raises(InputError, match="3 points"):
        fit_exponent(x, y, 0.05, floor=1e-2)
