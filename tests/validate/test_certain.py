"""Nothing random: a number against a number. Nothing to test: that, and why."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from own_kinds import arrays, silent, single

from bounds import StepRule
from bounds.theory.confidence import ANY_STEP
from empirics import algorithms, problems
from validate import check, design
from validate.certain import nothing_random, settled
from validate.claims import plateau
from validate.claims.curves import fall, limit
from validate.claims.exact import exactly
from validate.examine import examine
from validate.judge import judge
from validate.runner import Runner, simulated
from validate.statistics import proportion_interval
from validate.verdict import Status

RUNS = ["accuracy", "iterations"]


def at(problem, **more):
    return design.Setting(problem, 0.1 / problem.constants().L, replicates=8, **more)


def half_way(own):
    return 0.5 * float(own.problem.meta_gradient(own.problem.start, own.alpha).norm())


def bowls():
    """Three unlike quadratic tasks without noise: only tasks are drawn, and a plan takes all of them."""
    tasks = [[np.array([place])] for place in (1.0, 0.3, -0.7)]
    values = {"L": 1.0, "rho": 0.0, "sigma": 1.0, "sigma_tilde": 0.0, "sigma_H": 0.0}
    known = {name: problems.certified(value) for name, value in values.items()}
    return problems.own_problem(lambda w, a: ((w - a) ** 2).sum() / 2, tasks, [3.0], known, infimum=0.0)


EPSILON = 0.3


@pytest.fixture(scope="module")
def whole():
    """MAML on the bowls with all tasks in every step, and a runner that keeps its run."""
    (experiment,) = design.convergence(at(bowls(), algorithms=("maml",)), EPSILON)
    return experiment, Runner()


def one_point():
    """One task of one point, with upper bounds on a noise that it has not got."""
    values = {"L": 1.0, "rho": 1.0, "sigma": 0.5, "sigma_tilde": 0.5, "sigma_H": 0.5}
    known = {name: problems.certified(value) for name, value in values.items()}
    return problems.own_problem(
        lambda w, a: torch.log(torch.cosh(w - a)).sum(), [(np.ones((1, 1)),)], [3.0], known, 0.0
    )


QUIET = {"one task": single, "one point": one_point, "ramp": lambda: problems.from_spec("ramp:Delta=0.1")}


@cache
def quiet(name):
    """The experiments half way down, MAML's first, and a runner that keeps what it ran."""
    own = at(QUIET[name]())
    return list(design.convergence(own, half_way(own))), Runner()


@pytest.mark.parametrize("name", QUIET)
def test_where_nothing_is_random_the_verdict_is_exact(name):
    verdicts = examine(*quiet(name), RUNS)
    assert {v.status for v in verdicts} == {Status.CONSISTENT}
    for v in verdicts:
        assert v.interval == (v.statistic, v.statistic)
        assert "nothing is random" in v.detail


@pytest.mark.parametrize("name", QUIET)
def test_a_bound_just_below_the_number_is_violated_and_at_it_consistent(name):
    (experiment, *_), run = quiet(name)
    assert experiment.plan.algorithm == "maml"
    number = next(v for v in examine([experiment], run, ["accuracy"]) if v.claim == "accuracy.random")
    for factor, status in ((1 - 1e-9, Status.VIOLATED), (1.0, Status.CONSISTENT)):
        plan = experiment.plan.with_(guarantee=factor * number.statistic)
        verdicts = examine([replace(experiment, plan=plan)], Runner(), ["accuracy"])
        assert next(v for v in verdicts if v.claim == "accuracy.random").status is status


def test_a_run_that_never_gets_there_is_violated():
    def lazy(oracle, w, alpha):
        return 1e-6 * algorithms.maml(oracle, w, alpha)

    own = at(single(), algorithms=("maml",), directions={"maml": lazy})
    (verdict,) = examine(list(design.convergence(own, half_way(own))), Runner(), ["iterations"])
    assert verdict.status is Status.VIOLATED
    assert "did not get there" in verdict.detail


