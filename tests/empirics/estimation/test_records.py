"""The lower end of a supremum: chosen on one half, measured on the other, as rarely too high as it says."""

from __future__ import annotations

import numpy as np
import pytest

from empirics.estimation.records import ERROR, Best, Found, Record, below, greater, supremum

PLACES, REPEATS = 30, 400
MOST = ERROR + 3 * np.sqrt(ERROR / REPEATS)
LAWS = {
    "squares of normals": lambda rng, shape: rng.standard_normal(shape) ** 2,
    "of many coordinates": lambda rng, shape: rng.chisquare(30, shape) / 30,
    "exponential": lambda rng, shape: rng.exponential(size=shape),
}


def too_high(law, *, halves=True, terms=32):
    """Return how often the lower end exceeds 1, which is the truth at every place."""
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(REPEATS):
        best = Best()
        for first, second in LAWS[law](rng, (PLACES, 2, terms)):
            shown = second if halves else first
            best.add(Record(first.mean(), shown.mean(), shown))
        wrong += supremum(best, "").lower > 1
    return wrong / REPEATS


@pytest.mark.parametrize("law", LAWS)
def test_the_lower_end_is_rarely_too_high(law):
    assert too_high(law) <= MOST


def test_without_halves_it_is_most_of_the_time():
    assert too_high("of many coordinates", halves=False) > 0.5


def test_what_is_not_finite_is_counted_and_not_taken():
    best = Best()
    assert best.add(Record(1.0, 1.0))
    assert not best.add(Record(np.nan, 2.0))
    assert not best.add(Record(3.0, np.inf))
    assert (best.record.value, best.failed) == (1.0, 2)


def test_an_exact_value_is_its_own_lower_end():
    best = Best()
    best.add(Record(2.0, 2.0))
    assert supremum(best, "how") == Found(2.0, 2.0, np.inf, "how", exact=True)


def test_nothing_seen_is_zero():
    assert supremum(Best(), "").value == 0.0


def test_one_term_says_nothing_from_below():
    assert below(np.ones(1)) == -np.inf
    assert Record(1.0, 1.0, np.ones(1)).lower() == 0.0


def test_what_cannot_be_told_from_zero_is_not_zero_and_says_so():
    """The place looked largest, and other samples, mostly noise, do not confirm it."""
    best = Best()
    best.add(Record(5.0, -1.0, np.array([9.0, -11.0, 8.0, -10.0])))
    found = supremum(best, "")
    assert (found.lower, found.value, found.unsure) == (0.0, 2.0, True)
    sure = Best()
    sure.add(Record(5.0, 1.0, np.array([1.0, 1.1, 0.9, 1.0])))
    assert (supremum(sure, "").value, supremum(sure, "").unsure) == (1.0, False)
    exact = Best()
    exact.add(Record(0.0, 0.0))
    assert not supremum(exact, "").unsure


def test_what_noise_drowns_is_planned_with_what_the_samples_show():
    best = Best()
    best.add(Record(-3.0, -1.0, np.array([9.0, -11.0, 8.0, -10.0]), plain=4.0))
    found = supremum(best, "")
    assert (found.value, found.safe, found.root().safe) == (0.0, 4.0, 2.0)
    sure = Best()
    sure.add(Record(5.0, 1.0, np.array([1.0, 1.1, 0.9, 1.0])))
    assert supremum(sure, "").safe == 1.0


def test_of_two_kinds_of_records_the_one_that_says_more_is_taken():
    loud, calm = Best(), Best()
    loud.add(Record(9.0, 0.5, np.array([5.0, -4.0, 3.0, -2.0])))
    calm.add(Record(3.0, 2.9, np.array([2.9, 3.0, 2.8, 2.9])))
    found = greater(loud, calm, "how")
    assert found.value == pytest.approx(4.75)
    assert 2.7 < found.lower < 2.9
    assert not found.unsure
    assert greater(calm, Best(), "how") == supremum(calm, "how")
