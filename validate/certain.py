"""Where nothing is random, a number is compared with a number: exactly, up to round-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

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
    """Whether the problem has no noise and tasks of one gradient, and all replicates are the same bit by bit."""
    if experiment.pointwise or frame.empty:
        return False
    measured = frame[["grad_norm", "objective", "step_size"]]
    first = measured.groupby(frame["iteration"]).transform("first")
    if not ((measured == first) | (measured.isna() & first.isna())).all(axis=None):
        return False
    problem = experiment.problem
    c = problem.constants()
    return c.sigma_tilde == 0 and c.sigma_H == 0 and (c.sigma == 0 or problem.n_tasks == 1)


def settled(rows: Sequence[Check], experiment: Experiment) -> list[Check]:
    """Return the checks with numbers in place of intervals, and with the room that round-off needs."""
    return [_exact(row, experiment) for row in rows]


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
