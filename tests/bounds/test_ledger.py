"""The ledger is generated: it is up to date, and deciding anew gives the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from derived import derived
from sympy import Rational

from bounds import ledger, statement, statements

STORED = json.loads(ledger.FILE.read_text(encoding="utf-8"))
SAMPLE = ["sharp.gradient-relation", "sharp.plateau.upper", "paper.maml.accuracy", "paper.table.maml.cost"]


def test_every_statement_has_an_entry_that_is_up_to_date():
    assert set(STORED["statements"]) == set(statements())
    stale = [
        name
        for name, st in statements().items()
        if STORED["statements"][name]["fingerprint"] != ledger.fingerprint(st)
    ]
    assert stale == [], "run: python -m bounds.ledger"


def test_the_stored_steps_are_those_of_the_derivations():
    for name in statements():
        keys = [ledger.step_key(step) for step in derived(name).steps]
        assert sorted(set(keys)) == sorted(set(STORED["statements"][name]["steps"])), name


def test_no_entry_is_unknown_and_none_is_without_a_reason():
    for name, row in STORED["statements"].items():
        assert row["status"] not in (*ledger.FAILED, "unproved"), name
        assert row["status"].startswith(ledger.SETTLED) or row["reason"], name


def test_a_step_says_who_decided_it_and_a_definition_that_nobody_did():
    told = {step["name"]: step["verdict"] for step in ledger.entry("sharp.gradient-relation")["steps"]}
    assert told["collect"] == "definition"
    assert told["||alpha Hess f_i|| <= x"] == "decided by smt"


def same(fresh: dict, stored: dict) -> bool:
    numbers = {"worst_ratio"}
    rest = fresh.keys() - numbers
    first, second = fresh["worst_ratio"], stored["worst_ratio"]
    close = first is second if None in (first, second) else first == pytest.approx(second, rel=0.02, abs=1e-6)
    return close and all(fresh[key] == stored[key] for key in rest)


@pytest.mark.parametrize("name", SAMPLE)
def test_deciding_anew_gives_the_same(name):
    assert same(ledger.decide(statement(name))["entry"], STORED["statements"][name])


@pytest.mark.slow
def test_deciding_everything_anew_gives_the_same():
    fresh = ledger.build()
    assert fresh["steps"].keys() == STORED["steps"].keys()
    wrong = [n for n, row in fresh["statements"].items() if not same(row, STORED["statements"][n])]
    assert wrong == []


def test_an_altered_statement_is_not_decided_and_not_taken_from_the_file():
    st = statement("sharp.plateau.upper")
    sabotaged = replace(st, expression=st.expression * Rational(9, 10))
    assert ledger.fingerprint(sabotaged) != ledger.fingerprint(st)
    assert ledger.decide(sabotaged)["entry"]["status"] == "refuted"