@pytest.mark.parametrize("make", [arrays, silent])
def test_noise_or_unlike_tasks_are_random(make):
    own = at(make())
    (experiment,) = design.convergence(replace(own, algorithms=("maml",)), half_way(own))
    experiment = replace(experiment, plan=experiment.plan.with_(B=2), iterations=10)
    assert not nothing_random(experiment, Runner()(experiment))


def test_all_tasks_in_every_step_leave_only_their_order_and_a_number_is_compared_with_a_number(whole):
    experiment, run = whole
    assert experiment.plan.tasks == "all"
    assert nothing_random(experiment, run(experiment))
    verdicts = examine([experiment], run, RUNS)
    assert {v.status for v in verdicts} == {Status.CONSISTENT}
    number = next(v for v in verdicts if v.claim == "accuracy.random").statistic
    tight = replace(experiment, plan=experiment.plan.with_(guarantee=(1 - 1e-9) * number))
    assert Status.VIOLATED in {v.status for v in examine([tight], Runner(), ["accuracy"])}


@pytest.mark.parametrize(
    "change", ["some tasks", "with replacement", "own direction", "a step that is drawn"]
)
def test_what_is_drawn_and_happens_to_be_the_same_is_not_certain(change, whole):
    experiment, run = whole
    plan = experiment.plan
    changed = {
        "some tasks": replace(experiment, plan=plan.with_(B=2)),
        "with replacement": replace(experiment, plan=plan.with_(n_tasks=None)),
        "own direction": replace(experiment, direction=lambda oracle, w, a: algorithms.maml(oracle, w, a)),
        "a step that is drawn": replace(experiment, plan=plan.with_(step_rule=StepRule("sampled", 1.0, 0.5))),
    }[change]
    assert nothing_random(experiment, run(experiment))
    assert not nothing_random(changed, run(experiment))


def test_all_tasks_are_not_certain_where_replicates_differ_by_more_than_the_order_of_a_sum(whole):
    experiment, run = whole
    frame = run(experiment).copy()
    late = (frame["replicate"] == 1) & (frame["iteration"] == 2)
    frame.loc[late, "grad_norm"] += 1e-11
    assert not nothing_random(experiment, frame)


def test_a_share_of_draws_of_the_claims_own_keeps_its_interval(whole):
    experiment, _ = whole
    row = experiment.check("share", ANY_STEP, 0.25, lambda error: proportion_interval(3, 8, error))
    assert settled([row], experiment) == [row]
    assert judge(row, 0.01).status is Status.INCONCLUSIVE


def test_replicates_without_spread_are_told_what_would_decide():
    (experiment,) = design.convergence(replace(at(bowls(), algorithms=("maml",)), replicates=64), EPSILON)

    def own(oracle, w, alpha):
        return algorithms.maml(oracle, w, alpha).mean(1, keepdim=True).round(decimals=9).expand(-1, 3, -1)

    found = examine([replace(experiment, direction=own)], Runner(), ["accuracy"])
    said = [v.detail for v in found if v.status is Status.INCONCLUSIVE]
    assert said
    assert all("decided where nothing is random" in detail for detail in said)


def test_a_direction_of_its_own_randomness_is_random_whatever_is_declared():
    rng = np.random.default_rng(0)

    def noisy(oracle, w, alpha):
        exact = algorithms.maml(oracle, w, alpha)
        return exact * torch.from_numpy(1 + 0.1 * rng.standard_normal((len(w), 1, 1)))

    own = at(single(), algorithms=("maml",), directions={"maml": noisy})
    (experiment,) = design.convergence(own, half_way(own))
    assert not nothing_random(experiment, Runner()(experiment))


def test_a_start_below_epsilon_tests_nothing_and_says_so():
    report = check("ripple:dim=2,n_tasks=4", 50.0, claims=RUNS, algorithms=["maml"], replicates=8)
    found = {v.claim: v for v in report.verdicts}
    for claim in ("accuracy.best", "iterations"):
        assert found[claim].status is Status.NOT_APPLICABLE
        assert "nothing is tested" in found[claim].detail
    assert "already below" in found["accuracy.random"].detail


