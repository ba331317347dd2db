"""The recommender: always on the safe side, no integer too large, sensible when the constants move."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import numpy as np
import pytest
from fewer import first

from bounds import Constants, InputError, Plan, recommend, statement
from bounds.evaluation import inside
from bounds.recommendation.model import BATCHES, Cost
from bounds.theory.algorithms import names

CASE = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)
WHOLE = 1.02
"""What whole numbers of tasks, samples and iterations may cost."""
LIMIT = {"maml": 1 / 6, "fo-maml": 1 / 10, "hf-maml": 1 / 6}


def random_case(rng: random.Random, decades: float):
    def draw(zero: float = 0.2) -> float:
        return 0.0 if rng.random() < zero else 10 ** rng.uniform(-decades, decades)

    constants = Constants(draw(0), draw(), draw(), draw(), draw(), draw())
    algorithm, theory = rng.choice(names()), rng.choice(["sharp", "paper"])
    reach = LIMIT[algorithm] if theory == "paper" else 0.7
    alpha = reach * rng.uniform(0.001, 1) / constants.L
    return constants, draw(0), algorithm, theory, alpha


def value(plan, **changes) -> float:
    """Evaluate the guarantee of the plan with some integers changed; infinity outside its domain."""
    try:
        return statement(plan.statement)(**{**plan.values(), **changes})
    except (InputError, ZeroDivisionError):
        return math.inf


def assert_safe(case) -> Plan:
    constants, epsilon, algorithm, theory, alpha = case
    plan = recommend(constants, epsilon, algorithm, theory, alpha)
    if plan.feasible:
        assert plan.guarantee <= epsilon
        assert value(plan) <= epsilon
        if theory == "paper":
            assert statement(f"paper.{algorithm}.accuracy")(**plan.values()) <= epsilon
    else:
        assert plan.reason
        if plan.smallest_epsilon is not None:
            assert plan.smallest_epsilon > epsilon
            assert recommend(constants, plan.smallest_epsilon, algorithm, theory, alpha).feasible
    return plan


@pytest.mark.parametrize("seed", first(30, range(60)))
def test_no_unsafe_plan_over_twelve_orders_of_magnitude(seed):
    assert_safe(random_case(random.Random(seed), 6.0))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(100))
def test_no_unsafe_plan_in_a_hundred_thousand_cases(block):
    rng = random.Random(f"safety {block}")
    for _ in range(1000):
        assert_safe(random_case(rng, 6.0))


@pytest.mark.parametrize("epsilon", [0.3, 0.1])
@pytest.mark.parametrize("algorithm", names())
@pytest.mark.parametrize("step", ["sampled", "self-scaled"])
def test_one_step_less_on_any_integer_breaks_the_guarantee(algorithm, step, epsilon):
    plan = recommend(CASE, epsilon, algorithm, "sharp", 0.05, step)
    assert plan.feasible
    assert value(plan, K=plan.iterations - 1) > epsilon
    for name in BATCHES:
        n = getattr(plan, name)
        if n > 1:
            assert value(plan, **{name: n - 1}) > epsilon, name


@pytest.mark.parametrize("algorithm", ["maml", "hf-maml"])
def test_the_paper_plan_meets_every_recorded_condition_and_is_minimal(algorithm):
    plan = recommend(CASE, 0.2, algorithm, "paper", 0.1)
    recorded = statement(f"paper.{algorithm}.accuracy")
    assert recorded(**plan.values()) <= plan.epsilon
    assert value(plan) <= plan.guarantee <= plan.epsilon
    assert value(plan, K=plan.iterations - 1) > plan.epsilon
    for name in ("B", "D_in", "D_o"):
        fewer = {**plan.values(), name: getattr(plan, name) - 1}
        breaks = recorded(**fewer) > plan.epsilon or value(plan, **fewer) > plan.epsilon
        assert breaks or getattr(plan, name) == 1, name


def test_round_off_in_the_search_does_not_make_a_plan_infeasible():
    """Delta = 0 lets every batch be trimmed until only the last digits of epsilon are left."""
    case = Constants(
        L=1.3946987373144272e-06, rho=5.639488680906906, sigma=0.0, sigma_tilde=136491.2676599504,
        sigma_H=1448.4296546711469, Delta=0.0,
    )  # fmt: skip
    assert assert_safe((case, 0.20604879643557963, "fo-maml", "sharp", 237978.07442357342)).feasible


def test_fo_maml_below_its_floor_is_infeasible_and_says_how_far_it_can_go():
    plan = recommend(CASE, 0.001, "fo-maml", alpha=0.1)
    assert not plan.feasible
    assert plan.iterations is None
    assert "alpha L sigma" in plan.reason
    reach = plan.smallest_epsilon
    assert recommend(CASE, reach, "fo-maml", alpha=0.1).feasible
    assert not recommend(CASE, reach * (1 - 1e-5), "fo-maml", alpha=0.1).feasible


def test_fo_maml_without_heterogeneity_does_not_blame_it():
    for case in (CASE, replace(CASE, sigma=0.0)):
        plan = recommend(case, 0.1, "fo-maml", alpha=0.5)
        assert plan.smallest_epsilon is None
        assert "alpha L sigma" not in plan.reason
        assert "grows with ||grad F|| itself" in plan.reason
        assert "take a smaller alpha" in plan.reason


def test_the_recorded_delta_rule_of_hf_maml_has_a_floor_and_the_corrected_one_has_none():
    recorded = recommend(CASE, 0.01, "hf-maml", "paper")
    corrected = recommend(CASE, 0.01, "hf-maml", "sharp")
    assert not recorded.feasible
    assert "E3" in recorded.reason
    assert corrected.feasible
    assert 1e-6 < corrected.delta_factor < 1 / 6


@pytest.mark.parametrize(
    ("algorithm", "theory", "alpha", "inequality"),
    [
        ("maml", "paper", 0.2, "alpha L <= 1/6"),
        ("fo-maml", "paper", 0.11, "alpha L <= 1/10"),
        ("hf-maml", "paper", 0.17, "alpha L <= 1/6"),
        ("maml", "sharp", 0.71, "alpha L < sqrt"),
    ],
)
def test_alpha_out_of_range_names_the_inequality(algorithm, theory, alpha, inequality):
    with pytest.raises(InputError, match=inequality) as caught:
        recommend(CASE, 0.1, algorithm, theory, alpha)
    assert caught.value.argument == "alpha"


@pytest.mark.parametrize(
    ("argument", "kwargs"),
    [
        ("epsilon", {"epsilon": -1.0}),
        ("epsilon", {"epsilon": math.nan}),
        ("algorithm", {"epsilon": 0.1, "algorithm": "reptile"}),
        ("theory", {"epsilon": 0.1, "theory": "folklore"}),
        ("step", {"epsilon": 0.1, "step": "cosine"}),
        ("M", {"epsilon": 0.1, "step": "constant"}),
        ("B", {"epsilon": 0.1, "fixed": {"B": 0}}),
        ("fixed", {"epsilon": 0.1, "fixed": {"K": 3}}),
        ("max_iterations", {"epsilon": 0.1, "max_iterations": 0}),
        ("D_h", {"epsilon": 0.1, "algorithm": "fo-maml", "fixed": {"D_h": 3}}),
        ("B_prime", {"epsilon": 0.1, "step": "self-scaled", "fixed": {"B_prime": 3}}),
        ("D_beta", {"epsilon": 0.1, "step": "self-scaled", "fixed": {"D_beta": 3}}),
    ],
)
def test_bad_arguments_are_named(argument, kwargs):
    with pytest.raises(InputError) as caught:
        recommend(CASE, **kwargs)
    assert caught.value.argument == argument


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_is_equivariant_under_a_change_of_units(seed):
    constants, epsilon, algorithm, theory, alpha = random_case(random.Random(seed), 1.0)
    plan = recommend(constants, epsilon, algorithm, theory, alpha)
    f, w = 8.0, 0.25
    units = {
        "L": f / w**2,
        "rho": f / w**3,
        "sigma": f / w,
        "sigma_tilde": f / w,
        "sigma_H": f / w**2,
        "Delta": f,
    }
    scaled = Constants(**{name: getattr(constants, name) * factor for name, factor in units.items()})
    other = recommend(scaled, epsilon * f / w, algorithm, theory, alpha * w**2 / f)
    assert plan.feasible == other.feasible
    assert plan.total_samples == other.total_samples
    assert plan.iterations == other.iterations


@pytest.mark.parametrize("seed", first(4, range(12)))
def test_easier_constants_never_cost_more(seed):
    rng = random.Random(seed)
    constants = Constants(1.0, *(10 ** rng.uniform(-1, 1) for _ in range(5)))
    plan = recommend(constants, 0.3, "maml", alpha=0.1)
    for name in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"):
        easier = recommend(
            replace(constants, **{name: getattr(constants, name) * 0.7}), 0.3, "maml", alpha=0.1
        )
        assert easier.total_samples <= WHOLE * plan.total_samples + 2, name


@pytest.mark.parametrize("seed", first(1, range(4)))
def test_the_search_is_as_good_as_brute_force_on_small_cases(seed):
    rng = random.Random(seed)
    constants = Constants(1.0, 1.0, *(rng.uniform(0.2, 0.6) for _ in range(3)), 1.0)
    plan = recommend(constants, 0.8, "maml", alpha=0.15, step="self-scaled")
    assert plan.total_samples <= 1.05 * brute_force(constants, 0.8, 0.15)


def brute_force(constants: Constants, epsilon: float, alpha: float) -> int:
    bound = statement("sharp.maml.iterations.self-scaled")
    c, theta = np.meshgrid([0.02 * 1.25**k for k in range(18)], [0.003, 0.01, 0.03, 0.1, 0.3, 1.0])
    known = {**constants.to_dict(), "epsilon": epsilon, "alpha": alpha, "theta": theta, "c": c}
    best = math.inf
    for B in range(1, 9):
        for D in [(i, o, h) for i in range(1, 4) for o in range(1, 4) for h in range(1, 3)]:
            K = inside(bound, known | {"B": B} | dict(zip(("D_in", "D_o", "D_h"), D, strict=True)))
            if not np.isnan(K).all():
                best = min(best, math.ceil(max(1.0, np.nanmin(K))) * B * sum(D))
    return best


def test_fixed_batches_are_kept_and_the_limit_on_iterations_is_obeyed():
    plan = recommend(CASE, 0.1, "maml", fixed={"B": 7, "D_in": 3})
    assert (plan.B, plan.D_in) == (7, 3)
    free = recommend(CASE, 0.1, "maml")
    limited = recommend(CASE, 0.1, "maml", max_iterations=free.iterations // 2)
    assert limited.iterations <= free.iterations // 2
    assert limited.total_samples >= free.total_samples


@pytest.mark.parametrize("name", ["B_prime", "D_beta"])
def test_a_given_batch_of_the_step_asks_for_the_sampled_step(name):
    dear = replace(CASE, sigma_tilde=30.0)
    plan = recommend(dear, 1.0, "maml", fixed={name: 10_000})
    assert plan.step_rule.kind == "sampled"
    assert getattr(plan, name) == 10_000


@pytest.mark.parametrize(
    ("algorithm", "name", "condition"),
    [
        ("maml", "B", "20 <= B"),
        ("maml", "D_h", "sigma_H"),
        ("hf-maml", "D_h", "sigma_tilde"),
        ("fo-maml", "B_prime", "sigma"),
        ("maml", "D_beta", "sigma_tilde"),
    ],
)
def test_a_given_batch_below_a_condition_of_the_paper_is_refused(algorithm, name, condition):
    case = Constants(1.0, 100.0, 0.3, 0.3, 20.0, 1.0)
    with pytest.raises(InputError) as caught:
        recommend(case, 10.0, algorithm, "paper", 0.1, fixed={name: 1})
    assert caught.value.argument == name
    assert condition in caught.value.allowed
    least = int(caught.value.remedy.split()[3].rstrip(","))
    assert recommend(case, 10.0, algorithm, "paper", 0.1, fixed={name: least})
    with pytest.raises(InputError):
        recommend(case, 10.0, algorithm, "paper", 0.1, fixed={name: least - 1})


@pytest.mark.parametrize("price", [-1.0, math.nan, math.inf, 1e300])
def test_a_price_that_is_none(price):
    with pytest.raises(InputError, match="hessian-cost"):
        Cost(hessian=price)


def test_no_noise_needs_single_samples_only():
    plan = recommend(Constants(1.0, 1.0, 0.0, 0.0, 0.0, 1.0), 0.1, "maml")
    assert (plan.B, plan.D_in, plan.D_o, plan.D_h) == (1, 1, 1, 1)


def test_a_start_at_the_minimum_needs_one_iteration():
    assert recommend(replace(CASE, Delta=0.0), 0.1, "maml").iterations == 1


def test_a_wrong_bound_would_be_noticed():
    """Sabotage: with the signal's weight halved in the guarantee, the plan no longer holds."""
    plan = recommend(CASE, 0.1, "maml", step="sampled")
    assert value(plan, K=plan.iterations // 2) > 0.1
    assert value(plan, sigma=2 * CASE.sigma) > 0.1


def test_a_plan_may_inflate_L_but_statements_about_the_problem_keep_it():
    plan = recommend(Constants(1.0, 10.0, 3.0, 1.0, 1.0, 1.0), 1.0, "maml", alpha=0.05, step="sampled")
    assert plan.smoothness > 1.5
    assert plan.values()["L"] == plan.smoothness
    assert plan.problem_values()["L"] == 1.0


DAMPED = Constants(L=0.128, rho=17.0, sigma=0.0433, sigma_tilde=0.611, sigma_H=0.0374, Delta=0.153)
"""Where the direction is noisy beside the least constant part of a self-scaled step."""


@pytest.mark.parametrize("algorithm", names())
def test_a_self_scaled_step_is_damped_where_that_pays(algorithm):
    quiet = replace(DAMPED, sigma=0.0)
    plan = recommend(quiet, 0.0937, algorithm, step="self-scaled", depth=0)
    assert plan.damping > 2
    assert plan.values()["damping"] == plan.damping
    alone, _ = statement(plan.statement).at({**plan.values(), "damping": 1.0})
    assert not alone <= 0.0937
    x = plan.alpha * plan.smoothness
    assert plan.step_rule.smoothness == pytest.approx(plan.damping * (1 + x) ** 2 * plan.smoothness)


def test_a_step_may_not_be_larger_than_smoothness_allows():
    plan = recommend(DAMPED, 0.0937, "maml", step="self-scaled")
    with pytest.raises(InputError, match="damping"):
        statement(plan.statement)(**{**plan.values(), "damping": 0.999})


def test_without_a_damping_there_is_none():
    plan = recommend(CASE, 0.1, "maml", step="self-scaled")
    given = {name: one for name, one in plan.values().items() if name != "damping"}
    st = statement(plan.statement)
    assert st(**given) == st(**{**given, "damping": 1.0})


def easier(rng: random.Random):
    """Return a random request, and those with one constant smaller or a larger target."""
    drawn = {name: 10 ** rng.uniform(-2, 1.5) for name in ("rho", "sigma", "sigma_tilde", "sigma_H", "Delta")}
    constants, epsilon = Constants(L=10 ** rng.uniform(-1, 1), **drawn), 10 ** rng.uniform(-2, 0)
    algorithm = rng.choice(names())
    share = rng.choice([0.0, 0.1, 0.5, 0.9])
    others = [(replace(constants, **{name: share * one}), epsilon) for name, one in drawn.items()]
    return algorithm, (constants, epsilon), [*others, (constants, epsilon / max(share, 0.1))]


def assert_never_dearer(seed):
    algorithm, asked, others = easier(random.Random(seed))
    price = recommend(*asked, algorithm).total_samples
    for one in others:
        found = recommend(*one, algorithm).total_samples
        assert price is None or found <= WHOLE * price + 2, (algorithm, asked, one)


@pytest.mark.parametrize("seed", range(8))
def test_an_easier_request_is_not_dearer(seed):
    assert_never_dearer(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_no_easier_request_is_dearer(block):
    for seed in range(1000 + 20 * block, 1020 + 20 * block):
        assert_never_dearer(seed)


@pytest.mark.parametrize("sigma", [0.0433, 0.02, 0.0])
def test_less_heterogeneity_is_not_dearer(sigma):
    dear = recommend(DAMPED, 0.0937, "hf-maml").total_samples
    assert recommend(replace(DAMPED, sigma=sigma), 0.0937, "hf-maml").total_samples <= 1.005 * dear


@pytest.mark.parametrize("L", [0.1, 0.01, 0.001])
def test_a_damped_step_reaches_what_few_given_samples_leave(L):
    asked = {"algorithm": "maml", "alpha": 5e-4, "step": "self-scaled", "fixed": {"B": 2}}
    plan = recommend(Constants(L, 1.0, 20.0, 40.0, 20.0, 1e4), 3.0, **asked)
    assert plan.feasible
    assert value(plan) <= 3.0
    assert plan.total_samples <= 780_000


@pytest.mark.parametrize("sigma_H", [40.0, 30.0, 10.0])
def test_hf_maml_takes_a_long_probe_where_hessians_are_noisy(sigma_H):
    constants = Constants(0.124, 0.625, 1.277, 0.4, sigma_H, 0.068)
    plan = recommend(constants, 0.00313, "hf-maml", alpha=0.008, n_tasks=20, inner_steps=3)
    assert plan.total_samples <= 1.31e8


@pytest.mark.parametrize(("sigma_H", "most"), [(10.0, 2.36e9), (5.0, 2.36e9), (2.0, 2.19e9)])
def test_less_hessian_noise_is_not_dearer_for_hf_maml(sigma_H, most):
    plan = recommend(Constants(1.0, 0.01, 1.0, 1.0, sigma_H, 1.0), 0.01, "hf-maml", alpha=0.1)
    assert plan.total_samples <= most


@pytest.mark.parametrize("L", [1e-2, 1e-4, 1e-5])
def test_a_tiny_L_is_not_dearer(L):
    plan = recommend(Constants(L, 0.03, 20.0, 40.0, 20.0, 1.0), 3.0, "maml", alpha=5e-4)
    assert plan.total_samples <= 5
