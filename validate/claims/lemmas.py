"""Lemmas: each inequality at the point, among very many, where it is tightest.

The left-hand side is exact (all tasks are enumerated), so nothing has to be confirmed on fresh seeds; what is
random is only where it was looked.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from bounds.errors import DomainError, InputError
from validate.claims.curves import ROUND_OFF
from validate.claims.pointwise import LEFT, ratios
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.search import climb, starting_points
from validate.statistics import Interval, exact_interval

KINDS = ("lemmas",)
POINTS = 64


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare both sides of every pointwise lemma at the tightest point that was found."""
    return [_tightest(experiment, name) for name in LEFT]


def _tightest(experiment: Experiment, name: str) -> Check:
    problem, alpha = experiment.problem, experiment.plan.alpha
    make = partial(Check, "lemma", name, "all", problem.spec)
    rng = np.random.default_rng(experiment.seed)
    constants = problem.constants()
    points = starting_points(problem, rng, POINTS)
    try:
        ratios(name, problem, points[:1], alpha)
    except (DomainError, InputError) as error:
        return make(float("nan"), exact_interval, condition=str(error))

    def score(w: object) -> np.ndarray:
        left, right = ratios(name, problem, w, alpha)  # type: ignore[arg-type]
        with np.errstate(divide="ignore", invalid="ignore"):
            return left / right

    best = climb(score, points, constants.L / constants.rho if constants.rho else 1.0, rng)
    left, right = ratios(name, problem, best, alpha)
    worst = int(np.argmax(left / right))
    detail = f"tightest of {POINTS} climbs: left side {left[worst]:.4g}, right side {right[worst]:.4g}"
    return make(
        float(right[worst]), partial(_exactly, float(left[worst]), float(right[worst])), detail=detail
    )


def _exactly(value: float, scale: float, error: float) -> Interval:
    return exact_interval(value, ROUND_OFF * scale)