def test_a_start_below_epsilon_hides_no_divergence():
    def explosive(oracle, w, alpha):
        return -1e300 * algorithms.maml(oracle, w, alpha)

    report = check("ripple:dim=2,n_tasks=4", 1.0, claims=["iterations"], directions={"maml": explosive},
                   algorithms=["maml"], replicates=8)  # fmt: skip
    assert {v.status for v in report.verdicts} == {Status.FAILED}


def test_a_run_on_a_slope_is_not_at_rest():
    own = at(problems.from_spec("ramp:epsilon=0.001"), algorithms=("fo-maml",))
    verdicts = examine(list(design.plateau(own, 200)), Runner(), ["plateau"])
    assert [v.status for v in verdicts] == [Status.INCONCLUSIVE]
    assert "not at rest" in verdicts[0].detail


def test_rest_is_told_by_F_and_not_by_the_gradient():
    steps = np.arange(101)
    flat = pd.DataFrame({"iteration": steps, "grad_norm": 0.1, "step_size": 0.5, "objective": 1.0})
    slope = flat.assign(objective=1.0 - 0.005 * steps)
    assert fall(flat) == 0
    assert fall(slope) == pytest.approx(1)
    path = flat["grad_norm"].to_numpy()
    assert limit(path, 1e-12, fall(flat))(0.01).width < 1e-11
    assert limit(path, 1e-12, fall(slope))(0.01).width == np.inf
    converging = 0.1 + 0.9**steps
    assert limit(converging, 1e-12, 1e-3)(0.01).width < 1e-2


def test_a_slow_part_that_is_left_of_two_is_no_rest():
    """F of a bowl with two curvatures falls downhill to the end; its changes alone look as if they were over."""
    steps = np.arange(4001)
    fast, slow = 0.4 * 0.996**steps, 6e-6 * 0.9999**steps
    path = np.hypot(fast, slow)
    F = fast**2 / (2 * 0.004) + slow**2 / (2 * 0.0001)
    frame = pd.DataFrame({"iteration": steps, "grad_norm": path, "step_size": 1.0, "objective": F})
    assert limit(path, 1e-16)(0.01).lower > 1e-7
    interval = limit(path, 1e-16, fall(frame))(0.01)
    assert interval.lower <= 0
    assert interval.upper < 1e-5


def test_fo_maml_with_a_tiny_heterogeneity_is_not_accused_while_it_goes_downhill():
    problem = problems.from_spec("ripple:dim=3,n_tasks=8,sigma=1e-6,sigma_tilde=1e-6")
    own = at(problem, algorithms=("fo-maml",))
    assert [v.status for v in examine(list(design.plateau(own)), Runner(), ["plateau"])] == [
        Status.INCONCLUSIVE
    ]


def one_of_noise():
    """One task of several points: sigma = 0, and FO-MAML stops where MAML does."""
    values = {"L": 1.0, "rho": 1.5, "sigma": 0.0, "sigma_tilde": 0.5, "sigma_H": 1.2}
    known = {name: problems.certified(value) for name, value in values.items()}
    points = np.array([[1.0], [2.0], [-1.0]])
    return problems.own_problem(
        lambda w, a: (torch.log1p((w - a) ** 2) / 2).sum(), [(points,)], [3.0], known, 0.0
    )


@pytest.mark.parametrize("make", [one_point, one_of_noise])
def test_a_stop_at_0_is_compared_with_0_up_to_round_off(make):
    """What lies beyond round-off is VIOLATED all the same."""
    constants = make().declared | {"sigma": problems.certified(0.0)}
    (experiment,) = design.plateau(at(replace(make(), declared=constants), algorithms=("fo-maml",)))
    (row,) = plateau.checks(experiment, simulated(experiment), None)
    assert (row.claim, row.bound) == ("plateau.upper", 0)
    assert judge(row, 0.01).status is Status.CONSISTENT
    found = row.measure(0.01)
    beyond = exactly(10 * row.margin, (found.upper - found.lower) / 2)
    assert judge(replace(row, measure=beyond), 0.01).status is Status.VIOLATED
