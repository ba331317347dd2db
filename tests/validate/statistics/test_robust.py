"""Means of which only a bound on the variance is known: covered for laws whose fourth moment is huge."""

import math

import numpy as np
import pytest
from scipy import stats

from bounds.errors import InputError
from bounds.levels import probabilities
from validate.statistics import bounded_variance_interval, bounded_variance_norm, mean_interval

N, TRIALS = 200, {0.1: 500, 0.01: 1000}


def levels(rng, shape, depth=12, rate=1.0):
    """Corrections of size 2^(-j/2) over their probabilities, of either sign: variance 4 depth, rare and huge."""
    p = np.array(probabilities(depth, rate))
    j = rng.choice(depth + 1, size=shape, p=p)
    signs = rng.choice([-1.0, 1.0], size=shape)
    return np.where(j > 0, signs * 2.0 ** (-j / 2) / p[j], 0.0), depth / rate


def rare(rng, shape):
    """One value in a thousand carries all of the variance."""
    p, jitter = 1e-3, 1e-3
    seen = (rng.random(shape) < p) / math.sqrt(p * (1 - p)) - math.sqrt(p / (1 - p))
    return seen + jitter * rng.standard_normal(shape), 1.0 + jitter**2


def normal(rng, shape):
    return rng.standard_normal(shape), 1.0


@pytest.mark.parametrize("law", [levels, rare, normal])
@pytest.mark.parametrize("error", [0.1, 0.01])
def test_the_mean_is_covered_and_the_width_is_that_of_the_variance(law, error):
    trials = TRIALS[error]
    values, variance = law(np.random.default_rng([3, int(1000 * error)]), (trials, N))
    found = [bounded_variance_interval(row, variance, error) for row in values]
    misses = sum(0.0 not in one for one in found)
    assert stats.binom.sf(misses - 1, trials, error) > 1e-5
    doubt = math.log(2 / error)
    assert found[0].width == pytest.approx(2 * math.sqrt(2 * variance * doubt / (N - 2 * doubt)))
    assert found[0].sure == "both"


def test_students_interval_misses_where_this_one_does_not():
    trials = 500
    values, variance = rare(np.random.default_rng(5), (trials, N))
    student = sum(0.0 not in mean_interval(row, 0.01) for row in values)
    robust = sum(0.0 not in bounded_variance_interval(row, variance, 0.01) for row in values)
    assert robust <= 0.02 * trials
    assert student > trials / 2


def test_too_small_a_bound_is_noticed():
    """It would not cover: the bound is what it rests on."""
    values, variance = normal(np.random.default_rng(6), (TRIALS[0.1], N))
    misses = sum(0.0 not in bounded_variance_interval(row, variance / 16, 0.1) for row in values)
    assert misses > 0.2 * TRIALS[0.1]


@pytest.mark.parametrize("d", [1, 3])
def test_the_norm_of_a_mean_is_covered(d):
    truth, error = np.arange(1.0, d + 1), 0.1
    rng = np.random.default_rng(7)
    misses = 0
    for _ in range(400):
        parts = [levels(rng, N)[0] for _ in range(d)]
        made = bounded_variance_norm(truth + np.stack(parts, 1), 12.0 * d, error)
        misses += float(np.linalg.norm(truth)) not in made
    assert stats.binom.sf(misses - 1, 400, error) > 1e-5


def test_few_observations_and_bad_ones_decide_nothing():
    assert bounded_variance_interval(np.zeros(9), 1.0, 0.01).width == math.inf
    assert bounded_variance_interval(np.full(90, np.nan), 1.0, 0.01).width == math.inf
    assert bounded_variance_norm(np.full((90, 2), np.inf), 1.0, 0.01).upper == math.inf
    assert bounded_variance_interval(np.full(90, 3.0), 0.0, 0.01).width == 0


@pytest.mark.parametrize(
    "wrong", [{"sample": []}, {"error": 0.0}, {"variance": -1.0}, {"variance": math.nan}]
)
def test_what_is_no_question_is_refused(wrong):
    with pytest.raises(InputError):
        bounded_variance_interval(**{"sample": [1.0, 2.0], "variance": 1.0, "error": 0.1} | wrong)
