"""A start at which the gradient of F is 0: what has nothing to test says so, and the rest is judged."""

import numpy as np
import pytest

from bounds.theory.algorithms import runnable
from empirics import problems
from validate import check, design
from validate.claims.curves import nothing_left, start_within
from validate.examine import examine
from validate.runner import Runner
from validate.verdict import Status

ZERO = dict.fromkeys(("rho", "sigma", "sigma_tilde", "sigma_H", "Delta"), 0.0)
REASON = "the gradient of F is 0 at the start"


def bowl(start=0.0, points=(0.0,), **values):
    """One task of squared distances to points, started at their mean unless told otherwise."""
    known = {name: problems.certified(value) for name, value in ({"L": 1.0} | ZERO | values).items()}
    data = [(np.array(points),)]
    return problems.own_problem(lambda w, a: ((w - a) ** 2).sum() / 2, data, [start], known).named(
        "here:bowl"
    )


def at(problem, **more):
    return design.Setting(problem, 0.1, replicates=8, **more)


@pytest.mark.slow
def test_everything_is_asked_and_what_has_nothing_to_test_says_why():
    report = check(bowl(), 0.3, replicates=8)
    statuses = {verdict.status for verdict in report.verdicts}
    assert statuses == {Status.CONSISTENT, Status.NOT_APPLICABLE}
    said = {(v.claim, v.algorithm): v.detail for v in report.verdicts if v.status is Status.NOT_APPLICABLE}
    for claim in ("accuracy.best", "iterations"):
        assert all(REASON in said[claim, name] for name in runnable())
    assert REASON in said["plateau.upper", "fo-maml"]
    assert ("plateau.passed", "maml") in said


def test_a_direction_that_leaves_the_rest_is_judged():
    def away(oracle, w, alpha):
        return oracle.gradient(w, "in") + 0.5

    own = at(bowl(), algorithms=("fo-maml",), directions={"fo-maml": away})
    (verdict,) = examine(list(design.plateau(own, 200)), Runner(), ["plateau"])
    assert verdict.status is Status.VIOLATED


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_noise_at_a_minimum_has_a_plan_of_its_own_size(size):
    noisy = bowl(0.0, (-size, size), sigma_tilde=size)
    plan = design.long_plan(at(noisy), "maml")
    assert plan.feasible
    assert plan.epsilon == 0.4 * size


@pytest.mark.parametrize("start", [0.0, 0.1 + 0.2])
def test_the_usual_target_is_above_round_off(start):
    own = at(bowl(start, (0.3,)) if start else bowl(), algorithms=("maml",))
    assert design.usual_epsilon(own) == 1.0


def test_the_usual_target_is_half_the_gradient_elsewhere():
    own = at(bowl(1.0, Delta=1.0))
    assert design.usual_epsilon(own) == pytest.approx(0.5 * 0.9**2)


@pytest.mark.parametrize(("bound", "where"), [(0.8, ""), (0.81, "already at"), (0.9, "already below")])
def test_where_the_start_is_is_said_as_it_is(bound, where):
    frame = Runner()(next(design.plateau(at(bowl(1.0, Delta=1.0), algorithms=("maml",)), 1)))
    frame = frame.assign(grad_norm=0.81)
    assert start_within(frame, bound) == where
    assert (f"is {where} {bound}" in nothing_left(frame, bound)) == bool(where)


def test_no_number_is_not_within_a_bound():
    frame = Runner()(next(design.plateau(at(bowl(), algorithms=("maml",)), 1))).assign(grad_norm=np.nan)
    assert nothing_left(frame, 1.0) == start_within(frame, 1.0) == ""
