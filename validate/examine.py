"""From experiments to verdicts: run what is asked, compare, judge together, confirm afresh."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from bounds import arguments
from bounds.errors import InputError, unknown
from validate.certain import nothing_random, settled
from validate.claim import Claim
from validate.claim import claims as known
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.runner import Runner, identity
from validate.verdict import Verdict


def examine(
    experiments: Sequence[Experiment],
    runner: Runner,
    claims: Iterable[str] | None = None,
    error: float = 0.01,
) -> list[Verdict]:
    """Run the experiments and judge every claim that reads them, at a family-wise error over all of them.

    With some claims only, what none of them reads is not run. A run that serves several experiments is judged
    once.
    """
    from empirics.measure import torch_settings

    names = check_names(claims)
    asked = questions(experiments, names)
    runner.prepare(needed(experiments, names))
    with torch_settings():
        checks = [check for claim, experiment in asked for check in _checks(claim, experiment, runner)]
        if not checks:
            raise _nothing(claims)
        return judge_all(checks, error)


def questions(experiments: Sequence[Experiment], names: Sequence[str]) -> list[tuple[Claim, Experiment]]:
    """Return which claim reads which experiment, each run once; raise InputError when none reads any."""
    asked: dict[Any, tuple[Claim, Experiment]] = {}
    for experiment in experiments:
        for name in names:
            claim = known()[name]
            if experiment.kind in claim.kinds:
                asked.setdefault((name, identity(experiment)), (claim, experiment))
    if not asked:
        raise _nothing(names)
    return list(asked.values())


def needed(experiments: Iterable[Experiment], names: Sequence[str]) -> list[Experiment]:
    """Return what has to be run for these claims: with all of them everything, what only figures read included."""
    read = kinds_read(names)
    return [e for e in experiments if read is None or e.kind in read]


def kinds_read(names: Sequence[str]) -> frozenset[str] | None:
    """Return the kinds of experiments that these claims read; None for all claims, which want everything."""
    if set(names) == set(known()):
        return None
    return frozenset(kind for name in names for kind in known()[name].kinds)


def _nothing(claims: Iterable[str] | None) -> InputError:
    names = ", ".join(claims or ()) or None
    return InputError(
        "claims", names, "must ask something of what is run", "name other claims, or leave it out"
    )


def check_names(claims: Iterable[str] | None) -> tuple[str, ...]:
    """Return the names of the claims to test, all by default; raise InputError for an unknown one."""
    names = tuple(known()) if claims is None else arguments.names("claims", claims)
    for name in names:
        if name not in known():
            raise unknown("claims", name, known())
    return names


def _checks(claim: Claim, experiment: Experiment, runner: Runner) -> list[Check]:
    frame = runner(experiment)
    found = claim.checks(experiment, frame, runner)
    trust = experiment.plan.constants.trust()
    rows = [
        replace(row, setting=row.setting or experiment.setting, seed=experiment.seed, provided=trust)
        for row in found
    ]
    if experiment.exact:
        return rows
    if nothing_random(experiment, frame):
        return settled(rows, experiment)

    @cache
    def fresh() -> list[Check]:
        again = experiment.fresh()
        return claim.checks(again, runner(again), runner)

    return [row if row.settled else replace(row, again=nth(fresh, number)) for number, row in enumerate(rows)]


def nth(rows: Callable[[], list[Check]], number: int) -> Callable[[], Check]:
    """Return the way to make checks again and take one of them."""
    return lambda: rows()[number]
