"""Bias and spread of one algorithm's multilevel direction at one point."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch

from bounds.theory.algorithms import of
from bounds.theory.one_step import DIRECTION
from empirics import algorithms
from empirics.moments import sample_directions
from empirics.problems import several
from validate.claims.draws import Spot
from validate.claims.estimators import spread
from validate.claims.exact import exactly
from validate.claims.multilevel.lemmas import FEWER
from validate.instances.points import Local
from validate.judge import Check
from validate.onestep import exact_mean, mean_is_known
from validate.statistics import Interval, mean_interval
from validate.tolerance import direction_round_off, round_off


def of_direction(spot: Spot) -> list[Check]:
    """Compare the spread of the algorithm's direction, and its mean where that is known exactly."""
    experiment, plan = spot.experiment, spot.experiment.plan
    N = plan.inner_steps
    here = Local(spot.problem, spot.point[None], plan.alpha).after(N)
    values = plan.problem_values() | {key: float(value[0]) for key, value in here.values.items()}
    drawn = sample_directions(
        spot.problem,
        algorithms.for_plan(plan),
        spot.point,
        plan,
        n=max(100, spot.n // FEWER),
        seed=experiment.seed,
        experiment=f"{experiment.key}/directions/{spot.number}",
    )
    squares = spread(torch.from_numpy(drawn))
    rows = [_of_direction(spot, values, "spread", partial(_root, squares), len(squares))]
    if mean_is_known(spot.problem, plan.algorithm, N):
        rows.append(_of_direction(spot, values, "bias", exactly(*_exact_bias(spot)), 1))
    return rows


def _exact_bias(spot: Spot) -> tuple[float, float]:
    """Return the distance of the exact mean of the direction from grad F, and its round-off."""
    plan, point = spot.experiment.plan, spot.point
    samples = float((plan.D_in or 1) * 2**plan.depth)
    gradient = several.meta_gradient(spot.problem, point, plan.alpha, plan.inner_steps)
    size = float((exact_mean(spot.problem, plan, point, samples) - gradient).norm())
    return size, round_off(spot.scale)


def _of_direction(spot: Spot, values: dict[str, Any], quantity: str, measure: Any, n: int) -> Check:
    plan = spot.experiment.plan
    st = DIRECTION[quantity](of(plan), True)
    words = {"bias": "exact mean against grad F", "spread": "standard deviation of one task's direction"}
    return spot.experiment.check(
        f"multilevel.{quantity}",
        st.name,
        float(st(**values)),
        measure,
        n=n,
        margin=direction_round_off(spot.scale) if quantity == "bias" else 0.0,
        detail=f"point {spot.number}, depth {plan.depth}, rate {plan.rate:g}, {words[quantity]}",
    )


def _root(squares: np.ndarray, error: float) -> Interval:
    return mean_interval(squares, error, (0.0, np.inf)).root()
