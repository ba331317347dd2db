"""The validator's own error rates: ``make test-power`` measures them and writes docs/power.md."""

import math
from pathlib import Path

import pytest

from validate.power.__main__ import main
from validate.power.coverage import LAWS, Misses, misses
from validate.power.measure import Alarm, Caught, jobs
from validate.power.table import markdown

DOCS = Path(__file__).parents[2] / "docs" / "power.md"


@pytest.mark.slow
@pytest.mark.power
def test_everything_is_caught_and_nothing_cries_wolf(tmp_path):
    fine = main(tmp_path / "power.md")
    text = (tmp_path / "power.md").read_text()
    assert fine, text
    DOCS.write_text(text)


def test_the_catalogue_is_large_and_has_no_name_twice():
    assert len(jobs()) >= 40
    assert len(set(jobs())) == len(jobs())


def test_the_table_tells_what_was_missed():
    caught = [Caught("maml", "a", "wrong sign", ("direction.mean",)), Caught("maml", "b", "worse", ())]
    text = markdown(
        caught, [Alarm("ripple", 3, 70, 2, ("accuracy: VIOLATED",)), Alarm("ripple", 4, 70, 0, ())]
    )
    assert "**1 of 2**" in text
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["worse", "**missed**"] in cells
    assert ["`ripple`", "2", "140", "2", "1"] in cells
    assert "seed 3: accuracy: VIOLATED" in text


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n", [8, 64, 1000])
def test_ends_by_betting_hold_for_every_law(law, n):
    made = misses(law, n, 0.02, trials=1000)
    assert made.betting <= 2
    assert math.isnan(made.known) or made.known <= 2


def test_the_study_of_the_intervals_sees_what_is_missed():
    assert misses("500, 1 in 500", 64, 0.02, trials=500).short > 20
    assert math.isnan(misses("exponential", 8, 0.005, trials=500).short)


def test_the_table_tells_how_often_intervals_miss():
    text = markdown([], [], [Misses("exponential", 8, 0.02, 1.5, math.nan, 0.25, math.nan)])
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["exponential", "8", "0.02", "1.5", "–", "0.25", "–"] in cells
