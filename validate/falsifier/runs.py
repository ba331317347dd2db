"""Whole runs at recommended plans, over families, their constants, inner steps, targets and step rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from bounds import InputError, Plan, recommend
from bounds.plan import Algorithm, StepKind
from empirics import problems, simulate
from empirics.problems.base import Problem
from validate.statistics import mean_interval

LONGEST = 300
MOST_TASKS = 500
FEW, MANY = 8, 400
ERROR = 1e-4
RULES: tuple[StepKind, ...] = ("sampled", "self-scaled")
SHAPES = (
    "ripple:dim=2,n_tasks=4",
    "wells:dim=2,n_tasks=4",
    "shared-hessian:dim=2,n_tasks=4",
    "quadratic:dim=2,n_tasks=4",
    "plateau",
)
NUMBERS = 7
"""How many unconstrained numbers a trial is made of."""

GUARANTEES: Mapping[str, Algorithm] = MappingProxyType(
    {
        "sharp.maml.guarantee": "maml",
        "sharp.fo-maml.guarantee": "fo-maml",
        "sharp.hf-maml.guarantee": "hf-maml",
    }
)
"""Statements about whole runs, and whose runs they are."""


@dataclass(frozen=True)
class Trial:
    """A problem, an inner step, a target as a share of the first gradient, and a step rule.

    Attributes
    ----------
    spec : str
    reach : float
        alpha L.
    share : float
    step : {"sampled", "self-scaled"}
    """

    spec: str
    reach: float
    share: float
    step: StepKind

    @property
    def problem(self) -> Problem:
        """The problem."""
        return problems.from_spec(self.spec)

    def to_dict(self) -> dict[str, Any]:
        """Return the trial for the reader."""
        share = "epsilon over the first gradient"
        return {"problem": self.spec, "alpha L": self.reach, share: self.share, "step": self.step}

    def plan(self, problem: Problem, algorithm: Algorithm) -> Plan:
        """Return the recommended plan."""
        alpha = self.reach / problem.constants().L
        epsilon = self.share * float(problem.meta_gradient(problem.start, alpha).norm())
        return recommend(problem.constants(alpha), epsilon, algorithm, "sharp", alpha, self.step, depth=0)


def decode(point: np.ndarray) -> Trial:
    """Return the trial of seven unconstrained numbers."""
    inside = 1 / (1 + np.exp(-point))
    family, seed, rule = (min(int(inside[k] * n), n - 1) for k, n in ((0, len(SHAPES)), (1, 8), (2, 2)))
    sigma, noise = 10 ** (2 * inside[3] - 1.5), 10 ** (2 * inside[4] - 2)
    shape = SHAPES[family] if ":" in SHAPES[family] else SHAPES[family] + ":"
    spec = ",".join([shape, f"seed={seed}", f"sigma={sigma:.6g}", f"sigma_tilde={noise:.6g}"])
    return Trial(spec.replace(":,", ":"), float(0.01 + 0.45 * inside[5]), float(0.1 + inside[6]), RULES[rule])


def ratio(name: str, trial: Trial, seed: int) -> float:
    """Return the mean over iterates of the gradient norm, over the guarantee; NaN when there is no small plan."""
    measured = _measured(name, trial, seed, FEW)
    return float("nan") if measured is None else float(measured.mean())


def confirmed(name: str, trial: Trial, seed: int) -> float:
    """Return the lower end of an interval for the same ratio, at error 1e-4, from fresh and many more runs."""
    measured = _measured(name, trial, seed, MANY)
    return float("nan") if measured is None else mean_interval(measured, ERROR, (0.0, math.inf)).lower


def _measured(name: str, trial: Trial, seed: int, replicates: int) -> np.ndarray | None:
    algorithm = GUARANTEES[name]
    try:
        problem = trial.problem
        plan = trial.plan(problem, algorithm)
    except InputError:
        return None
    if not (plan.feasible and (plan.iterations or 0) <= LONGEST and (plan.B or 0) <= MOST_TASKS):
        return None
    frame = simulate(problem, plan, replicates=replicates, seed=seed, experiment=f"falsify/{replicates}")
    path = frame[frame["iteration"] < plan.iterations].groupby("replicate")["grad_norm"]
    return path.mean().to_numpy() / float(plan.guarantee or 0.0)
