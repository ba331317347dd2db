r"""The random step size at the starting point: :math:`E\tilde\beta` from both sides and :math:`E\tilde\beta^2`.

All replicates start at one point, so their first step sizes are independent draws of :math:`c\tilde\beta(w_0)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bounds.bound import Statement
from bounds.theory import step_rules
from validate.claim import Claim
from validate.experiment import Experiment, Run
from validate.instances.points import Local
from validate.judge import Check
from validate.runner import simulated
from validate.statistics import Interval, mean_interval
from validate.tolerance import round_off

PLACE = 8
DRAWS = 1000
ROWS = ((step_rules.MEAN, 1), (step_rules.MEAN_UPPER, 1), (step_rules.SQUARE, 2))
PAPER_ROWS = (
    *((step_rules.PAPER_MEAN, 1), (step_rules.PAPER_MEAN_UPPER, 1), (step_rules.PAPER_SQUARE, 2)),
    *((step_rules.RECORDED_MEAN, 1), (step_rules.RECORDED_SQUARE, 2)),
)
"""Statements on the moments of a step size, with the power, under the derived step rule and the paper's."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the first step sizes, divided by the step factor, with the moments of the step rule."""
    plan = experiment.plan
    if plan.step_rule is None or plan.step_rule.kind != "sampled" or experiment.horizon < 1:
        return [experiment.nothing("step", step_rules.MEAN, "the plan draws no step size")]
    if plan.inner_steps > 1:
        reason = "the moments of the step size are stated for one inner step"
        return [experiment.nothing("step", step_rules.MEAN, reason)]
    many = simulated(replace(experiment, replicates=DRAWS, iterations=1))
    first = many[many["iteration"] == 0]["step_size"].to_numpy() / float(plan.step_factor or 1.0)
    local = Local(experiment.problem, experiment.problem.start.unsqueeze(0), plan.alpha)
    values = plan.values() | {"mean_norm": float(local.values["mean_norm"][0])}
    make = partial(_check, experiment, first, values)
    return [make(*row) for row in (PAPER_ROWS if plan.theory == "paper" else ROWS)]


def _check(
    experiment: Experiment, first: np.ndarray, values: dict[str, Any], st: Statement, power: int
) -> Check:
    plan = experiment.plan
    assert plan.step_rule is not None
    bound, outside = st.at(values)
    return experiment.check(
        "step",
        st,
        bound,
        _moment(first, power, 1 / plan.step_rule.smoothness),
        side=">=" if st.relation == r"\ge" else "<=",
        n=len(first),
        condition=outside,
        failure="" if np.isfinite(first).all() else "the step size is not finite at iteration 0",
        detail=f"first step, beta/c to the power {power}; B' = {plan.B_prime}, D_beta = {plan.D_beta}",
    )


def _moment(first: np.ndarray, power: int, largest: float) -> Callable[[float], Interval]:
    """Return the measure of a moment of step sizes; by their rule they lie in (0, 1/ell]."""
    top = largest * (1 + round_off(1.0))
    if not ((first >= 0).all() and (first <= top).all()):
        return partial(mean_interval, first**power)
    return partial(mean_interval, first**power, support=(0.0, top**power))


CLAIM = Claim("step", ("convergence",), checks, quantities=("moment",))
