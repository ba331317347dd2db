"""Declared constants are looked at before anything is run, and what rests on a refuted one says so."""

from dataclasses import replace

import pytest
from own_kinds import arrays

from empirics import problems
from validate import check, design
from validate.examine import examine
from validate.runner import Runner
from validate.verdict import Status


def understated(name, value):
    problem = arrays()
    return replace(problem, declared={**problem.declared, name: problems.estimated(value)})


@pytest.mark.parametrize("name", ["L", "sigma", "sigma_tilde"])
def test_a_refuted_constant_leaves_no_guarantee_and_is_named(name):
    report = check(understated(name, 0.02), 0.3, claims=["accuracy", "iterations"], replicates=8)
    assert {v.status for v in report.verdicts} == {Status.NOT_APPLICABLE}
    assert all(f"{name} refuted: observed" in v.detail for v in report.verdicts)


@pytest.mark.parametrize("algorithms", [["fo-maml"], None])
def test_out_of_reach_and_refuted_at_once_is_said_and_not_a_crash(algorithms):
    """FO-MAML has no sizes below its floor, and with refuted constants there is no budget of another's to take."""
    report = check(understated("L", 0.02), 0.002, claims=["accuracy"], algorithms=algorithms, replicates=8)
    assert {v.status for v in report.verdicts} == {Status.NOT_APPLICABLE}
    assert {"fo-maml"} <= {v.algorithm for v in report.verdicts}
    assert all("L refuted: observed" in v.detail for v in report.verdicts)


def test_out_of_reach_with_no_budget_to_take_says_so():
    report = check(arrays(), 0.002, claims=["accuracy", "iterations"], algorithms=["fo-maml"], replicates=8)
    assert {v.status for v in report.verdicts} == {Status.NOT_APPLICABLE}
    assert all("out of reach" in v.detail for v in report.verdicts)


def test_a_violated_bound_says_which_constants_it_rests_on(short_climbs):
    problem = understated("L", 0.02)
    own = design.Setting(problem, 0.1, algorithms=("maml",), replicates=8)
    rows = examine(list(own.pointwise("matrices")), Runner(), ["matrix"])
    wrong = [v for v in rows if v.status is Status.VIOLATED]
    assert wrong
    assert all("L refuted: observed" in v.provided and v.provided in v.detail for v in wrong)


def test_constants_that_hold_are_on_trust_and_refute_nothing(short_climbs):
    report = check(arrays(), 0.3, claims=["lemma"], algorithms=["maml"], replicates=8)
    assert report.ok
    assert all("if the declared L" in v.detail for v in report.verdicts)
    assert not any("refuted" in v.detail for v in report.verdicts)
