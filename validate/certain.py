"""Where nothing is random, a number is compared with a number: exactly, up to round-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bounds import statement
from bounds.stating import GRADIENT
from validate.judge import Check, Measure
from validate.statistics import Interval
from validate.tolerance import gradient_scale, round_off

if TYPE_CHECKING:
    import pandas as pd

    from validate.experiment import Experiment

NOTE = "nothing is random here: a number against a number"


def nothing_random(experiment: Experiment, frame: pd.DataFrame) -> bool:
    """Whether nothing that a run draws can change its numbers, and the replicates are indeed the same.

    Samples have no noise, and either all tasks have one gradient or every step takes all of them; then their
    order is all that is drawn, and replicates differ by round-off. Otherwise they must be the same bit by bit.
    """
    if experiment.pointwise or frame.empty:
        return False
    c = experiment.problem.constants()
    if not experiment.problem.silent:
        return False
    measured = frame[["grad_norm", "objective", "step_size"]]
    first = measured.groupby(frame["iteration"]).transform("first")
    if (c.sigma == 0 or experiment.problem.n_tasks == 1) and _same(measured, first):
        return True
    return _takes_all(experiment) and _close(measured, first, experiment)


def _takes_all(experiment: Experiment) -> bool:
    """Whether the algorithm's own direction is taken over all tasks, and no step size is drawn that differs."""
    plan = experiment.plan
    rule = plan.step_rule
    own = experiment.direction in (None, plan.algorithm)
    return own and plan.tasks == "all" and rule is not None and (rule.kind != "sampled" or rule.slope == 0)


def _same(measured: pd.DataFrame, first: pd.DataFrame) -> bool:
    return bool(((measured == first) | (measured.isna() & first.isna())).all(axis=None))


def _close(measured: pd.DataFrame, first: pd.DataFrame, experiment: Experiment) -> bool:
    """Whether gradients and step sizes differ by what the order of a sum may change."""
    L, w = experiment.plan.constants.L, float(experiment.problem.start.norm())
    gradient = first["grad_norm"].to_numpy(float)
    near = abs(measured["grad_norm"] - gradient) <= round_off(abs(gradient) + L * w)
    size = first["step_size"].to_numpy(float)
    step = abs(measured["step_size"] - size) <= round_off(size)
    return bool((near & (step | np.isnan(size))).all())


def settled(rows: Sequence[Check], experiment: Experiment) -> list[Check]:
    """Return the checks with numbers in place of intervals, and with the room that round-off needs.

    A share is counted among draws of the claim's own, such as of an iterate, and keeps its interval.
    """
    return [row if row.method == "clopper-pearson" else _exact(row, experiment) for row in rows]


def _exact(row: Check, experiment: Experiment) -> Check:
    size = abs(row.bound)
    if statement(row.statement).unit == GRADIENT:
        size = gradient_scale(size, experiment.plan.constants.L, float(experiment.problem.start.norm()))
    room = max(row.margin, round_off(size))
    detail = "; ".join(part for part in (row.detail, NOTE) if part)
    return replace(row, measure=_number(row.measure), margin=room, detail=detail)


def _number(measure: Measure) -> Measure:
    def number(error: float) -> Interval:
        found = measure(error)
        upper = found.upper if found.method == "censored" else found.estimate
        return replace(found, lower=found.estimate, upper=upper, level=1.0, method="exact")

    return number
