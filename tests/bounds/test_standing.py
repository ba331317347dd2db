"""How the constants are known travels with the plan, and a refuted one leaves no guarantee."""

from __future__ import annotations

import json
import math

import pytest

from bounds import Constants, InputError, recommend
from bounds.recommendation import best_for_samples, halved, pareto
from empirics.cells import Cell, plan_from_dict

CASE = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)
REFUTED = CASE.confronted({"L": 2.0, "rho": 0.5})


def test_plain_constants_are_declared_and_the_guarantee_says_so():
    plan = recommend(CASE, 0.1)
    assert set(CASE.standing.values()) == {"declared"}
    assert plan.to_dict()["constants_status"] == dict(CASE.standing)
    assert plan.condition == "if the declared L, rho, sigma, sigma_tilde, sigma_H, Delta hold"
    mixed = CASE.known_as("certified").known_as({"L": "estimated", "rho": "declared"})
    assert recommend(mixed, 0.1).condition == "if the declared rho and the estimated L hold"
    assert recommend(CASE.known_as("certified"), 0.1).condition == ""


def test_how_constants_are_known_is_no_part_of_what_they_are():
    certified = CASE.known_as("certified")
    assert (certified, hash(certified), repr(certified)) == (CASE, hash(CASE), repr(CASE))
    plans = [recommend(c, 0.1) for c in (CASE, certified)]
    assert plans[0] == plans[1]
    assert len({Cell("ripple", plan).identity for plan in plans}) == 1
    assert certified.to_dict() == CASE.to_dict()


@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
def test_a_refuted_constant_leaves_no_guarantee(algorithm):
    plan, trusted = recommend(REFUTED, 0.1, algorithm), recommend(CASE, 0.1, algorithm)
    assert trusted.feasible
    assert (plan.feasible, plan.guarantee) == (False, None)
    assert "L refuted: observed 2 > given 1" in plan.reason
    assert "rho" not in plan.reason
    assert plan.to_dict()["constants_status"]["L"] == "refuted"
    assert plan.to_dict()["constants_observed"] == {"L": 2.0}
    assert (plan.B, plan.iterations) == (trusted.B, trusted.iterations)
    assert halved(plan) == {}


def test_a_constant_that_the_algorithm_does_not_use_may_be_wrong():
    wrong = CASE.confronted({"sigma_H": 9.0})
    assert recommend(wrong, 0.1, "fo-maml").feasible
    assert not recommend(wrong, 0.1, "maml").feasible


def test_the_questions_around_a_plan_end_for_refuted_constants_too():
    assert [p.feasible for p in pareto(REFUTED, 0.1, rows=3)] == [False] * 3
    assert [p.B for p in pareto(REFUTED, 0.1, rows=3)] == [p.B for p in pareto(CASE, 0.1, rows=3)]
    bought, usual = best_for_samples(REFUTED, 50_000), best_for_samples(CASE, 50_000)
    assert (bought.feasible, bought.epsilon) == (False, usual.epsilon)


@pytest.mark.parametrize("value", [1.0, 1.0 + 1e-10, 0.0, math.nan])
def test_what_does_not_exceed_a_constant_refutes_nothing(value):
    assert CASE.confronted({"L": value}).refutation() == ""


def test_a_plan_comes_back_from_json_with_its_standing():
    for plan in (recommend(REFUTED, 0.1), recommend(CASE.known_as("estimated"), 0.1)):
        again = plan_from_dict(json.loads(json.dumps(plan.to_dict())))
        assert again == plan
        assert again.to_dict() == plan.to_dict()


def test_an_unknown_standing_is_refused():
    with pytest.raises(InputError, match="certified, declared, estimated, refuted"):
        CASE.known_as("hoped for")
