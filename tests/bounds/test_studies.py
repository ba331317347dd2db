"""The questions around a plan: what a constant is worth, depth against samples, what a budget buys."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import pytest

from bounds import Constants, InputError, recommend
from bounds.recommendation import (
    Cost,
    best_for_batches,
    best_for_samples,
    buying,
    halved,
    pareto,
    studies,
)
from bounds.recommendation.planning import planned

CASE = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)


@pytest.mark.parametrize("theory", ["sharp", "paper"])
def test_halving_a_constant_never_costs_and_agrees_with_a_new_plan(theory):
    plan = recommend(CASE, 0.1, "maml", theory)
    told = halved(plan)
    assert set(told) == {"L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"}
    for name in ("sigma", "Delta"):
        anew = recommend(Constants(**{**CASE.to_dict(), name: getattr(CASE, name) / 2}), 0.1, "maml", theory)
        assert told[name] == pytest.approx(anew.total_samples / plan.total_samples, rel=0.1)
        assert told[name] < 0.9


def price(plan, cost):
    sizes = {name: getattr(plan, name) for name in ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta")}
    return plan.iterations * cost.per_iteration(sizes)


@pytest.mark.parametrize(
    "options",
    [{"fixed": {"D_in": 1000}}, {"max_iterations": 800}, {"cost": Cost(hessian=100.0)}],
    ids=lambda options: next(iter(options)),
)
def test_halving_keeps_what_was_asked_for(options):
    cost = options.get("cost", Cost())
    plan = recommend(CASE, 0.1, "maml", **options)
    told = halved(plan, **options)
    own_step = options | {"step": plan.step_rule.kind, "alpha": plan.alpha}
    for name in ("L", "sigma", "sigma_tilde"):
        anew = recommend(replace(CASE, **{name: getattr(CASE, name) / 2}), 0.1, "maml", **own_step)
        assert told[name] == pytest.approx(price(anew, cost) / price(plan, cost), rel=0.05), name


@pytest.mark.parametrize("seed", [3, 5, 8, 31, 43, 49, 57])
def test_halving_a_constant_never_costs_more_wherever_the_constants_lie(seed):
    rng = random.Random(seed)
    constants = Constants(10 ** rng.uniform(-2, 2), *(10 ** rng.uniform(-2, 2) for _ in range(5)))
    algorithm = rng.choice(["maml", "fo-maml", "hf-maml"])
    plan = recommend(constants, 10 ** rng.uniform(-1, 1), algorithm, alpha=0.1 * rng.random() / constants.L)
    assert plan.feasible
    assert all(0 < ratio <= 1 for ratio in halved(plan).values())


def test_halving_what_a_given_batch_size_needs_may_leave_no_paper_plan():
    dear = replace(CASE, rho=100.0)
    plan = recommend(dear, 0.1, "maml", "paper", fixed={"D_beta": 120})
    told = halved(plan, fixed={"D_beta": 120})
    assert told["L"] == math.inf
    assert told["sigma"] < 1


def test_an_infeasible_plan_has_nothing_to_halve():
    assert halved(recommend(CASE, 0.001, "fo-maml", alpha=0.1)) == {}


def test_fewer_iterations_cost_more_samples():
    plans = pareto(CASE, 0.1, "maml", rows=3)
    assert len(plans) == 3
    depths, samples = [p.iterations for p in plans], [p.total_samples for p in plans]
    assert all(b <= a // 2 for a, b in pairwise(depths))
    assert samples == sorted(samples)
    assert all(p.guarantee <= 0.1 for p in plans)


def test_pareto_ends_where_no_batch_allows_fewer_iterations():
    plans = pareto(CASE, 0.3, "maml", rows=40)
    assert len(plans) < 40
    assert not recommend(CASE, 0.3, "maml", max_iterations=plans[-1].iterations // 2).feasible


def test_the_best_target_for_a_budget_uses_it_up():
    plan = best_for_samples(CASE, 50_000)
    assert plan.total_samples <= 50_000
    finer = recommend(CASE, plan.epsilon / 1.01, "maml")
    assert finer.total_samples > 50_000


@pytest.mark.parametrize(
    ("samples", "algorithm", "most"),
    [
        (1e20, "maml", 8),
        pytest.param(1e50, "maml", 8, marks=pytest.mark.slow),
        (1e50, "hf-maml", 8),
        (1e20, "fo-maml", 16),
        (100, "maml", 20),
    ],
)
def test_a_budget_of_any_size_is_answered_with_few_plans(samples, algorithm, most, monkeypatch):
    asked = []
    monkeypatch.setattr(studies, "planned", lambda request: asked.append(request) or planned(request))
    plan = best_for_samples(CASE, samples, algorithm)
    assert len(asked) <= most
    assert plan.total_samples <= samples
    beyond = recommend(CASE, plan.epsilon / 1.001, algorithm)
    assert not beyond.feasible or beyond.total_samples > samples


@pytest.mark.parametrize(
    "law",
    [
        lambda e: e**-4.0,
        lambda e: e**-6.0,
        lambda e: max(3.0, math.ceil(1e-3 / e**2)),
        lambda e: 2 + 1e-6 * e**-2.0 + 1e-12 * e**-5.0,
        lambda e: 1 / (e - 0.04) ** 3 if e > 0.04 else math.inf,
    ],
)
@pytest.mark.parametrize("budget", [3.0, 1e3, 1e12, 1e30])
@pytest.mark.parametrize("start", [1e-3, 0.5, 1e3])
def test_the_search_for_a_budget_ends_within_its_resolution(law, budget, start):
    asked = []

    def ask(epsilon):
        asked.append(epsilon)
        price = law(epsilon)
        known = {"feasible": price < math.inf, "smallest_epsilon": 0.04, "total_samples": price}
        return SimpleNamespace(epsilon=epsilon, **known)

    found = buying.bought(ask, budget, ask(start))
    assert law(found.epsilon) <= budget < law(found.epsilon / buying.RESOLUTION)
    assert len(asked) <= 45


def test_a_budget_too_small_or_meaningless_is_refused():
    for samples in (0, -1, float("nan"), "many", 1e51, 1e300, 10**400, True):
        with pytest.raises(InputError, match="samples"):
            best_for_samples(CASE, samples)


def test_without_noise_at_a_minimum_every_epsilon_is_reachable():
    nothing = Constants(1.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    assert best_for_batches(nothing, {"D_in": 5}) == 0.0
    with pytest.raises(InputError, match="every epsilon") as caught:
        best_for_samples(nothing, 1000)
    assert caught.value.argument == "samples"


def test_where_no_budget_helps_more_samples_are_not_advised():
    with pytest.raises(InputError, match="smaller alpha") as caught:
        best_for_samples(CASE, 1000, "fo-maml", alpha=0.5)
    assert "more samples" not in str(caught.value)
    with pytest.raises(InputError, match="allow more samples"):
        best_for_samples(CASE, 1, "maml")


def test_k_shot_the_inner_batch_limits_the_accuracy_and_falls_with_it():
    reached = [best_for_batches(CASE, {"D_in": K, "D_o": K, "D_h": K}) for K in (1, 4, 16, 64)]
    assert all(b < a for a, b in pairwise(reached))
    assert reached[2] / reached[3] == pytest.approx(4, rel=0.1)
    assert best_for_batches(CASE, {"B": 1}) == 0.0


def test_dear_hessians_buy_fewer_of_them():
    cheap = recommend(CASE, 0.05, "maml", fixed={"B": 4}, cost=Cost(hessian=0.01))
    dear = recommend(CASE, 0.05, "maml", fixed={"B": 4}, cost=Cost(hessian=100.0))
    assert dear.D_h * dear.iterations <= cheap.D_h * cheap.iterations
