"""From an estimate to a plan: conditional in plain words, priced as measured, with the floor of first-order."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from bounds import Constants, statement
from bounds.errors import InputError
from bounds.recommendation import Cost
from bounds.theory.algorithms import algorithms
from empirics import advise, advise_on, estimate, problems
from empirics.estimation.estimated import HOW, Estimate
from empirics.estimation.model import own_model
from empirics.estimation.records import Found
from empirics.estimation.starting import Start
from empirics.estimation.timing import Prices, measured


@pytest.fixture(scope="module")
def model():
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    tasks = [(torch.tensor([i]),) for i in range(9)]
    return own_model(problem.start, lambda w, i: problem.loss(i, w), tasks, infimum=-3.0)


@pytest.fixture(scope="module")
def found(model):
    return estimate(model, radius=2.0, rounds=2)


def test_whether_the_caller_records_gradients_makes_no_difference(model, found):
    with torch.no_grad():
        again = estimate(model, radius=2.0, rounds=2)
    assert again.constants() == found.constants()
    with torch.inference_mode(), pytest.raises(InputError, match="inference_mode"):
        estimate(model, radius=2.0, rounds=2)


@pytest.fixture(scope="module")
def advice(found):
    return advise(found, Prices(None, 2.0), epsilon=0.2)


def test_every_plan_says_what_it_rests_on(advice):
    assert {plan.algorithm for plan in advice.plans} == set(algorithms())
    for plan in advice.plans:
        assert set(plan.constants.standing.values()) == {"estimated"}
        assert not plan.feasible or "if the estimated L" in plan.condition


def test_plans_are_for_plain_loops(found):
    for epsilon in (0.01, 0.2):
        advice = advise(found, Prices(None, 2.0), epsilon=epsilon)
        assert {plan.depth for plan in advice.plans} == {0}


def test_one_inner_step_for_all_of_them(advice):
    assert {plan.alpha for plan in advice.plans} == {advice.alpha}
    assert advice.alpha * advice.constants.L == pytest.approx(0.1)


def test_the_floor_is_the_statements(advice):
    x = advice.alpha * advice.constants.L
    assert advice.floor == pytest.approx(x * (1 + x) * advice.constants.sigma)


def test_below_the_floor_first_order_has_no_plan(found):
    low = advise(found, Prices(None, 2.0), epsilon=0.005)
    assert low.floor > 0.005
    assert low.of("none").feasible is False
    assert low.of("none").smallest_epsilon > 0.005
    assert low.to_dict()["first_order_enough"] is False
    assert advise(found, Prices(None, 2.0), epsilon=0.5).to_dict()["first_order_enough"] is True


def test_hessian_free_pays_when_products_are_dear(found):
    """With samples of the Hessian that are needed in number: 2 gradients against what is measured."""
    assert advise(found, Prices(None, 50.0), epsilon=0.05).to_dict()["hessian_free_pays"]
    assert not advise(found, Prices(None, 0.1), epsilon=0.05).to_dict()["hessian_free_pays"]


def test_the_usual_target_is_a_tenth_of_what_is(found):
    advice = advise(found, Prices(None, 2.0))
    assert 0.1 * found.start.gradient <= advice.epsilon <= 0.11 * found.start.gradient * 1.001
    assert not advice.given


def test_the_price_is_that_of_the_plan(found):
    advice = advise(found, Prices(1e-6, 3.0), epsilon=0.3)
    plan = advice.of("product")
    iteration = plan.B * (plan.D_in + plan.D_o + 3.0 * plan.D_h) + plan.B_prime * plan.D_beta
    assert advice.price(plan) == pytest.approx(plan.iterations * iteration)
    assert advice.seconds(plan) == pytest.approx(advice.price(plan) * 1e-6)
    assert advice.cheapest == min((p for p in advice.plans if p.feasible), key=advice.price)


def test_what_is_worth_reducing_saves_most(advice):
    saving = {name: share for name, share in advice.worth.items() if name != "Delta"}
    assert advice.most_worth == min(saving, key=saving.get)


def test_a_difference_costs_two_gradients():
    prices = Prices(None, 1.5)
    for one in algorithms().values():
        expected = Cost(hessian=2.0) if one.curvature == "difference" else Cost(hessian=1.5)
        assert prices.cost(one) == expected


def test_times_are_taken_of_the_model():
    tasks = [(np.ones((5, 3)), np.ones(5))]
    model = own_model(np.zeros(3), lambda w, x, y: (x @ w - y) ** 2, tasks)
    prices = measured(model, model.tasks.listed[0])
    assert prices.gradient > 0
    assert 0 < prices.hessian < np.inf


def test_an_inner_step_beyond_the_theory_is_not_planned_with():
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    tasks = [(torch.tensor([i]),) for i in range(9)]
    model = own_model(problem.start, lambda w, i: problem.loss(i, w), tasks, infimum=-3.0, alpha=5.0)
    beyond = estimate(model, radius=2.0, rounds=1)
    assert any("the theory speaks of alpha L < 1/2" in note for note in beyond.notes)
    advice = advise(beyond, Prices(None, 2.0), epsilon=0.3)
    assert advice.alpha * advice.constants.L == pytest.approx(0.1)
    truth = problem.loss(torch.arange(9), problem.start.expand(9, -1)).mean() + 3.0
    assert advice.constants.Delta >= truth - 1e-9


def test_a_target_that_is_none(found):
    with pytest.raises(InputError, match="epsilon"):
        advise(found, Prices(None, 2.0), epsilon=-1.0)


def test_several_inner_steps_have_a_floor_and_a_start_of_their_own(found):
    one, two = (advise(found, Prices(None, 2.0), epsilon=0.3, inner_steps=n) for n in (1, 2))
    assert {plan.inner_steps for plan in two.plans} == {2}
    floor = statement("sharp.inner-steps.2.plateau")
    values = two.constants.values() | {"alpha": two.alpha}
    assert two.floor == floor(**{name: values[name] for name in floor.symbols}) > one.floor
    assert two.constants.Delta >= one.constants.Delta


def test_levels_are_told_where_they_are_cheaper():
    """Losses that bend far, and a small target: a plain inner batch must be large there."""
    truth = Constants(L=1.0, rho=30.0, sigma=0.1, sigma_tilde=1.0, sigma_H=0.1, Delta=1.0)
    start = Start(1.0, np.ones(3), 1.0, True)
    rows = {name: Found(getattr(truth, name) or 0.0, 0.0, np.inf, "") for name in HOW}
    rows["Delta"] = Found(1.0, 1.0, 1.0, "")
    made = Estimate("m", "r", 3, None, rows, 0.1, 1.0, start, {}, True, ())
    advice = advise(made, Prices(None, 2.0), epsilon=0.001)
    assert advice.levels.depth > 0
    assert advice.price(advice.levels) < advice.price(advice.cheapest)
    deep = advise(made, Prices(None, 2.0), epsilon=0.001, depth=None)
    assert deep.cheapest.depth > 0
    assert deep.price(deep.cheapest) == pytest.approx(advice.price(advice.levels))
    assert deep.levels is None


def test_from_a_model_in_one_call():
    problem = problems.from_spec("ripple:dim=3,n_tasks=9")
    tasks = [(torch.tensor([i]),) for i in range(9)]
    model = own_model(problem.start, lambda w, i: problem.loss(i, w), tasks, infimum=-3.0)
    advice = advise_on(model, epsilon=0.3, hessian_cost=2.0, radius=2.0, rounds=1, names=("maml",))
    assert [plan.algorithm for plan in advice.plans] == ["maml"]
    assert advice.plans[0].n_tasks == 9
    assert advice.found.region.startswith("the ball of radius 2")
    assert advice.prices == Prices(None, 2.0)
    assert advise_on(model, radius=2.0, rounds=1, names=("maml",)).prices.gradient > 0
