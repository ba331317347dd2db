import numpy as np
import pytest
from scipy import stats

from bounds.errors import InputError
from validate.statistics import fit_exponent, local_slopes


def too_many(count, trials, error):
    return stats.binom.sf(count - 1, trials, error) < 1e-5


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
