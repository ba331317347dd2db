"""Plateau: where FO-MAML stops, and that MAML and HF-MAML go below it at the same budget.

Judged on the tail. An FO-MAML run may pass a stationary point of F on its way: the best iterate is reported
beside the tail and decides nothing, except for the path theorem, which is about every iterate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bounds.bound import Statement
from bounds.theory import complexity
from bounds.theory import plateau as stops
from bounds.theory.algorithms import of, theorem
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from bounds.theory.inner_steps import lemmas
from bounds.theory.inner_steps.recorded import SHOWN
from bounds.theory.step_rules import SAMPLED
from empirics.problems import Trapezoid
from validate import design
from validate.claim import Claim, Kind, Table
from validate.claims.curves import NOTHING_SMALLER, curves, exact_run, first_bad, tails
from validate.claims.exact import exactly
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.schema import COUNT, SIZES
from validate.statistics import mean_interval

PLACE = 3
EXACT = 1e-7
"""Share of a fixed point, or of sigma where it is 0, up to which a run must meet it."""
EQUAL = 0.05
SHARED = ("shared-hessian", "quadratic")
"""Families whose tasks share their Hessian."""
BELOW = 0.5
"""MAML and HF-MAML must come below this share of FO-MAML's plateau."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the tail with the exact fixed point, the bounds, or FO-MAML's value."""
    if of(experiment.plan).takes_hessians:
        return _passes(experiment, frame)
    return _stops(experiment, frame) if experiment.exact else _stops_with_noise(experiment, frame)


def _stops(experiment: Experiment, frame: pd.DataFrame) -> list[Check]:
    make = partial(_check, experiment, frame)
    path, doubt, end = exact_run(experiment, frame)
    stop = _bound(experiment)
    upper, outside = stop.at(experiment.plan.problem_values())
    if not upper > 0 and path.max() <= doubt:
        return [experiment.nothing("plateau.upper", stop, NOTHING_SMALLER)]
    rows = [make("plateau.upper", stop, upper, end, condition=outside, margin=2 * doubt)]
    value = experiment.predicted.get("plateau")
    if value is not None:
        name, value = _known_stop(experiment, value)
        rows.append(
            make("plateau.fixed-point", name, value, end, side="==", margin=room(experiment, value, doubt))
        )
    if experiment.predicted.get("lower") is not None:
        lower, outside = stops.FO_STALLS.at(experiment.plan.problem_values())
        lowest = exactly(float(path.min()), doubt)
        above: Any = {"side": ">=", "margin": 2 * doubt}
        rows.append(make("plateau.path", stops.FO_STALLS, lower, lowest, condition=outside, **above))
    return rows


def _bound(experiment: Experiment) -> Statement:
    """Return the bound on where FO-MAML stops with the plan's number of inner steps."""
    steps = experiment.plan.inner_steps
    return stops.FO_STOP if steps == 1 else lemmas.plateau(steps)


def floor(experiment: Experiment) -> Statement:
    """Return the noise floor of the plan's algorithm under the sampled step."""
    known = of(experiment.plan)
    return complexity.theorem("floor", known, known.rules[SAMPLED.name])


def room(experiment: Experiment, value: float, doubt: float) -> float:
    """Return how far a run may stay from a fixed point: a share of it, and twice the numerical error."""
    return EXACT * (value or experiment.plan.constants.sigma) + 2 * doubt


def _known_stop(experiment: Experiment, value: float) -> tuple[Statement, float]:
    """Return the statement about where exact FO-MAML stops, and its value; else the solved fixed point's."""
    problem, plan = experiment.problem, experiment.plan
    if plan.inner_steps > 1:
        return _bound(experiment), value
    if problem.family in SHARED:
        return stops.SHARED_HESSIAN, float(stops.SHARED_HESSIAN())
    if isinstance(problem, Trapezoid) and plan.alpha == problem.tuned:
        values = plan.problem_values() | {"R": problem.R, "m": problem.m}
        return stops.TRAPEZOID, float(stops.TRAPEZOID(**values))
    return stops.FO_STOP, value


def _stops_with_noise(experiment: Experiment, frame: pd.DataFrame) -> list[Check]:
    value = experiment.predicted.get("plateau")
    if value is None or not value > 0:
        return [experiment.nothing("plateau.tail", _bound(experiment), _unknown(value))]
    return [
        _check(
            experiment,
            frame,
            "plateau.tail",
            _bound(experiment),
            value,
            partial(mean_interval, tails(frame)),
            side="==",
            margin=EQUAL * value,
        )
    ]


def _passes(experiment: Experiment, frame: pd.DataFrame) -> list[Check]:
    value, name = experiment.predicted.get("plateau"), floor(experiment)
    if value is None or not value > 0:
        return [experiment.nothing("plateau.passed", name, _unknown(value))]
    allowed = name.at(experiment.plan.problem_values())[0]
    if not experiment.exact and not allowed <= BELOW * value:
        return [experiment.nothing("plateau.passed", name, _too_noisy(allowed, value))]
    if experiment.exact:
        *_, measure = exact_run(experiment, frame)
    else:
        measure = partial(mean_interval, tails(frame), support=(0.0, math.inf))
    return [_check(experiment, frame, "plateau.passed", name, BELOW * value, measure)]


def _too_noisy(allowed: float, value: float) -> str:
    """Say why the budget shows nothing: the theorem lets its noise alone stop the run higher than that."""
    return f"at these batch sizes the theorem allows {allowed:.3g}, more than half of FO-MAML's {value:.3g}"


def _unknown(value: float | None) -> str:
    """Say why there is no plateau to compare with."""
    if value is None:
        return "where FO-MAML stops is not known on this problem"
    return f"FO-MAML stops at {value:.3g} here: there is nothing to pass"


def _check(
    experiment: Experiment,
    frame: pd.DataFrame,
    claim: str,
    name: Statement,
    bound: float,
    measure: Any,
    **more: Any,
) -> Check:
    return experiment.check(
        claim,
        name,
        bound,
        measure,
        n=experiment.runs,
        failure=first_bad(frame),
        detail=_sentence(experiment, frame),
        **more,
    )


def _sentence(experiment: Experiment, frame: pd.DataFrame) -> str:
    values = curves(frame)
    how = "exact tasks" if experiment.exact else f"B = {experiment.plan.B}, D_o = {experiment.plan.D_o}"
    reach = experiment.plan.alpha * experiment.plan.constants.L
    return (
        f"{how}, alpha L = {reach:.3g}, {experiment.horizon:,} iterations: "
        f"tail {tails(frame).mean():.4g}, best iterate {np.nanmin(values):.3g}"
    )


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    yield from design.plateau(setting, table.get("iterations", design.LONG), **table.get("batches", {}))


KIND = Kind(
    "plateau",
    _experiments,
    {"iterations": COUNT, "batches": SIZES},
    trajectory=True,
    everyones=True,
    several=True,
)
CLAIM = Claim(
    "plateau",
    ("plateau",),
    checks,
    (
        stops.FO_STOP,
        stops.FO_STALLS,
        stops.TRAPEZOID,
        stops.SHARED_HESSIAN,
        theorem("floor", MAML.name),
        theorem("floor", HF_MAML.name),
        lemmas.plateau(SHOWN),
    ),
)
