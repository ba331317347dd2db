"""HF-MAML where rho = 0: the noise of the difference is counted, by the plan and in a run."""

from dataclasses import replace

import pytest

from bounds import recommend, statement
from empirics import problems, simulate

SPEC = "quadratic:dim=5,n_tasks=10,sigma=0.001,sigma_tilde=1,sigma_H=100000"
EPSILON, ALPHA = 0.1, 0.1


@pytest.fixture(scope="module")
def problem():
    return problems.from_spec(SPEC)


@pytest.fixture(scope="module")
def plan(problem):
    return recommend(problem.constants(ALPHA), EPSILON, "hf-maml", alpha=ALPHA)


def mean_norm(problem, plan, iterations=800) -> float:
    """Mean of ``||grad F(w_k)||`` over the last half of a run and the replicates."""
    frame = simulate(problem, plan, replicates=8, seed=0, iterations=iterations)
    return float(frame.loc[frame["iteration"] >= iterations // 2, "grad_norm"].mean())


def test_the_measured_gradient_is_below_the_guarantee(problem, plan):
    assert plan.constants.rho == 0
    assert plan.delta_factor is None
    assert plan.probe_length > 0
    assert mean_norm(problem, plan) <= plan.guarantee <= EPSILON


@pytest.mark.parametrize("length", [0.3, 1.0])
def test_the_floor_of_shorter_probes_is_above_what_is_measured(problem, plan, length):
    shorter = plan.with_(probe_length=length)
    floor = statement(plan.statement.replace("guarantee", "floor"))
    epsilon = 1e3 * EPSILON / length
    assert mean_norm(problem, shorter) <= floor(**{**shorter.values(), "epsilon": epsilon})


def test_a_plan_that_forgets_the_noise_of_the_hessian_breaks_its_guarantee(problem, plan):
    """What a folded branch did: h2 = 0, and a probe of any length, here a tenth of the noise of an inner step."""
    forgetful = recommend(replace(plan.constants, sigma_H=0.0), EPSILON, "hf-maml", alpha=ALPHA)
    assert mean_norm(problem, forgetful.with_(probe_length=0.01)) > forgetful.guarantee
