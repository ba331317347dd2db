"""The point that several runs return keeps what is promised of it, and broken promises are seen."""

from dataclasses import replace

import numpy as np
import pytest

from bounds import InputError, recommend
from empirics import problems, returned
from empirics.algorithms import maml
from validate.claims import assurance
from validate.design import Setting
from validate.examine import examine
from validate.runner import Runner
from validate.verdict import Status

PROBLEM = problems.from_spec("ripple:dim=2,n_tasks=4")
TABLE = {"epsilon": 0.5, "confidence": 0.9, "repetitions": 200}


@pytest.fixture(scope="module")
def experiment():
    (made,) = assurance.KIND.experiments(Setting(PROBLEM, 0.1, algorithms=("maml",)), TABLE)
    return made


@pytest.fixture(scope="module")
def few():
    """The same with fewer repetitions, for promises that are broken in most of them."""
    table = TABLE | {"repetitions": 60}
    (made,) = assurance.KIND.experiments(Setting(PROBLEM, 0.1, algorithms=("maml",)), table)
    return made


def status(experiment):
    return {row.claim: row.status for row in examine([experiment], Runner(), ["assurance"])}


def told(experiment, **changes):
    plan = experiment.plan
    return replace(experiment, plan=plan.with_(assurance=replace(plan.assurance, **changes)))


def test_what_is_promised_is_kept(experiment):
    assert experiment.plan.assurance.runs > 1
    assert status(experiment) == dict.fromkeys(
        ("assurance", "assurance.best", "assurance.choice"), Status.CONSISTENT
    )


def test_smaller_promises_are_seen_to_be_broken(few):
    found = status(told(few, epsilon=0.004, best=0.004))
    assert found["assurance"] is found["assurance.best"] is Status.VIOLATED


def test_a_choice_of_the_worst_is_seen(few, monkeypatch):
    monkeypatch.setattr(
        "empirics.returning._lengths",
        lambda run, points: -run.problem.meta_gradient(points, 0.1).norm(dim=-1),
    )
    found = returned(PROBLEM, few.plan, repetitions=20)
    assert (found.grad_norm == found.candidates.max(1)).all()
    assert status(told(few, of_group=0.5, B=10**9))["assurance.choice"] is Status.VIOLATED


def test_the_choice_is_better_than_chance(experiment):
    found = returned(PROBLEM, experiment.plan, repetitions=60)
    assert found.grad_norm.mean() < 0.7 * found.candidates.mean()
    assert np.unique(found.candidates).size == found.candidates.size


def test_repetitions_do_not_depend_on_how_many_there_are(experiment):
    few, many = (returned(PROBLEM, experiment.plan, repetitions=n) for n in (2, 5))
    np.testing.assert_array_equal(few.w, many.w[:2])
    own = returned(PROBLEM, experiment.plan, repetitions=2, direction=maml)
    np.testing.assert_array_equal(few.w, own.w)


def test_one_run_needs_no_choice():
    plan = recommend(PROBLEM.constants(0.1), 0.5, alpha=0.1, n_tasks=4, confidence=0.3, depth=0)
    assert plan.assurance.runs == 1
    found = returned(PROBLEM, plan, repetitions=20)
    np.testing.assert_array_equal(found.grad_norm, found.candidates[:, 0])


def test_a_plan_without_one_is_refused():
    with pytest.raises(InputError, match="recommend with a confidence"):
        returned(PROBLEM, recommend(PROBLEM.constants(0.1), 0.5, alpha=0.1, n_tasks=4))
