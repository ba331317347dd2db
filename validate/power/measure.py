"""Measure the validator: false alarms on correct runs, and what it catches of the catalogue."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from validate.claim import Kind, kinds
from validate.design import Setting, convergence, plateau, usual_epsilon
from validate.examine import examine
from validate.experiment import Experiment
from validate.runner import Runner
from validate.verdict import Status, Verdict

FAMILIES = (
    "ripple:dim=3,n_tasks=8",
    "plateau:sigma_tilde=0.3",
    "shared-hessian:dim=3,n_tasks=6",
    "quadratic:dim=3,n_tasks=6",
    "wells:dim=3,n_tasks=8",
    "robust-regression:dim=3,n_tasks=6,points=6",
    "sigmoid-classification:dim=3,n_tasks=4,points=6",
    "trapezoid:alpha=0.1",
    "hf-counterexample:sigma_tilde=0.3",
    "ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,oracle=one-sided",
)
PROBLEM, TARGET = "ripple:dim=3,n_tasks=8", 0.2
"""What sabotaged directions are checked on."""
ALARMS = 200
SHORT, DRAWS = 500, 1000


@dataclass(frozen=True)
class Caught:
    """What one sabotage set off.

    Attributes
    ----------
    group, name, what : str
        Where it belongs, its name, and what is wrong.
    claims : tuple of str
        The claims that were VIOLATED or FAILED; empty: missed.
    """

    group: str
    name: str
    what: str
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Alarm:
    """One correct run: how many verdicts it gave, and which of them were wrong alarms."""

    problem: str
    seed: int
    verdicts: int
    inconclusive: int
    wrong: tuple[str, ...]


def jobs() -> list[tuple[str, str]]:
    """Return all sabotages as (group, name)."""
    from validate.power import directions, statements

    wrong = [(group, made.__name__) for group, row in directions.SABOTAGES.items() for made in row]
    return wrong + [("statements", name) for name in statements.SABOTAGES]


def measure_sabotage(job: tuple[str, str]) -> Caught:
    """Run one sabotage."""
    from empirics.measure import torch_settings
    from validate.power import statements

    group, name = job
    with torch_settings():
        if group == "statements":
            return Caught(group, name, name, tuple(statements.caught(statements.SABOTAGES[name]())))
        return _direction(group, name)


def _direction(group: str, name: str) -> Caught:
    """Hand one sabotaged direction to ``check``, as its users do."""
    from validate import check
    from validate.power import directions

    made = next(d for d in directions.SABOTAGES[group] if d.__name__ == name)
    algorithm: Any = group
    report = check(
        PROBLEM, TARGET, algorithms=[algorithm], directions={algorithm: made}, claims=["direction"], seed=1
    )
    what = (made.__doc__ or "").strip().rstrip(".")
    return Caught(group, name, what, tuple(sorted({verdict.claim for verdict in report.refuted})))


def measure_alarm(number: int) -> Alarm:
    """Check correct algorithms on one problem with one seed."""
    from empirics import problems

    spec = FAMILIES[number % len(FAMILIES)]
    problem = problems.from_spec(spec)
    setting = Setting(problem, 0.1 / problem.constants().L, seed=number, replicates=16)
    experiments = [
        *_affordable(setting),
        *plateau(setting, SHORT),
        *(row for kind in _looked_at() for row in kind.make(setting, {"draws": DRAWS})),
    ]
    verdicts = examine(experiments, Runner())
    unsure = sum(v.status is Status.INCONCLUSIVE for v in verdicts)
    wrong = [v for v in verdicts if v.status in (Status.VIOLATED, Status.FAILED)]
    return Alarm(spec, number, len(verdicts), unsure, tuple(map(_sentence, wrong)))


def _looked_at() -> list[Kind]:
    """Return the kinds of experiments that look at points of everyone's problem."""
    return [kind for kind in kinds().values() if kind.everyones and not kind.trajectory]


def _affordable(setting: Setting) -> list[Experiment]:
    """Return runs at recommended plans for the first target, from a small one upwards, that takes few steps."""
    epsilon = usual_epsilon(setting)
    while True:
        runs = list(convergence(setting, epsilon))
        if all(run.horizon <= SHORT for run in runs):
            return runs
        epsilon *= 1.5


def _sentence(v: Verdict) -> str:
    return f"{v.claim} ({v.statement}, {v.algorithm}): {v.status}, {v.statistic:.4g} against {v.bound:.4g}"


def sabotages(workers: int | None = None) -> Iterator[Caught]:
    """Yield what every sabotage sets off."""
    yield from _spread(measure_sabotage, jobs(), workers)


def alarms(count: int = ALARMS, workers: int | None = None) -> Iterator[Alarm]:
    """Yield the verdicts on correct runs over all families."""
    yield from _spread(measure_alarm, range(count), workers)


def _spread(function: Callable[[Any], Any], items: Sequence[Any], workers: int | None) -> Iterator[Any]:
    count = workers or len(os.sched_getaffinity(0))
    if count == 1:
        yield from map(function, items)
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield from pool.map(function, items)
