r"""The direction itself: its bias against grad F and its spread, against the lemmas.

Measured at fixed points by Monte Carlo for the algorithm as the paper has it. A direction that was handed in is
first of all that algorithm, or not: that is judged in :mod:`validate.directions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds import InputError, Plan, recommend
from bounds.theory.algorithms import of
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.maml import MAML
from bounds.theory.one_step import DIRECTION
from empirics import algorithms
from empirics.algorithms import Direction
from empirics.moments import Moments, estimate_direction_moments
from empirics.oracle import Oracle
from empirics.origins import of_step
from empirics.problems import several
from empirics.problems.mean_direction import GaussianInner, mean_direction
from validate import design
from validate.claim import Claim, Kind, Table
from validate.claims.extremes import starting
from validate.design import Setting
from validate.directions.judging import judged
from validate.experiment import Experiment, Run
from validate.instances.points import Local
from validate.judge import Check, Measure
from validate.schema import DRAWS, SIZES
from validate.statistics import Interval, around, norm_interval
from validate.tolerance import direction_round_off, gradient_scale, round_off

PLACE = 4
POINTS = 3
BATCHES = 20_000


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Judge a direction that was handed in; compare the moments of the algorithm's own with the lemmas."""
    if experiment.direction is None:
        return _lemmas(experiment)
    goal = _goal(experiment)
    return judged(experiment.plan, experiment.problem, experiment.direction, experiment.seed, goal)


def _goal(experiment: Experiment) -> Plan | None:
    """Return the plan that the direction is to be run at, when a target is known."""
    epsilon, plan = experiment.labels.get("epsilon"), experiment.plan
    if epsilon is None:
        return None
    theory = experiment.labels.get("theory", plan.theory)
    return recommend(
        plan.constants,
        epsilon,
        plan.algorithm,
        theory,
        plan.alpha,
        n_tasks=experiment.problem.n_tasks,
        depth=0,
        inner_steps=plan.inner_steps,
    )


def _lemmas(experiment: Experiment) -> list[Check]:
    plan = experiment.plan
    points = starting(experiment, POINTS)
    direction = algorithms.for_plan(plan)
    own = _moments(experiment, direction, points)
    bias, error = _bias_vector(experiment, direction, points, own)
    local = Local(experiment.problem, points, plan.alpha).after(plan.inner_steps)
    failure = "" if np.isfinite(own.mean).all() else "the direction is not a finite number"
    rows = []
    for number in range(len(points)):
        values = {key: float(value[number]) for key, value in local.values.items()}
        make = partial(_check, experiment, number, values, failure=failure)
        scale = _scale(experiment, own, values, points[number], number)
        rows += [
            _bias(make, bias[number], float(error[number]), own.n, scale),
            _spread(make, own, number),
        ]
    return rows


