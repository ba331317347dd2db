"""Parts that sabotaged statements share: settings, and claims judged with their checks changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from empirics import problems, run
from empirics.steps import step_size
from validate import design
from validate.claim import claims
from validate.examine import nth
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.runner import Runner
from validate.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

ERROR = 0.01
ALPHA, REPLICATES = 0.1, 64
Sabotage = Callable[[], list[Verdict]]
Wrong = Callable[[], AbstractContextManager[None]]


def setting(spec: str, algorithm: Any = "maml", alpha: float = ALPHA) -> design.Setting:
    """Return the setting of one problem and one algorithm."""
    return design.Setting(problems.from_spec(spec), alpha, (algorithm,), replicates=REPLICATES)


def judged(
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


@contextmanager
def stepping(factor: float = 1.0, slope: float = 1.0) -> Iterator[None]:
    """Let the simulator take steps that are too long, or of a rule with another slope."""

    def wrong(rule: Any, c: float, *rest: Any) -> Any:
        return step_size(replace(rule, slope=slope * rule.slope), factor * c, *rest)

    with patch.object(run, "step_size", wrong):
        yield
