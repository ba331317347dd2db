"""Parts that sabotaged statements share: settings, and claims judged with their checks changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from empirics import problems
from validate import design
from validate.claim import claims
from validate.claims import lemmas
from validate.examine import nth
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.runner import Runner
from validate.verdict import Verdict

ERROR = 0.01
ALPHA, REPLICATES = 0.1, 64
Sabotage = Callable[[], list[Verdict]]


def setting(spec: str, alpha: float = ALPHA) -> design.Setting:
    """Return the setting of one problem."""
    return design.Setting(problems.from_spec(spec), alpha, ("maml",), replicates=REPLICATES)


def judged_rows(
    claim: str, experiment: Experiment, change: Callable[[Check], Check] = lambda check: check
) -> list[Verdict]:
    """Judge a claim of an experiment, every check changed."""
    runner = Runner()

    def changed(e: Experiment) -> list[Check]:
        return [change(check) for check in claims()[claim].checks(e, runner(e), runner)]

    rows = changed(experiment)
    if not experiment.exact:
        fresh = partial(changed, experiment.fresh())
        rows = [replace(check, again=nth(fresh, number)) for number, check in enumerate(rows)]
    return judge_all(rows, ERROR)


def lemma(
    name: str, spec: str, right: Callable[[Mapping[str, Any]], Any] | None = None, alpha: float = ALPHA
) -> Sabotage:
    """Judge a lemma with a changed right-hand side at the point where it is then tightest."""

    def run() -> list[Verdict]:
        experiment = next(design.pointwise(setting(spec, alpha), "lemmas"))
        return judge_all([lemmas.tightest(experiment, name, right)], ERROR)

    return run
