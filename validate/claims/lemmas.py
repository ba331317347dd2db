"""Lemmas: each inequality at the point, among very many, where it is tightest.

The left-hand side is exact (all tasks are enumerated), so nothing has to be confirmed on fresh seeds; what is
random is only where it was looked.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from torch import Tensor

from bounds.errors import DomainError, InputError
from validate.claims.curves import ROUND_OFF
from validate.claims.pointwise import LEFT, Right, applies, ratios
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.search import climb, starting_points
from validate.statistics import Interval, exact_interval

KINDS = ("lemmas",)
POINTS = 64


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare both sides of every pointwise lemma at the tightest point that was found."""
    problem, alpha = experiment.problem, experiment.plan.alpha
    return [tightest(experiment, name) for name in LEFT if applies(name, problem, alpha)]


def tightest(experiment: Experiment, name: str, right: Right | None = None) -> Check:
    """Return the check of one lemma at its tightest point.

    ``right`` replaces the statement's value, as a function of the constants, alpha and the point's values: for
    sabotage.
    """
    problem, alpha = experiment.problem, experiment.plan.alpha
    make = partial(Check, "lemma", name, "all", problem.spec)
    constants = problem.constants()
    rng = np.random.default_rng(experiment.seed)
    points = starting_points(problem, rng, POINTS)

    def sides(w: Tensor) -> tuple[np.ndarray, np.ndarray]:
        return ratios(name, problem, w, alpha, right)

    def score(w: Tensor) -> np.ndarray:
        left, bound = sides(w)
        with np.errstate(divide="ignore", invalid="ignore"):
            return left / bound

    try:
        sides(points[:1])
    except (DomainError, InputError) as error:
        return make(float("nan"), exact_interval, condition=str(error))
    best = climb(score, points, constants.L / constants.rho if constants.rho else 1.0, rng)
    left, bound = sides(best)
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = int(np.nanargmax(left / bound))
    detail = f"tightest of {POINTS} climbs: left side {left[worst]:.4g}, right side {bound[worst]:.4g}"
    measure = partial(_exactly, float(left[worst]), float(bound[worst]))
    return make(float(bound[worst]), measure, detail=detail)


def _exactly(value: float, scale: float, error: float) -> Interval:
    return exact_interval(value, ROUND_OFF * scale)
