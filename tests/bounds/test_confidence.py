"""Plans with a probability: on the safe side, cheap where they should be, refused where nothing can be planned."""

import math
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from fewer import first
from sympy import Rational

from bounds import Constants, InputError, Plan, recommend, statement
from bounds.derivation.deciding import decide
from bounds.deriving import derivation
from bounds.recommendation import planning
from bounds.recommendation.candidates import candidates
from bounds.recommendation.choosing import below
from bounds.theory import confidence, selection
from bounds.theory.algorithms import algorithm, names, of
from empirics.cells import plan_from_dict

CASE = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)


def assert_assured(plan: Plan, epsilon: float, sure: float) -> None:
    """Everything that is promised follows from the statements at the plan's own numbers, the chances exactly."""
    told = plan.assurance
    assert plan.feasible
    assert (told.epsilon, told.confidence) == (epsilon, sure)
    assert plan.guarantee <= plan.epsilon
    assert told.bound <= epsilon
    wrong = Fraction(told.chance) ** told.runs + told.runs * Fraction(told.lapse)
    assert wrong <= 1 - Fraction(sure)
    first = statement(told.statements[0])
    assert first.enclose(guarantee=plan.guarantee, chance=told.chance)[1] <= told.best
    constant = plan.step_rule.kind == "constant"
    assert constant or first == confidence.ANY_STEP
    if told.runs == 1:
        assert (told.best, told.lapse, told.groups) == (told.bound, 0.0, 0)
        return
    h = (told.groups + 1) // 2
    assert told.groups % 2 == 1
    assert math.comb(told.groups, h) * Fraction(told.of_group) ** h <= Fraction(told.lapse)
    sizes = {name: float(getattr(told, name)) for name in ("B", "D_in", "D_o", "D_h")}
    known = plan.problem_values() | sizes | {"best": told.best, "lapse": told.of_group}
    st = selection.chosen(of(plan))
    assert st.name == told.statements[1]
    assert st.enclose(**{name: known[name] for name in st.symbols})[1] <= told.bound
    each = told.groups * told.B * (plan.inner_steps * (told.D_in + told.D_h) + told.D_o)
    assert told.samples == told.runs * (plan.total_samples + each)


@pytest.mark.parametrize("sure", first(1, [0.9, 0.3, 0.99]))
@pytest.mark.parametrize("name", names())
def test_what_is_promised_follows_from_the_statements(name, sure):
    assert_assured(recommend(CASE, 0.4, name, alpha=0.05, confidence=sure), 0.4, sure)


@pytest.mark.parametrize(
    "options",
    [
        {"step": "constant"},
        {"theory": "paper", "alpha": 0.1},
        {"inner_steps": 2, "alpha": 0.05, "n_tasks": 6},
        {"depth": 2, "fixed": {"D_in": 3, "D_h": 2}},
    ],
)
def test_options_hold_for_the_runs_and_for_the_choice(options):
    constants = replace(CASE, M=1.0) if options.get("step") else CASE
    plan = recommend(constants, 0.3, confidence=0.95, **options)
    assert_assured(plan, 0.3, 0.95)
    assert plan.depth == options.get("depth", 0)
    for name, size in options.get("fixed", {}).items():
        assert getattr(plan, name) == getattr(plan.assurance, name) == size


def assert_random_cases_are_safe(rng: random.Random, count: int) -> None:
    """Constants over several decades, some of them 0."""
    for _ in range(count):
        spread = {name: 10 ** rng.uniform(-2, 1) * (rng.random() > 0.2) for name in ("sigma", "sigma_tilde")}
        rho, sigma_H = rng.choice([0.0, 1.0, 5.0]), rng.random()
        constants = Constants(L=1.0, rho=rho, sigma_H=sigma_H, Delta=1.0, **spread)
        sure, epsilon = rng.choice([0.5, 0.99, 1 - 1e-6]), 10 ** rng.uniform(-1, 1)
        plan = recommend(constants, epsilon, rng.choice(names()), alpha=0.05, confidence=sure)
        if plan.feasible:
            assert_assured(plan, epsilon, sure)


