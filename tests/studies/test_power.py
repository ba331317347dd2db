"""The validator's own error rates: ``make test-power`` measures them and writes docs/power.md."""

import json
import math
from pathlib import Path

import pytest

from studies.power import keeping
from studies.power.__main__ import main
from studies.power.correct import hf
from studies.power.coverage import LAWS, Misses, misses
from studies.power.graded import DEFECTS, swept
from studies.power.measure import ON, judge, measure, right, sabotages, sizes
from studies.power.parts import LENGTH
from studies.power.table import markdown
from studies.power.users import FAMILIES
from validate.directions import cases

DOCS = Path(__file__).parents[2] / "docs" / "power.md"
KEPT = Path(__file__).parents[2] / ".power.md"
"""Its results lie beside it, so that an interrupted measurement goes on."""


@pytest.mark.slow
@pytest.mark.power
def test_everything_is_caught_and_nothing_cries_wolf():
    fine = main(KEPT)
    text = KEPT.read_text()
    assert fine, text
    DOCS.write_text(text)


def test_the_catalogue_is_large_and_has_no_name_twice():
    wrong = list(sabotages())
    assert len({job[:3] for job in wrong}) >= 190
    assert len(set(wrong)) == len(wrong)
    runs = list(right())
    assert len(set(runs)) == len(runs) >= 300
    assert set(FAMILIES) <= {job[1] for job in runs if job[0] == "check"}


def test_a_direction_that_only_raises_is_not_caught(monkeypatch):
    from studies.power import directions

    def raising(o, w, a):
        raise ValueError

    monkeypatch.setattr(directions, "SABOTAGES", {"maml": (raising,)})
    assert measure(("direction", "maml", "raising", "plateau"))["claims"] == []


@pytest.mark.parametrize("user", ON)
def test_the_probe_of_the_sabotages_is_not_what_is_wrong_with_them(user, monkeypatch):
    monkeypatch.setattr(cases, "CALLS", 300)
    assert judge(user, hf(LENGTH), "hf-maml", seed=1).ok


def test_the_table_tells_what_was_missed():
    rows = {
        ("direction", "maml", "a", "ripple"): {"what": "wrong sign", "claims": ["direction.mean"]},
        ("direction", "maml", "b", "ripple"): {"what": "worse", "claims": []},
        ("direction", "maml", "b", "plateau"): {"what": "worse", "claims": ["direction.mean"]},
        ("statement", "much too small"): {"claims": ["accuracy"]},
        ("check", "ripple", "3"): {"verdicts": 70, "inconclusive": 2, "wrong": ["accuracy: VIOLATED"]},
        ("right", "maml", "plain", "ripple", "4"): {"verdicts": 70, "inconclusive": 0, "wrong": []},
        ("size", "alpha"): {"what": "alpha too large", "tried": [(0.1, 3, 5), (0.2, 9, 10)]},
    }
    text = markdown({job: row | {"version": "abc"} for job, row in rows.items()}, missing=3)
    assert "3 of 10 measurements are missing" in text
    assert "**2 of 3**" in text
    assert "**1 of 2**" in text
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["worse", "ripple, plateau", "**missed** on ripple"] in cells
    assert ["ripple", "1", "1", "140", "2", "1"] in cells
    assert ["alpha too large", "0.2", "0.1: 3 of 5"] in cells
    assert "check / ripple / 3: accuracy: VIOLATED" in text


def test_a_size_is_seen_with_nine_of_ten_seeds_and_left_after_two_misses():
    defect = DEFECTS["alpha"]
    third = defect.sizes[2]
    asked = []

    def accused(direction, algorithm, seed):
        asked.append(seed)
        return len(asked) > 2 and seed != 5

    made = swept("alpha", accused)
    assert made["tried"] == [(defect.sizes[0], 0, 2), (defect.sizes[1], 9, 10)]
    assert third not in dict.fromkeys(size for size, *_ in made["tried"])
    assert {job[1] for job in sizes()} == set(DEFECTS)


def test_an_interrupted_measurement_goes_on_and_another_version_begins_anew(tmp_path):
    path = tmp_path / "kept.jsonl"
    path.write_text(json.dumps({"job": ["a"], "version": keeping.version()}) + "\n" + '{"job": ["b"], "ver')
    assert set(keeping.kept(path, keeping.version())) == {("a",)}
    assert keeping.kept(path, "another") == {}


RARE = "500, 1 in 500"
"""The law that leaves most to chance."""


@pytest.mark.parametrize(
    ("law", "n"),
    [
        pytest.param(law, n, marks=() if n == 64 or law == RARE else pytest.mark.slow)
        for n in (8, 64, 1000)
        for law in LAWS
    ],
)
def test_ends_by_betting_hold_for_every_law(law, n):
    made = misses(law, n, 0.02, trials=1000)
    assert made.betting <= 2
    assert math.isnan(made.known) or made.known <= 2


def test_the_study_of_the_intervals_sees_what_is_missed():
    assert misses("500, 1 in 500", 64, 0.02, trials=500).short > 20
    assert math.isnan(misses("exponential", 8, 0.005, trials=500).short)


def test_the_table_tells_how_often_intervals_miss():
    text = markdown({}, [Misses("exponential", 8, 0.02, 1.5, math.nan, 0.25, math.nan)])
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert ["exponential", "8", "0.02", "1.5", "–", "0.25", "–"] in cells
