"""The ladder from a measured value to the recorded bound, and that its worst case is attained."""

import numpy as np
import pandas as pd
import pytest

from bounds import Constants, recommend, statement
from empirics import problems, simulate
from validate.claims.curves import curves
from validate.slack import BATCHES, INFINITE, STAGES, fall_made, ladder, markdown, worst_problem, worst_slope

CASE = Constants(L=2.0, rho=1.5, sigma=0.4, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0, M=1.0)
FALL, ITERATIONS, ALPHA = 0.3, 400, 0.04


def plan_of(theory="sharp", step=None, constants=CASE):
    plan = recommend(constants, 0.5, "maml", theory, alpha=ALPHA, step=step)
    return plan.with_(constants=constants, iterations=ITERATIONS)


PLANS = {
    "paper": plan_of("paper"),
    "sampled": plan_of(step="sampled"),
    "self-scaled": plan_of(step="self-scaled"),
    "constant": plan_of(step="constant"),
}


@pytest.fixture(scope="module", params=PLANS)
def attained(request):
    plan = PLANS[request.param]
    problem = problems.from_spec(worst_problem(plan, FALL))
    return plan, problem, simulate(problem, plan, replicates=1, exact=True)


def test_the_worst_slope_is_attained_by_a_problem_of_the_class(attained):
    plan, problem, frame = attained
    assert curves(frame)[0].mean() == pytest.approx(worst_slope(plan, FALL), rel=1e-9)
    assert fall_made(frame) == pytest.approx(FALL, rel=1e-9)
    own = problem.constants(ALPHA)
    assert (own.L, own.rho) == (CASE.L, CASE.rho)
    assert own.sigma == pytest.approx(CASE.sigma)


def noise_free(plan, factor=1.0):
    free = plan.values() | dict.fromkeys((*BATCHES, "B_prime", "D_beta"), INFINITE)
    return factor * statement(plan.statement)(**(free | {"Delta": FALL, "theta": 1e-9}))


def test_the_theorem_is_above_it_by_little_and_one_ten_per_cent_sharper_would_be_broken(attained):
    plan, _, frame = attained
    measured = curves(frame)[0].mean()
    assert measured < noise_free(plan) < 1.5 * measured
    if plan.theory == "paper":
        assert not measured < noise_free(plan, 0.9)


def test_without_curvature_of_the_hessian_it_is_explicit():
    plan = plan_of("paper", constants=Constants(1.0, 0.0, 0.3, 0.3, 0.0, 1.0))
    expected = np.sqrt(4 * FALL / (plan.step_factor * ITERATIONS))
    assert worst_slope(plan, FALL) == pytest.approx(expected, rel=1e-12)
    frame = simulate(problems.from_spec(worst_problem(plan, FALL)), plan, replicates=1, exact=True)
    assert curves(frame)[0].mean() == pytest.approx(expected, rel=1e-9)


def test_no_fall_and_nan():
    plan = PLANS["paper"]
    assert worst_slope(plan, 0.0) == 0
    assert np.isnan(worst_slope(plan, -1.0))
    assert np.isnan(worst_slope(plan, np.nan))


def test_the_ladder_multiplies_up_and_every_stage_is_there():
    problem = problems.from_spec("ripple:dim=2,n_tasks=4")
    own = problem.constants(0.1)
    plan = recommend(own, 1.0, "maml", "paper", alpha=0.1).with_(B=64, D_in=64, D_o=8, D_h=8, iterations=60)
    lines = ladder(simulate(problem, plan, replicates=8), plan, own)
    assert [line["step"] for line in lines] == list(STAGES)
    values = [line["value"] for line in lines]
    assert np.prod([line["factor"] for line in lines]) == pytest.approx(values[-1] / values[0])
    assert values[1] < values[2] <= values[3] <= values[4] < values[5]
    assert lines[0]["lo"] < values[0] < lines[0]["hi"]
    text = markdown(pd.DataFrame([{"panel": "ripple"} | line for line in lines]))
    assert text.count("\n") == len(STAGES) + 3
    assert f"×{values[-1] / values[0]:.3g}" in text
