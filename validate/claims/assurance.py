r"""Assurance: how often the point that is returned misses what a plan promises with a probability.

All of it is done many times over: the runs, an iterate of each, the choice among them. What is promised is a
chance, so that what is measured is a share of the repetitions; the best of the iterates and the choice are judged
apart too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from bounds import recommend
from bounds.assurance import Assurance
from bounds.catalogue import statement
from bounds.theory import selection
from bounds.theory.algorithms import of
from empirics.returning import Returned, returned
from validate import design
from validate.claim import Claim, Kind, Table
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.schema import COUNT, POSITIVE
from validate.statistics import proportion_interval

PLACE = 2.8
CONFIDENCE, REPETITIONS = 0.9, 500


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the shares of repetitions in which something is missed with the chances that are allowed."""
    plan, told = experiment.plan, experiment.plan.assurance
    if told is None:
        return [experiment.nothing("assurance", selection.chosen(of(plan)), plan.reason)]
    found = returned(
        experiment.problem,
        plan,
        direction=None if isinstance(experiment.direction, str) else experiment.direction,
        seed=experiment.seed,
        repetitions=int(experiment.labels.get("repetitions", REPETITIONS)),
        experiment=experiment.key,
    )
    rows = list(_rows(experiment, told, found))
    failure = "" if np.isfinite(found.candidates).all() else "an iterate is not finite"
    return [
        experiment.check(
            claim,
            name,
            allowed,
            partial(proportion_interval, int(missed.sum()), len(missed)),
            n=len(missed),
            failure=failure,
            detail=f"{words}; {told.runs} runs",
        )
        for claim, name, allowed, missed, words in rows
    ]


def _rows(
    experiment: Experiment, told: Assurance, found: Returned
) -> Iterator[tuple[str, str, float, np.ndarray, str]]:
    """Yield claim, statement, allowed chance, who misses it, and what it is about."""
    last, first = told.statements[-1], told.statements[0]
    missed = np.asarray(found.grad_norm > told.epsilon)
    words = f"share of returned points with ||grad F|| > {told.epsilon:.4g}"
    yield "assurance", last, 1 - told.confidence, missed, words
    missed = np.asarray((found.candidates > told.best).all(1))
    words = f"share of repetitions in which every iterate has ||grad F|| > {told.best:.4g}"
    yield "assurance.best", first, told.chance**told.runs, missed, words
    if told.runs > 1:
        bound = _of_the_best(experiment, told, found.candidates.min(1))
        words = "share of returned points that are farther from the best iterate than the choice may be"
        yield "assurance.choice", last, told.runs * told.lapse, found.grad_norm > bound, words


def _of_the_best(experiment: Experiment, told: Assurance, best: np.ndarray) -> np.ndarray:
    """Return what the choice leaves where the best of the iterates is known."""
    sizes = {name: float(getattr(told, name)) for name in ("B", "D_in", "D_o", "D_h")}
    values = experiment.plan.problem_values() | sizes | {"lapse": told.of_group}
    st = statement(told.statements[-1])
    known = {name: value for name, value in values.items() if name in st.symbols}
    return np.array([float(st(**known | {"best": float(size)})) for size in best])


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    epsilon = table.get("epsilon") or design.usual_epsilon(setting)
    confidence = table.get("confidence", CONFIDENCE)
    for name in setting.algorithms:
        plan = recommend(
            setting.confronted,
            epsilon,
            name,
            alpha=setting.alpha,
            n_tasks=setting.problem.n_tasks,
            inner_steps=setting.inner_steps,
            depth=table.get("depth", 0),
            confidence=confidence,
        )
        labels = {"repetitions": table.get("repetitions", REPETITIONS)}
        yield setting.experiment("assurance", plan, f"confidence={confidence:g}/{epsilon:.6g}", labels=labels)


_SHARE = POSITIVE | {"exclusiveMaximum": 1}
_ENTRIES = {
    "epsilon": POSITIVE,
    "confidence": _SHARE,
    "repetitions": COUNT | {"minimum": 50},
    "depth": {"type": "integer", "minimum": 0},
}
KIND = Kind(
    "assurance",
    _experiments,
    _ENTRIES,
    several=True,
)
CLAIM = Claim("assurance", ("assurance",), checks, quantities=("chosen",))
