"""The multilevel inner batch in the theory: its statements, and plans that are never dearer than plain ones."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest
from fewer import every, first

from bounds import Constants, InputError, recommend, statement, statements
from bounds.levels import probabilities
from bounds.plan import Plan
from bounds.recommendation import best_for_batches, halved
from studies.sabotage import everything, judge
from tests.bounds import independent
from tests.bounds.test_independent import ORDINARY

NOISY = Constants(L=1.0, rho=1.0, sigma=1.0, sigma_tilde=30.0, sigma_H=1.0, Delta=1.0)
MUTANTS = list(everything([st for name, st in statements().items() if name.startswith("sharp.multilevel.")]))
OF_ALGORITHMS = [st for st in statements().values() if st.case is not None and st.case.multilevel]
LEVELS = [st.name for st in OF_ALGORITHMS]


def drawn(plan: Plan) -> float:
    """Expected samples of one task, level by level."""
    chances = probabilities(plan.depth, plan.rate)
    deeper = [p * (2 * 2 ** (j - 1) * plan.D_in + plan.D_o) for j, p in enumerate(chances) if j]
    return plan.D_in + plan.D_o + (plan.D_h or 0) + sum(deeper)


@pytest.mark.parametrize("name", LEVELS)
def test_without_levels_a_statement_is_the_plain_one(name):
    plain = statement(name.replace(".multilevel", ""))
    values = {**ORDINARY, "c": 0.01, "B": 1e5, "n_tasks": 1e6, "epsilon": 5.0}
    assert statement(name)(**{**values, "depth": 0.0}) == plain(**values)
    assert statement(name)(**{**values, "D_in": 1.0, "depth": 9.0}) != plain(**{**values, "D_in": 1.0})


def test_the_correction_vanishes_with_the_noise_and_with_alpha():
    values = {**ORDINARY, "depth": 5.0}
    for name in ("sigma_tilde", "alpha"):
        assert statement("sharp.multilevel.correction")(**{**values, name: 1e-200}) == 0.0


def test_levels_must_have_a_probability():
    with pytest.raises(InputError, match="chance of a level"):
        statement("sharp.multilevel.variance")(**{**ORDINARY, "depth": 3.0, "rate": 1.2})
    assert statement("sharp.multilevel.variance")(**{**ORDINARY, "depth": 3.0, "rate": 8 / 7}) > 0


@pytest.mark.parametrize(
    "mutant", every(3, MUTANTS[::3]), ids=lambda m: f"{m.original.name}|{m.place}|{m.change}"
)
def test_an_altered_statement_is_caught(mutant):
    found = judge(mutant)
    assert found.caught or found.harmless


@pytest.mark.parametrize("algorithm", ["maml", "hf-maml"])
def test_where_the_noise_is_large_levels_are_cheaper(algorithm):
    plain, found = (recommend(NOISY, 0.01, algorithm, alpha=0.1, depth=depth) for depth in (0, None))
    assert found.depth >= 3
    assert found.guarantee <= 0.01
    assert found.total_samples < plain.total_samples / 2
    assert plain.depth == 0
    assert plain.rate is None
    every = [recommend(NOISY, 0.01, algorithm, alpha=0.1, depth=depth) for depth in (2, 5, 6, 7, 12)]
    assert found.total_samples <= 1.001 * min(plan.total_samples for plan in every)
    assert [plan.depth for plan in every] == [2, 5, 6, 7, 12]


def test_where_the_plain_batch_is_two_samples_levels_may_still_be_cheaper():
    given = Constants(L=0.12, rho=3.8, sigma=0.52, sigma_tilde=0.28, sigma_H=0.15, Delta=0.15)
    targets = (0.16, 0.15, 0.14)
    prices = [recommend(given, e, "fo-maml", alpha=0.586).total_samples for e in targets]
    assert prices == sorted(prices)
    assert prices[1] <= recommend(given, 0.15, "fo-maml", alpha=0.586, depth=4).total_samples
    plain = recommend(given, 0.15, "fo-maml", alpha=0.586, depth=0)
    assert plain.D_in == 2
    assert prices[1] < plain.total_samples / 2


def test_where_whole_batches_decide_the_plain_plan_is_kept():
    still = Constants(L=0.85, rho=3.9, sigma=0.0, sigma_tilde=3.15, sigma_H=0.92, Delta=0.0)
    asked = {"epsilon": 0.0169, "algorithm": "fo-maml", "alpha": 0.0135}
    assert recommend(still, **asked).total_samples <= recommend(still, **asked, depth=0).total_samples


def test_without_noise_of_samples_no_level_is_drawn():
    quiet = Constants(L=0.36, rho=3.4, sigma=2.7, sigma_tilde=0.0, sigma_H=0.37, Delta=0.32)
    assert recommend(quiet, 0.1, alpha=0.32).depth == 0


def test_the_cost_is_the_expected_one():
    plan = recommend(NOISY, 0.03, alpha=0.1)
    assert plan.depth > 0
    assert plan.samples_per_iteration == pytest.approx(plan.B * drawn(plan) + plan.B_prime * plan.D_beta)
    assert sum(probabilities(plan.depth, plan.rate)) == pytest.approx(1)
    values = plan.values()
    assert statement("sharp.multilevel.cost")(**values) == pytest.approx(drawn(plan) - plan.D_h)


def test_a_plan_with_levels_is_data():
    plan = recommend(NOISY, 0.1, alpha=0.1)
    told = json.loads(json.dumps(plan.to_dict()))
    assert (told["depth"], told["rate"]) == (plan.depth, plan.rate)
    plain = recommend(NOISY, 0.1, alpha=0.1, depth=0).to_dict()
    assert (plain["depth"], plain["rate"]) == (0, None)
    assert isinstance(plain["total_samples"], int)


def test_a_given_inner_batch_is_all_there_is():
    assert recommend(NOISY, 0.1, alpha=0.1, fixed={"D_in": 300}).depth == 0
    asked = recommend(NOISY, 0.1, alpha=0.1, fixed={"D_in": 300}, depth=1)
    assert (asked.depth, asked.D_in) == (1, 300)
    assert best_for_batches(NOISY, {"D_in": 5}, alpha=0.1) > 0.5


def test_halving_keeps_the_levels():
    told = halved(recommend(NOISY, 0.03, alpha=0.1))
    assert told["Delta"] == pytest.approx(0.5, rel=0.01)
    assert all(value <= 1 for value in told.values())


@pytest.mark.parametrize("depth", [-1, 61, True, 2.0, "3"])
def test_what_is_no_depth_is_refused(depth):
    with pytest.raises(InputError, match="depth"):
        recommend(NOISY, 0.1, alpha=0.1, depth=depth)


def test_the_paper_has_no_levels():
    assert recommend(NOISY, 0.5, theory="paper", alpha=0.1).depth == 0
    with pytest.raises(InputError, match="plain inner batch"):
        recommend(NOISY, 0.5, theory="paper", alpha=0.1, depth=2)


def compare(rng: random.Random) -> bool:
    """Check one random plan: certified, never dearer, and as the independent evaluation says; True with levels."""
    noise = 10 ** rng.uniform(0, 2.5)
    sigma, sigma_H = (
        rng.choice([zero, 10 ** rng.uniform(-1, 1)]) for zero in (10 ** rng.uniform(-1, 1), 0.0)
    )
    constants = Constants(1.0, 10 ** rng.uniform(-1, 1), sigma, noise, sigma_H, 10 ** rng.uniform(-1, 1))
    algorithm, alpha = rng.choice(independent.ALGORITHMS), rng.choice([0.03, 0.1, 0.3])
    epsilon, tasks = 10 ** rng.uniform(-3, 0), rng.choice([None, None, 3, 300])
    plain, plan = (
        recommend(constants, epsilon, algorithm, alpha=alpha, n_tasks=tasks, depth=d) for d in (0, None)
    )
    assert plan.feasible == plain.feasible
    if not plan.feasible:
        return False
    assert plan.guarantee <= epsilon
    assert plan.total_samples <= plain.total_samples
    if plan.tasks == "with replacement":
        case = statement(plan.statement).case
        known = {"M": 0.0, "probe_length": 1.0, "D_h": 1, "B_prime": 1, "D_beta": 1} | plan.values()
        v = {key: np.array([max(float(value), 1e-300)]) for key, value in known.items()}
        v |= {key: np.maximum(v[key], 1.0) for key in ("D_h", "B_prime", "D_beta")}
        expected, signal = independent.guarantee(v, algorithm, case.rule)
        room = 1e-12 / min(1.0, float(signal[0])) + 1e-9
        assert plan.guarantee == pytest.approx(float(expected[0]), rel=room)
    return plan.depth > 0


@pytest.mark.parametrize("number", first(1, [14, 40]))
def test_random_plans_are_safe_and_never_dearer(number):
    rng = random.Random("levels")
    assert sum(compare(rng) for _ in range(number)) >= number / 4


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_random_plans_are_safe_and_never_dearer(block):
    rng = random.Random(f"many levels {block}")
    assert sum(compare(rng) for _ in range(300)) >= 60
