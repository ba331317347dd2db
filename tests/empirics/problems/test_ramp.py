"""On the ramp the iteration bound is needed almost in full."""

import numpy as np
import pytest

from bounds import recommend, statement
from empirics import problems, simulate

ALPHA, C, EPSILONS = 0.1, 1 / 12, (0.14, 0.1, 0.07)
RULES = {
    "constant": ("sharp.maml.iterations.constant", {"theory": "sharp", "step": "constant"}),
    "sampled": ("sharp.maml.iterations", {"theory": "sharp", "step": "sampled"}),
    "self-scaled": ("sharp.maml.iterations.self-scaled", {"theory": "sharp", "step": "self-scaled"}),
    "paper": ("sharp.maml.iterations.paper-step", {"theory": "paper"}),
}


def measured_over_bound(rule, epsilon):
    """Return the iterations that exact MAML needs on a ramp, and their ratio to the bound."""
    name, how = RULES[rule]
    problem = problems.from_spec(f"ramp:epsilon={epsilon}")
    plan = recommend(problem.constants(ALPHA), epsilon, "maml", alpha=ALPHA, **how)
    plan = plan.with_(step_factor=C, theta=1.0 if rule == "self-scaled" else 1e-9)
    bound = statement(name)(**(plan.values() | {"epsilon": epsilon}))
    run = simulate(problem, plan, exact=True, replicates=1, iterations=int(bound) + 1)
    below = run.iteration[run.grad_norm <= epsilon]
    assert len(below), "the bound says that this many iterations are enough"
    return int(below.iloc[0]), int(below.iloc[0]) / bound


def test_with_the_constant_step_the_bound_is_needed():
    needed, ratios = zip(*(measured_over_bound("constant", epsilon) for epsilon in EPSILONS), strict=True)
    assert all(0.8 <= ratio <= 1 - C / 2 + 1e-3 for ratio in ratios), ratios
    slope = np.polyfit(np.log(EPSILONS), np.log(needed), 1)[0]
    assert slope == pytest.approx(-2, abs=0.05)


@pytest.mark.parametrize("rule", ["sampled", "self-scaled", "paper"])
def test_the_other_steps_hold_and_are_not_far_off(rule):
    _, ratio = measured_over_bound(rule, 0.14)
    assert 0.1 <= ratio <= 1


def test_the_drop_and_the_slope_are_as_asked():
    problem = problems.from_spec("ramp:epsilon=0.05,Delta=2,dim=3,L=3,rho=5")
    assert problem.certificates()["Delta"].value == pytest.approx(2, rel=1e-12)
    at_start = float(problem.meta_gradient(problem.start, 0.1).norm())
    assert 0.05 < at_start == pytest.approx(0.05, rel=1e-5)
