"""Cost: how the work and the memory of one iteration grow with the number of parameters d.

Counted at the oracle: how many gradients and Hessian-vector products of one task an algorithm asks for, times d,
since each costs O(d). Counted in the arithmetic: the numbers that one direction computes, and the bytes that it
holds at one time, on a problem that separates. Times are for the benchmark: a timing is never a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from bounds.plan import Algorithm
from empirics import algorithms, problems
from empirics.moments import measure_cost
from validate import counting
from validate.claim import Claim, Kind
from validate.design import Setting, bare_plan
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.statistics import Interval, fit_exponent

PLACE = 11
DIMENSIONS = (16, 32, 64)
LARGE = (64, 128, 256)
ROWS = (
    ("maml-full-hessian", "paper.table.maml.cost", 2.0),
    ("maml", "paper.table.maml.cost", 1.0),
    ("fo-maml", "paper.table.fo-maml.cost", 1.0),
    ("hf-maml", "paper.table.hf-maml.cost", 1.0),
)


@dataclass(frozen=True)
class Count:
    """Something that is counted: its claim, in words, at which d, up to which error of the exponent, and how."""

    claim: str
    what: str
    dimensions: tuple[int, ...]
    margin: float
    value: Callable[[str, int], float]


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Fit the exponent of the work per iteration in d: MAML with full Hessians 2, all others 1."""
    return [_check(experiment, count, *row) for row in ROWS for count in COUNTS]


def _check(experiment: Experiment, count: Count, direction: str, name: str, exponent: float) -> Check:
    fit = fit_exponent(count.dimensions, [count.value(direction, d) for d in count.dimensions], 0.05)
    return experiment.check(
        count.claim,
        name,
        exponent,
        partial(_same, fit.interval),
        algorithm=direction,
        side="==",
        margin=count.margin,
        n=len(count.dimensions),
        detail=f"exponent of {count.what}, for d in {count.dimensions}",
    )


def work(direction: str, d: int) -> float:
    """Return the products and gradients of one iteration with one task, times d."""
    problem = problems.from_spec(f"ripple:dim={d},n_tasks=4")
    algorithm: Algorithm = (
        "hf-maml" if direction == "hf-maml" else "fo-maml" if direction == "fo-maml" else "maml"
    )
    plan = bare_plan(Setting(problem, 0.1), algorithm)
    counted = measure_cost(problem, plan, algorithms.by_name(direction, plan))
    return d * float(counted.gradients + counted.hessian_vectors)


def elements(direction: str, d: int) -> float:
    """Return how many numbers one direction computes at four tasks."""
    return float(counting.count(counting.one_direction(direction, d)).elements)


def memory(direction: str, d: int) -> float:
    """Return how many bytes one direction holds at one time."""
    return float(counting.count(counting.one_direction(direction, d)).peak_bytes)


COUNTS = (
    Count("cost", "gradients and Hessian-vector products times d", DIMENSIONS, 0.25, work),
    Count("cost.elements", "numbers computed in one direction", LARGE, 0.05, elements),
    Count("cost.memory", "bytes held in one direction", LARGE, 0.05, memory),
)
"""What is counted; the lower-order terms are still visible at the smaller d."""


def _same(interval: Interval, error: float) -> Interval:
    return interval


KIND = Kind("cost")
CLAIM = Claim("cost", ("cost",), checks, quantities=("table cost",))
