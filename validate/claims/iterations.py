r"""Iterations: the expected time to an epsilon-FOSP against K(epsilon).

The derived theorem, stopped at the first k with :math:`\|\nabla F(w_k)\| \le \epsilon`, bounds the expectation
of that time. What is measured is the mean of the time up to twice K, which an interval can hold at every n; a run
that does not get there within K iterations is continued, so that the claim can fail.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bounds.catalogue import related, stated
from validate.claim import Claim
from validate.claims.curves import first_bad, nothing_left
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.statistics import hitting_times, mean_hitting_time

PLACE = 2
LONGER = 2


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the mean time to epsilon with K(epsilon)."""
    plan = experiment.plan
    name = related(plan, "iterations").name
    if not plan.feasible:
        return [experiment.nothing("iterations", name, plan.reason)]
    times, horizon = hitting_times(frame, plan.epsilon), LONGER * experiment.horizon
    failure = first_bad(frame)
    if not failure and (start := nothing_left(frame, plan.epsilon)):
        return [experiment.nothing("iterations", name, start)]
    if not (times["hit"].all() or failure):
        longer = run(experiment.longer(LONGER))
        times, failure = hitting_times(longer, plan.epsilon), first_bad(longer)
    time, hit = times["time"].to_numpy(), times["hit"].to_numpy()
    return [
        experiment.check(
            "iterations",
            name,
            _bound(name, experiment),
            lambda error: mean_hitting_time(time, hit, error, horizon),
            n=len(times),
            failure=failure,
            detail=_sentence(time, hit, horizon, plan.epsilon),
        )
    ]


def _bound(name: str, experiment: Experiment) -> float:
    bound, outside = stated(name).at(experiment.plan.values())
    return float(experiment.plan.iterations or 0) if outside else bound


def _sentence(time: np.ndarray, hit: np.ndarray, horizon: int, epsilon: float) -> str:
    late = int((~hit).sum())
    ended = f"; {late} of {len(hit)} runs did not get there in {horizon:,} iterations" if late else ""
    return f"iterations to ||grad F|| <= {epsilon:.4g}, median {np.median(time):,.0f}{ended}"


CLAIM = Claim("iterations", ("convergence", "iterations", "tight"), checks, quantities=("iterations",))
