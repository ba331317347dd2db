r"""Closed forms: where MAML stops with K shots, tasks without replacement, the stationary law on a quadratic.

Each on a problem of its own on which the left side is known exactly, or from many short runs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import torch

from bounds.theory import limits as laws
from bounds.theory import sampling
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.maml import MAML
from empirics import problems
from validate.claim import Claim
from validate.claims.exact import exactly
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.shots import stop
from validate.statistics import Interval, mean_interval
from validate.tolerance import round_off

PLACE = 16
SHOT, SUBSET = laws.K_SHOT, sampling.WITHOUT_REPLACEMENT
LAWS = {MAML.name: laws.STATIONARY, FO_MAML.name: laws.FO_STATIONARY}
"""The stationary laws on a quadratic, by the algorithm."""
SHOTS = (1, 64)
LINE, TASKS, BOWL = (
    "ramp:dim=1,Delta=0.05,sigma_tilde=1",
    "ripple:dim=3,n_tasks=6",
    "quadratic:dim=1,n_tasks=6,sigma_tilde=0.5,sigma_H=0.8",
)
ALPHA, BETA, BATCH, SIZES = 0.1, 0.4, 4, (3, 2, 5)
REPLICATES, STEPS = 512, 120
EQUAL = 0.1


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the three closed forms with what is seen."""
    return [k_shot(), without_replacement(), *(stationary(one, experiment.seed) for one in LAWS)]


def k_shot() -> Check:
    """Return the check of the K-shot floor at the number of shots where it is tightest."""
    problem = problems.from_spec(LINE)
    known: dict[str, Any] = problem.constants(ALPHA).to_dict() | {"alpha": ALPHA}
    rows = [(_stop(K), float(SHOT(**known, D=K)), K) for K in SHOTS]
    left, bound, K = max(rows, key=lambda row: row[0] / row[1])
    make = partial(Check, "plateau.k-shot", SHOT.name, MAML.name, LINE)
    return make(bound, exactly(left), margin=round_off(bound), detail=f"exact stop, tightest at K = {K}")


@cache
def _stop(shots: int) -> float:
    return stop(problems.from_spec(LINE), ALPHA, shots)


def without_replacement() -> Check:
    """Return the check of the variance over all pairs of tasks at the start."""
    problem = problems.from_spec(TASKS)
    tasks = torch.arange(problem.n_tasks)
    g = problem.gradient(tasks, problem.start.expand(problem.n_tasks, -1)).numpy()
    means = np.array([g[list(pair)].mean(0) for pair in combinations(range(len(g)), 2)])
    left, variance = (float(((v - g.mean(0)) ** 2).sum(1).mean()) for v in (means, g))
    bound = float(SUBSET(B=2, n_tasks=len(g), variance=variance))
    make = partial(Check, "tasks.without-replacement", SUBSET.name, "all", TASKS, side="==")
    return make(bound, exactly(left), margin=round_off(bound), detail="all pairs of tasks, exactly")


def stationary(algorithm: str, seed: int) -> Check:
    """Return the check of the stationary law with the mean of many short runs of one constant step."""
    problem: Any = problems.from_spec(BOWL)
    law = LAWS[algorithm]
    known = problem.constants(ALPHA).to_dict() | dict(zip(("D_in", "D_o", "D_h"), SIZES, strict=True))
    bound = float(law(**known, alpha=ALPHA, beta=BETA, B=BATCH))
    make = partial(Check, "quadratic.stationary", law.name, algorithm, BOWL, side="==", margin=EQUAL * bound)
    words = f"beta = {BETA}, B = {BATCH}, last half of {STEPS} steps"
    first, second = (
        make(bound, partial(_mean_square, algorithm, key), n=REPLICATES, detail=words, seed=key)
        for key in (seed, seed + 1)
    )
    return replace(first, again=lambda: second)


def _mean_square(algorithm: str, seed: int, error: float) -> Interval:
    return mean_interval(_tails(algorithm, seed), error)


@cache
def _tails(algorithm: str, seed: int) -> np.ndarray:
    """Return each run's mean of ||grad F||^2 over the last half of its steps."""
    problem: Any = problems.from_spec(BOWL)
    rng, total = np.random.default_rng((seed, STEPS)), np.zeros(REPLICATES)
    w = problem.start.expand(REPLICATES, 1, problem.dim)
    for k in range(STEPS):
        tasks = rng.integers(0, problem.n_tasks, (REPLICATES, BATCH))
        i = torch.from_numpy(tasks)
        into, out, hess = (torch.from_numpy(problem.sample(rng, tasks, size)) for size in SIZES)
        v = problem.gradient(i, w - ALPHA * problem.gradient(i, w, into), out)
        if algorithm == MAML.name:
            v = v - ALPHA * problem.hessian_vector(i, w, v, hess)
        w = w - BETA * v.mean(1, keepdim=True)
        if k >= STEPS // 2:
            total += problem.meta_gradient(w[:, 0], ALPHA).square().sum(-1).numpy()
    return total / (STEPS - STEPS // 2)


CLAIM = Claim("limits", ("rates",), checks, (SHOT, SUBSET), ("stationary",))
