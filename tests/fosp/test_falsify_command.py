from __future__ import annotations

import json

import pytest

from fosp.commands import falsify
from validate.instances import falsifiable

QUICK = ("--rounds", "40", "--restarts", "16")


def test_a_false_claim_is_broken(cli):
    outcome = cli("falsify", "paper.second-moment", "--json", *QUICK)
    found = json.loads(outcome.out)
    assert outcome.code == 1
    assert found["schema"] == 1
    assert found["broken"]
    assert found["ratio"] > 1
    assert found["instance"]
    assert "broken" in cli("falsify", "paper.second-moment", *QUICK).out


def test_a_true_claim_is_not(cli):
    outcome = cli("falsify", "sharp.second-moment.repaired", *QUICK)
    assert outcome.code == 0
    assert "not broken" in outcome.out


def test_several_claims_are_searched_and_one_broken_is_enough_for_the_exit_code(cli):
    outcome = cli("falsify", "sharp.second-moment.repaired", "paper.second-moment", "--json", *QUICK)
    found = {one["claim"]: one for one in json.loads(outcome.out)["findings"]}
    assert outcome.code == 1
    assert found["paper.second-moment"]["broken"]
    assert not found["sharp.second-moment.repaired"]["broken"]


def test_with_more_time_more_is_tried(cli):
    once = json.loads(cli("falsify", "sharp.second-moment", "--json", *QUICK).out)
    longer = json.loads(cli("falsify", "sharp.second-moment", "--json", "--minutes", "0.02", *QUICK).out)
    assert longer["tried"] > once["tried"]
    assert longer["ratio"] >= once["ratio"]


def test_derived_stands_for_all_that_is_derived():
    assert falsify._derived() == [name for name in falsifiable() if name.startswith("sharp.")]


@pytest.mark.slow
def test_all_that_is_derived_is_searched(cli):
    outcome = cli("falsify", "--derived", "--json", "--rounds", "1", "--restarts", "2")
    claims = [one["claim"] for one in json.loads(outcome.out)["findings"]]
    assert claims == [name for name in falsifiable() if name.startswith("sharp.")]


def test_the_list(cli):
    assert json.loads(cli("falsify", "--json").out)["claims"] == list(falsifiable())
    told = cli("falsify").out
    assert all(name in told for name in falsifiable())


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("sharp.second-momen",), "must be one of"),
        (("sharp.second-moment", "--rounds", "0"), ">= 1"),
        (("sharp.second-moment", "--seed", "-1"), ">= 0"),
        (("sharp.second-moment", "--minutes", "0"), "--minutes = 0.0"),
        (("sharp.second-moment", "--minutes", "nan"), "--minutes = nan"),
        (("sharp.second-moment", "nothing"), "CLAIM = 'nothing'"),
    ],
)
def test_a_search_that_cannot_be_made(cli, argv, says):
    outcome = cli("falsify", *argv)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert says in outcome.err
