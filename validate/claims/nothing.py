"""What a claim says where it has nothing to test: that, and why."""

from __future__ import annotations

from bounds.bound import Statement
from validate.experiment import Experiment
from validate.judge import Check


def nothing(
    experiment: Experiment, claim: str, name: str | Statement, reason: str, algorithm: str = ""
) -> Check:
    """Return the row of a claim that has nothing to test on an experiment, with the reason."""
    about = algorithm or experiment.plan.algorithm
    return experiment.check(claim, name, float("nan"), condition=reason, algorithm=about)