def test_random_cases_are_safe():
    assert_random_cases_are_safe(random.Random("confident"), 2)


@pytest.mark.slow
def test_many_random_cases_are_safe():
    assert_random_cases_are_safe(random.Random("confident, many"), 200)


@pytest.fixture(scope="module")
def plans():
    """Plans for one target with ever more confidence."""
    return {sure: recommend(CASE, 0.2, confidence=sure) for sure in (0.01, 0.9, 0.999)}


def test_several_runs_are_far_cheaper_than_one(plans):
    plan = plans[0.999]
    alone = recommend(CASE, 0.2 * 0.001)
    assert plan.assurance.runs > 1
    assert plan.assurance.samples < alone.total_samples / 1000


def test_more_confidence_costs_more_and_a_little_costs_almost_nothing(plans):
    costs = [plan.assurance.samples for plan in plans.values()]
    assert costs == sorted(costs)
    assert costs[0] < 1.1 * recommend(CASE, 0.2).total_samples


@pytest.fixture(scope="module")
def out_of_reach():
    """A plan that there is not, and how many candidates were asked for on the way.

    A run that has no plan is not asked for the smallest epsilon of its own, nor searched once more.
    """
    asked = []

    def never(request):
        raise AssertionError("the smallest epsilon of one run was searched")

    def counted(*given):
        asked.append(given)
        return candidates(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "infeasible", never)
        patch.setattr(planning, "candidates", counted)
        return recommend(CASE, 0.1, "fo-maml", alpha=0.1, confidence=0.99), len(asked)


def test_fo_maml_below_what_its_bias_leaves_is_infeasible_and_says_what_is_reachable(out_of_reach):
    plan, _ = out_of_reach
    assert not plan.feasible
    assert plan.assurance is None
    assert "with probability 0.99" in plan.reason
    again = recommend(CASE, plan.smallest_epsilon * 1.001, "fo-maml", alpha=0.1, confidence=0.99)
    assert_assured(again, plan.smallest_epsilon * 1.001, 0.99)


def test_out_of_reach_is_found_without_asking_each_run_why(out_of_reach):
    _, asked = out_of_reach
    assert 0 < asked <= 100


@pytest.mark.parametrize("sure", [0.0, 1.0, -1, 1.5, math.nan, math.inf, True, "0.9", 1 - 1e-14])
def test_what_is_no_probability_below_one_is_refused(sure):
    with pytest.raises(InputError, match="confidence"):
        recommend(CASE, 0.1, confidence=sure)


def test_a_refuted_constant_leaves_no_assurance():
    seen = CASE.confronted({"L": 3.0})
    plan = recommend(seen, 0.4, confidence=0.9)
    assert not plan.feasible
    assert plan.assurance is None


def test_it_is_stored_and_read_again(plans):
    plan = plans[0.9]
    assert plan_from_dict(plan.to_dict()).assurance == plan.assurance
    assert plan_from_dict(recommend(CASE, 0.4).to_dict()).assurance is None


@pytest.mark.parametrize("value", [0.25, 0.1 + 0.2, 1 / 3])
def test_below_ends_under_an_exact_limit(value):
    limit = Fraction(value) - Fraction(1, 10**17)
    found = below(value, lambda x: Fraction(x) <= limit)
    assert Fraction(found) <= limit
    assert found > value * (1 - 1e-12)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("steps", [1, 2])
def test_every_step_of_the_choice_is_decided_and_a_smaller_bound_is_not(name, steps):
    st = selection.chosen(algorithm(name, steps))
    own = {"looks no longer than the best", "a mean of B tasks is seldom far off"}
    found = {step.name: decide(step).status for step in derivation(st).steps if step.name in own}
    assert found == dict.fromkeys(own, "decided")
    less = replace(st, expression=st.expression * Rational(999, 1000))
    steps_of_less = {step.name: decide(step).status for step in derivation(less).steps if step.name in own}
    assert steps_of_less["looks no longer than the best"] != "decided"
