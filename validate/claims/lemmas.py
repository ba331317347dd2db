"""Lemmas: each inequality at the point, among very many, where it is tightest.

The left-hand side is exact (all tasks are enumerated), so nothing has to be confirmed on fresh seeds; what is
random is only where it was looked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from torch import Tensor

from validate.claim import Claim, Kind
from validate.claims import extremes
from validate.claims.pointwise import applies, doubt, is_lemma, lemmas, ratios
from validate.experiment import Experiment, Run
from validate.judge import Check

PLACE = 5
POINTS, ROUNDS = 64, 60


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare both sides of every pointwise lemma at the tightest point that was found."""
    return [tightest(experiment, name) for name in lemmas() if applies(name, experiment.problem)]


def tightest(experiment: Experiment, name: str) -> Check:
    """Return the check of one lemma at its tightest point."""
    problem, alpha = experiment.problem, experiment.plan.alpha

    def sides(w: Tensor) -> extremes.Sides:
        left, bound = ratios(name, problem, w, alpha)
        return extremes.Sides(left, bound, doubt(name, problem, w, alpha, left))

    start = extremes.starts(experiment, np.random.default_rng(experiment.seed), POINTS)
    found = extremes.tightest(experiment, name, sides, start, "random points and MAML's path", ROUNDS)
    return replace(found, claim="lemma")


KIND = Kind("lemmas", everyones=True)
CLAIM = Claim("lemma", ("lemmas",), checks, where=is_lemma)
