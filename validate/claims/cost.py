"""Cost: how the work and the memory of one iteration grow with the number of parameters d.

Counted at the oracle: how many gradients and Hessian-vector products of one task an algorithm asks for, times d,
since each costs O(d). Counted in the arithmetic: the numbers that one direction computes, and the bytes that it
holds at one time, on a problem that separates. Times are for the benchmark: a timing is never a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from bounds.theory import table
from bounds.theory.algorithm import Algorithm
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from empirics import algorithms
from validate import counting
from validate.claim import Claim, Kind
from validate.claims.exact import always
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.statistics import fit_exponent

PLACE = 11
DIMENSIONS = (16, 32, 64)
LARGE = (64, 128, 256)
ROWS = (
    (algorithms.FULL_HESSIAN, MAML, 2.0),
    (MAML.name, MAML, 1.0),
    (FO_MAML.name, FO_MAML, 1.0),
    (HF_MAML.name, HF_MAML, 1.0),
)
"""What is run, which algorithm it is, and the exponent of its cost in d."""


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


def _check(experiment: Experiment, count: Count, direction: str, one: Algorithm, exponent: float) -> Check:
    fit = fit_exponent(count.dimensions, [count.value(direction, d) for d in count.dimensions], 0.05)
    return experiment.check(
        count.claim,
        table.cell(one.name, "cost"),
        exponent,
        always(fit.interval),
        algorithm=direction,
        side="==",
        margin=count.margin,
        n=len(count.dimensions),
        problem=counting.NAME,
        detail=f"exponent of {count.what}, for d in {count.dimensions}",
    )


def work(direction: str, d: int) -> float:
    """Return the products and gradients of one iteration with one task, times d."""
    asked = counting.asked(direction, d)
    return d * float(asked.gradients + asked.hessian_vectors)


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


KIND = Kind("cost")
CLAIM = Claim("cost", ("cost",), checks, quantities=("table cost",))
