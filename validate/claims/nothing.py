"""What a claim says where it has nothing to test: that, and why."""

from __future__ import annotations

from validate.experiment import Experiment
from validate.judge import Check
from validate.statistics import exact_interval


def nothing(experiment: Experiment, claim: str, name: str, reason: str, algorithm: str = "") -> Check:
    """Return the row of a claim that has nothing to test on an experiment, with the reason."""
    return Check(
        claim=claim,
        statement=name,
        algorithm=algorithm or experiment.plan.algorithm,
        problem=experiment.problem.spec,
        bound=float("nan"),
        measure=exact_interval,
        condition=reason,
    )