def _difference(first: Direction, second: Direction) -> Direction:
    def difference(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        return first(oracle, w, alpha) - second(oracle, w, alpha)

    return difference


def _bias_vector(
    experiment: Experiment, tested: Direction, points: Tensor, own: Moments
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the direction minus grad F, and its error.

    Where a mean on the same tasks and samples is known in closed form it is the control variate: MAML's where
    Hessians are taken, FO-MAML's where not; with several inner steps those without noise in them.
    Only the difference from it is then left to chance.
    """
    problem, alpha, D_in = experiment.problem, experiment.plan.alpha, experiment.plan.D_in
    steps = experiment.plan.inner_steps
    gradient = several.meta_gradient(problem, points, alpha, steps).numpy()
    if steps > 1:
        return _several(experiment, tested, points, gradient)
    control = (MAML if of(experiment.plan).takes_hessians else FO_MAML).name
    try:
        known = mean_direction(problem, points, alpha, control, float(D_in or 1)).numpy()
    except InputError:
        return own.mean - gradient, own.mean_error
    rest = _moments(experiment, _difference(tested, algorithms.by_name(control, experiment.plan)), points)
    return rest.mean + known - gradient, rest.mean_error


def _several(
    experiment: Experiment, tested: Direction, points: Tensor, gradient: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Do the same for several inner steps: two of them have a known mean on a line.

    Elsewhere the control takes its inner steps without noise, so that the mean of what it does then is exact.
    """
    plan, problem = experiment.plan, experiment.problem
    hessians = of(plan).takes_hessians
    if plan.inner_steps == 2 and isinstance(problem, GaussianInner) and problem.dim == 1:
        mean = several.mean_direction(problem, points, plan.alpha, float(plan.D_in or 1), hessians)
        control = algorithms.named((MAML if hessians else FO_MAML).name, inner_steps=2)
    else:
        exact = several.meta_gradient if hessians else several.outer_mean
        mean = exact(problem, points, plan.alpha, plan.inner_steps)
        control = _still(plan.inner_steps, hessians)
    rest = _moments(experiment, _difference(tested, control), points)
    return rest.mean + mean.numpy() - gradient, rest.mean_error


def _still(steps: int, hessians: bool) -> Direction:
    """Return MAML, or FO-MAML, with inner steps that have no noise."""

    def direction(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
        *points, last = several.path(oracle.problem, oracle.tasks, w, alpha, steps)
        v = oracle.gradient(last, "out")
        for n in reversed(range(steps if hessians else 0)):
            v = v - alpha * oracle.hessian_vector(points[n], v, of_step("hess", n))
        return v

    return direction


def _moments(experiment: Experiment, direction: Direction, points: Tensor) -> Moments:
    plan = experiment.plan
    needed = replace(plan, D_h=plan.D_h or 1)
    with torch.no_grad():
        return estimate_direction_moments(
            experiment.problem,
            direction,
            points,
            needed,
            n=int(experiment.labels.get("batches", BATCHES)),
            seed=experiment.seed,
            experiment=experiment.key,
        )


def _check(
    experiment: Experiment,
    number: int,
    values: dict[str, float],
    claim: str,
    quantity: str,
    measure: Measure,
    note: str,
    **more: Any,
) -> Check:
    plan = experiment.plan
    st = DIRECTION[quantity](of(plan))
    return experiment.check(
        claim,
        st,
        float(st(**(plan.problem_values() | values))),
        measure,
        n=int(experiment.labels.get("batches", BATCHES)),
        detail=f"point {number}, ||grad F|| = {values['y']:.3g}, {note}",
        **more,
    )


def _scale(experiment: Experiment, own: Moments, values: dict[str, float], w: Tensor, number: int) -> float:
    r"""Return the size of what is added up: :math:`\|G\| + E\|\nabla f_i\| + \sigma + \tilde\sigma + L\|w\|`."""
    constants = experiment.plan.constants
    size = float(np.linalg.norm(own.mean[number])) + values["mean_norm"]
    return gradient_scale(size + constants.sigma + constants.sigma_tilde, constants.L, float(w.norm()))


def _bias(make: Callable[..., Check], bias: np.ndarray, error: float, n: int, scale: float) -> Check:
    size = float(np.linalg.norm(bias))
    measure = partial(norm_interval, size, error + round_off(scale), n)
    note = "distance of the mean from grad F"
    return make("direction.bias", "bias", measure, margin=direction_round_off(scale), note=note)


def _spread(make: Callable[..., Check], moments: Moments, number: int) -> Check:
    value, deviation = float(moments.variance[number]), float(moments.variance_se[number])
    measure = partial(_root_interval, value, deviation, moments.n)
    return make("direction.spread", "spread", measure, note="standard deviation of one task's direction")


def _root_interval(square: float, deviation: float, n: int, error: float) -> Interval:
    """Interval of the root of a square that is known up to a standard error."""
    from scipy import special

    radius = float(special.ndtri(1 - error / 2)) * deviation
    return around(square, radius, error, n, "large sample").root()


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    yield from design.directions(
        setting,
        table.get("draws", BATCHES),
        table.get("epsilon"),
        table.get("theory", "sharp"),
        **table.get("batches", {}),
    )


KIND = Kind("direction", _experiments, {"draws": DRAWS, "batches": SIZES}, everyones=True, several=True)
CLAIM = Claim("direction", ("direction",), checks, quantities=("bias", "spread"))
