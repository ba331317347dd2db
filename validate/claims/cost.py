"""Cost: how the work of one iteration grows with the number of parameters d, counted at the oracle.

A gradient or a Hessian-vector product of one task costs O(d); what is counted is how many of them an algorithm
asks for, times d. Times are for the benchmark: a timing is never a test.
"""

from __future__ import annotations

from functools import partial

import pandas as pd

from empirics import algorithms, problems
from empirics.moments import measure_cost
from validate.design import Setting, bare_plan
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.statistics import Interval, fit_exponent

KINDS = ("cost",)
DIMENSIONS = (16, 32, 64)
ROWS = (
    ("maml-full-hessian", "paper.table.maml.cost", 2.0),
    ("maml", "paper.table.maml.cost", 1.0),
    ("fo-maml", "paper.table.fo-maml.cost", 1.0),
    ("hf-maml", "paper.table.hf-maml.cost", 1.0),
)
MARGIN = 0.25
"""The lower-order terms are still visible at these d."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Fit the exponent of the work per iteration in d: MAML with full Hessians 2, all others 1."""
    return [_check(experiment, *row) for row in ROWS]


def _check(experiment: Experiment, direction: str, name: str, exponent: float) -> Check:
    fit = fit_exponent(DIMENSIONS, [work(direction, d) for d in DIMENSIONS], 0.05)
    return Check(
        claim="cost",
        statement=name,
        algorithm=direction,
        problem=experiment.problem.spec,
        bound=exponent,
        measure=partial(_same, fit.interval),
        side="==",
        margin=MARGIN,
        n=len(DIMENSIONS),
        detail=f"exponent of gradients and Hessian-vector products times d, for d in {DIMENSIONS}",
    )


def work(direction: str, d: int) -> float:
    """Return the products and gradients of one iteration with one task, times d."""
    problem = problems.from_spec(f"ripple:dim={d},n_tasks=4")
    algorithm = "hf-maml" if direction == "hf-maml" else "fo-maml" if direction == "fo-maml" else "maml"
    plan = bare_plan(Setting(problem, 0.1), algorithm)  # type: ignore[arg-type]
    counted = measure_cost(problem, plan, algorithms.by_name(direction, plan))
    return d * float(counted.gradients + counted.hessian_vectors)


def _same(interval: Interval, error: float) -> Interval:
    return interval
