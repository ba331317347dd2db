"""Directions that claim to be an algorithm with several inner steps: what studies/power hands in, one by one."""

import pytest

from empirics.origins import of_step
from studies.power.measure import beyond, right, sabotages
from studies.power.steps import EPSILON, OWN, PROBLEM, RIGHT, SABOTAGES, chain
from validate import check
from validate.directions import cases
from validate.directions.readings import others, same_law
from validate.verdict import Status

SLOW = ("three steps, built in", "two steps, built in")
OF_A_KIND = (
    "two steps: inner batch as outer",
    "two steps: one Hessian batch for both factors",
    "two steps: Hessian at w twice",
    "two steps: factor at w missing",
    "two steps: both differences at w",
    "two steps: FO-MAML of one",
)
"""Sabotages of which another one of the kind is quicker."""


def some_slow(names, slow):
    return [pytest.param(name, marks=[pytest.mark.slow] if name in slow else []) for name in names]


@pytest.fixture
def few_calls(monkeypatch):
    """For what is the same in every call: fewer of them are watched."""
    monkeypatch.setattr(cases, "CALLS", 60)


@pytest.mark.parametrize("what", some_slow(RIGHT, SLOW))
def test_right_directions_are_not_accused(what, few_calls):
    verdicts = RIGHT[what]()
    assert {row.status for row in verdicts if row.claim != "direction.rare"} == {Status.CONSISTENT}
    assert {"direction.draws", "direction.exact"} <= {row.claim for row in verdicts}
    assert all("-steps." in row.statement for row in verdicts)


@pytest.mark.parametrize("what", some_slow(RIGHT, set(RIGHT) - {"two steps, FO-MAML written anew"}))
def test_with_all_calls_nothing_is_left_open(what):
    assert {row.status for row in RIGHT[what]()} == {Status.CONSISTENT}


@pytest.mark.parametrize("what", some_slow(SABOTAGES, OF_A_KIND))
def test_wrong_directions_are_accused_and_named(what, few_calls):
    accused = [row for row in SABOTAGES[what]() if row.status is Status.VIOLATED]
    assert any(SABOTAGES[what].says in row.detail for row in accused)


def test_readings_of_several_steps_hold_the_exchanged_names_and_the_reuse():
    found = list(others(OWN))
    assert ("in.1", "in", "out", "hess", "hess.1") in found
    assert ("in", "in", "out", "hess.1", "hess") in found
    lawful = [same_law(OWN, reading) for reading in found]
    assert lawful == sorted(lawful, reverse=True)
    assert OWN not in found
    assert len(list(others(tuple(of_step("in", n) for n in range(10))))) < 1000


def test_a_run_of_the_direction_is_judged_too(few_calls):
    how = {"algorithms": ["maml"], "claims": ["accuracy"], "replicates": 8, "inner_steps": 2}
    report = check(PROBLEM, EPSILON, directions={"maml": chain()}, **how)
    assert {"accuracy.random", "direction.draws"} <= {row.claim for row in report.verdicts}
    assert report.ok


def test_every_row_is_a_job_of_the_study(few_calls):
    jobs = [*sabotages(), *right()]
    assert {("statement", what) for what in SABOTAGES} <= set(jobs)
    mine = [job for job in jobs if job[0] == "beyond"]
    assert {job[2] for job in mine} >= set(RIGHT)
    row = beyond(*mine[-2][1:])
    assert row["verdicts"] > 0
    assert not row["wrong"]
