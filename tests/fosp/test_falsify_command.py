from __future__ import annotations

import json

import pytest

from validate.falsifier import falsifiable

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


def test_the_list(cli):
    assert json.loads(cli("falsify", "--json").out)["claims"] == list(falsifiable())
    assert all(name in cli("falsify").out for name in falsifiable())


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("sharp.second-momen",), "must be one of"),
        (("sharp.second-moment", "--rounds", "0"), ">= 1"),
        (("sharp.second-moment", "--seed", "-1"), ">= 0"),
    ],
)
def test_a_search_that_cannot_be_made(cli, argv, says):
    outcome = cli("falsify", *argv)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert says in outcome.err
