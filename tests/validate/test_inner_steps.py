"""Claims about several inner steps: they hold on four families, and what is wrong is caught."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from sympy import Rational

from bounds import InputError, statement
from bounds.theory.algorithms import runnable
from empirics import algorithms, inner_steps, oracle, problems
from empirics.problems import several
from validate import design
from validate.claims import direction, plateau, rates
from validate.design import Setting
from validate.examine import examine
from validate.instances.falsify import measured
from validate.judge import judge
from validate.runner import Runner
from validate.suite import from_dict
from validate.verdict import Status

SPECS = (
    "ripple:dim=2,n_tasks=4",
    "plateau:sigma_tilde=0.3",
    "shared-hessian:dim=2,n_tasks=4",
    "robust-regression:dim=2,n_tasks=4",
)
WRONG = {Status.VIOLATED, Status.FAILED}
LEMMAS = ("gradient-relation", "root-mean-square", "spread.meta-gradient", "spread.adapted", "smoothness")


def setting(spec, reach=0.1, steps=2, *algorithms):
    problem = problems.from_spec(spec)
    alpha = reach / problem.constants().L
    return Setting(problem, alpha, algorithms or runnable(), inner_steps=steps, replicates=8)


def directions(chosen, draws=2000):
    return [check for e in design.directions(chosen, draws) for check in direction.checks(e, None, None)]


@pytest.mark.parametrize("spec", [*SPECS[:2], *(pytest.param(s, marks=pytest.mark.slow) for s in SPECS[2:])])
def test_bias_and_spread_of_directions_hold(spec):
    verdicts = [judge(check, 0.001) for check in directions(setting(spec))]
    assert {v.statement for v in verdicts} == {
        f"sharp.{name}.2-steps.{what}" for name in runnable() for what in ("bias", "spread")
    }
    assert not {v.status for v in verdicts} & WRONG


@pytest.mark.parametrize("spec", [SPECS[0], *(pytest.param(s, marks=pytest.mark.slow) for s in SPECS[1:])])
def test_plans_keep_what_they_promise(spec):
    chosen = setting(spec, 0.05)
    found = examine(list(design.convergence(chosen, 1.4 * design.usual_epsilon(chosen))), Runner())
    assert not {v.status for v in found} & WRONG
    about = {v.statement for v in found if v.status is Status.CONSISTENT}
    assert any(".2-steps.guarantee" in name for name in about)
    assert any(".2-steps.iterations" in name for name in about)


def test_where_fo_maml_stops_and_that_the_others_go_on():
    chosen = setting("plateau", 0.05)
    verdicts = examine(list(design.plateau(chosen, 1500)), Runner())
    told = {(v.claim, v.algorithm): v.status for v in verdicts}
    assert told["plateau.upper", "fo-maml"] is Status.CONSISTENT
    assert told["plateau.fixed-point", "fo-maml"] is Status.CONSISTENT
    assert told["plateau.passed", "maml"] is Status.CONSISTENT
    assert told["plateau.passed", "hf-maml"] is Status.CONSISTENT


WRONG_ONES = {
    "first order": inner_steps.fo_maml(2),
    "one step": algorithms.maml,
    "three steps": inner_steps.maml(3),
}


@pytest.mark.parametrize("what", WRONG_ONES)
def test_another_direction_passed_off_as_maml_is_caught(what, monkeypatch):
    monkeypatch.setattr(algorithms, "for_plan", lambda plan: WRONG_ONES[what])
    chosen = setting("plateau:sigma_tilde=0.3,sigma_H=0.1", 0.2, 2, "maml")
    plans = [
        replace(e, plan=e.plan.with_(D_in=100, D_o=100, D_h=100)) for e in design.directions(chosen, 4000)
    ]
    oracle_of_three = replace(chosen, inner_steps=3)
    if what == "three steps":
        monkeypatch.setattr("empirics.run.splits", lambda steps: oracle.splits(oracle_of_three.inner_steps))
    verdicts = [judge(check, 0.001) for e in plans for check in direction.checks(e, None, None)]
    assert Status.VIOLATED in {v.status for v in verdicts if v.claim == "direction.bias"}


def test_the_bias_of_maml_at_a_kink_has_the_order_of_its_bound():
    """One of two tasks is at its kink: a bound with a twentieth of the constant would be exceeded, for every D."""
    problem = problems.from_spec(rates.TENT)
    alpha = 0.2 / problem.constants().L
    for D in (1e2, 1e4):
        w = torch.tensor([rates._kink(problem, alpha)], dtype=torch.float64)
        y = float(several.meta_gradient(problem, w, alpha, 2).norm())
        bound = statement("sharp.maml.2-steps.bias")(**problem.constants().values(), alpha=alpha, D_in=D, y=y)
        ratio = rates._at_the_kink(D, problem) / bound
        assert 0.05 < ratio <= 1


@pytest.mark.parametrize("name", runnable())
def test_a_spread_that_is_far_too_small_is_caught(name):
    checks = directions(setting("plateau:sigma_tilde=0.3", 0.2, 2, name))
    rows = [check for check in checks if check.statement == f"sharp.{name}.2-steps.spread"]
    wrong = [judge(replace(check, bound=check.bound / 10), 0.001) for check in rows]
    assert Status.VIOLATED in {v.status for v in wrong}


@pytest.mark.parametrize("name", LEMMAS)
def test_a_lemma_is_attained_and_a_tenth_less_is_exceeded(name):
    st = statement(f"sharp.inner-steps.2.{name}")
    assert 0.9 < measured(st).ratio <= 1 + 1e-9
    assert measured(replace(st, expression=st.expression * Rational(9, 10))).ratio > 1.05


def test_the_lemmas_are_looked_at_on_every_problem():
    table = {"lemmas": [{"problem": SPECS[0], "alpha_L": 0.2}]}
    found = examine(from_dict(table).experiments(), Runner())
    seen = {v.statement: v.status for v in found if "inner-steps" in v.statement}
    assert seen == {f"sharp.inner-steps.2.{name}": Status.CONSISTENT for name in LEMMAS}


def test_what_is_stated_for_one_step_only_has_no_entry():
    with pytest.raises(InputError, match="inner_steps"):
        from_dict({"lemmas": [{"problem": SPECS[0], "inner_steps": 2}]})
    with pytest.raises(InputError, match="<= 10"):
        from_dict({"plateau": [{"problem": SPECS[0], "inner_steps": 11}]})
    suite = from_dict({"lemmas": [{"problem": SPECS[0]}], "plateau": [{"problem": SPECS[0]}]})
    assert suite.with_inner_steps(3).tables == (("plateau", {"problem": SPECS[0], "inner_steps": 3}),)


def test_the_plateau_claim_asks_for_the_floor_of_the_plan():
    (experiment, *_) = design.plateau(setting("plateau", 0.05, 3), 10)
    assert plateau.floor(experiment).name == "sharp.maml.3-steps.floor"
