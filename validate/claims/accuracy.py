r"""Accuracy: :math:`E\|\nabla F\|` of the uniformly random and of the best iterate, against the guarantee."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from bounds.catalogue import related
from bounds.theory import recorded
from bounds.theory.algorithms import of
from validate import design
from validate.claim import Claim, Kind, Table
from validate.claims.curves import curves, first_bad, nothing_left, start_within
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.schema import RUN, several
from validate.statistics import best_mean_interval, mean_interval

PLACE = 1


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the run with the guarantee of its plan, and a paper plan with the recorded theorem as well."""
    plan, failure = experiment.plan, first_bad(frame)
    values = curves(frame)[:, : plan.iterations]
    if not plan.feasible:
        return _pair(experiment, values, failure, related(plan, "guarantee").name, float("nan"), plan.reason)
    rows = [_pair(experiment, values, failure, plan.statement, float(plan.guarantee or 0.0))]
    if plan.theory == "paper":
        rows.append(_recorded(experiment, values, failure))
    return [_said(check, frame) for pair in rows for check in pair]


def _said(check: Check, frame: pd.DataFrame) -> Check:
    """Say it when the start is within the bound already: the best iterate then tests nothing."""
    where = "" if check.failure or check.condition else start_within(frame, check.bound)
    if not where:
        return check
    if check.claim == "accuracy.best":
        return replace(check, condition=nothing_left(frame, check.bound))
    return replace(check, detail=f"{check.detail}; the start is {where} the bound")


def _recorded(experiment: Experiment, values: np.ndarray, failure: str) -> list[Check]:
    st = recorded.accuracy(of(experiment.plan))
    bound, condition = st.at(experiment.plan.problem_values())
    return _pair(experiment, values, failure, st.name, bound, condition)


def _pair(
    experiment: Experiment, values: np.ndarray, failure: str, name: str, bound: float, condition: str = ""
) -> list[Check]:
    common = {"n": len(values), "failure": failure, "condition": condition}
    epsilon = f"epsilon = {experiment.plan.epsilon:.4g}, {values.shape[1]:,} iterations"
    random, best = f"uniformly random iterate; {epsilon}", f"best iterate; {epsilon}"
    random_iterate = partial(mean_interval, values.mean(axis=1), support=(0.0, math.inf))
    best_iterate = partial(best_mean_interval, values)
    return [
        experiment.check("accuracy.random", name, bound, random_iterate, detail=random, **common),
        experiment.check("accuracy.best", name, bound, best_iterate, detail=best, **common),
    ]


def _at_plans(name: str, setting: Setting, table: Table) -> Iterator[Experiment]:
    """Run recommended plans; the targets are given, or the usual one."""
    theory, depth = table.get("theory", "sharp"), table.get("depth", 0)
    given = (table.get("step"), table.get("batches"))
    for epsilon in several(table.get("epsilon") or design.usual_epsilon(setting)):
        yield from design.convergence(setting, epsilon, theory, name, depth, *given)


CONVERGENCE = Kind(
    "convergence", partial(_at_plans, "convergence"), RUN, trajectory=True, everyones=True, several=True
)
ITERATIONS = Kind("iterations", partial(_at_plans, "iterations"), RUN, trajectory=True, several=True)
CLAIM = Claim(
    "accuracy", ("convergence", "iterations", "tight"), checks, quantities=("guarantee", "accuracy")
)
