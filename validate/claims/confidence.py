r"""Confidence: how often the best of some random iterates misses what is said with a probability.

Runs are taken in groups of m; in each run one iterate is drawn. A group misses when all of its iterates lie above
the bound, which has a probability of at most :math:`p^m`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from bounds.bound import Statement
from bounds.theory import confidence
from validate.claim import Claim
from validate.claims.curves import curves, first_bad
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.statistics import proportion_interval

PLACE = 2.7
GROUP, CHANCE = 2, 0.5
"""Runs in a group, and the largest chance that one of them misses."""


def said(experiment: Experiment) -> Statement:
    """Return the statement on the plan's step rule."""
    rule = experiment.plan.step_rule
    constant = rule is not None and rule.kind == "constant" and experiment.plan.theory == "sharp"
    return confidence.CONSTANT_STEP if constant else confidence.ANY_STEP


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the share of groups that miss with the chance that is allowed."""
    plan, st = experiment.plan, said(experiment)
    if not plan.feasible or plan.guarantee is None:
        return [experiment.nothing("confidence", st, plan.reason or "the plan guarantees nothing")]
    bound = float(st(guarantee=plan.guarantee, chance=CHANCE))
    missed = groups_that_miss(curves(frame)[:, : plan.iterations], bound, experiment.key)
    detail = f"groups of {GROUP} whose random iterates all have ||grad F|| > {bound:.4g}"
    return [
        experiment.check(
            "confidence",
            st,
            CHANCE**GROUP,
            partial(proportion_interval, int(missed.sum()), len(missed)),
            n=len(missed),
            failure=first_bad(frame),
            detail=detail,
        )
    ]


def groups_that_miss(values: np.ndarray, bound: float, key: str) -> np.ndarray:
    """Draw an iterate of each run, and return for each group whether all of them lie above a bound."""
    rng = np.random.default_rng(list(key.encode()))
    drawn = values[np.arange(len(values)), rng.integers(values.shape[1], size=len(values))]
    whole = drawn[: len(drawn) // GROUP * GROUP].reshape(-1, GROUP)
    return np.asarray((whole > bound).all(1))


CLAIM = Claim("confidence", ("tight",), checks, confidence.STATEMENTS)
