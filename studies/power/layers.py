"""Sabotaged multilevel batches: the estimator, how levels are drawn, what they cost, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from sympy import Rational
from torch import Tensor

from bounds import statement
from bounds.symbols import D_in, D_o
from bounds.theory import multilevel as lemmas
from empirics import multilevel, problems
from empirics.levels import FIRST, SECOND, SHARED, Levels
from empirics.oracle import Oracle
from studies.power.theory import Change, believed, instead, times
from validate.claims.multilevel.claim import CLAIM, KIND
from validate.design import Setting
from validate.examine import nth
from validate.experiment import Experiment
from validate.judge import Check, judge_all
from validate.runner import Runner
from validate.verdict import Verdict

SPEC, REACH = "ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,sigma_H=2,rho=2,oracle=one-sided", 0.4
DRAWS, ERROR = 60_000, 1e-3
Weight = Callable[[Tensor, float], Tensor]
Altered = Callable[[], AbstractContextManager[Any]]
HALVING = 2.0


def _weight(level: Tensor, rate: float) -> Tensor:
    return rate * HALVING**-level


def estimator(
    weight: Weight = _weight, second: str = SECOND, middle: str = SHARED, ends: float = 0.5
) -> Altered:
    """Return the multilevel outer gradient written anew, with one thing changed."""

    def outer_gradient(oracle: Oracle, w: Tensor, alpha: float, rate: float) -> Tensor:
        outer = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
        level = oracle.levels().unsqueeze(-1)
        one, two = (w - alpha * oracle.gradient(w, split) for split in (FIRST, second))
        coarse = ends * (oracle.gradient(one, SHARED) + oracle.gradient(two, SHARED))
        correction = oracle.gradient((one + two) / 2, middle) - coarse
        return outer + torch.where(level > 0, correction / weight(level, rate), 0.0)

    return lambda: patch.object(multilevel, "outer_gradient", outer_gradient)


def drawing(rate: float = 1.0, deeper: int = 0) -> Altered:
    """Let levels be drawn with another rate, or to another depth, than the estimator and the plan go by."""
    draw = Levels.draw

    def other(self: Levels, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return draw(replace(self, depth=self.depth + deeper, rate=rate * self.rate), rng, shape)

    return lambda: patch.object(Levels, "draw", other)


def taking(inner: float) -> Altered:
    """Let every level take larger inner batches."""
    samples = Levels.samples

    def other(self: Levels, split: str, level: np.ndarray, D: int, *more: int) -> np.ndarray:
        return samples(self, split, level, D if split == SHARED else int(inner * D), *more)

    return lambda: patch.object(Levels, "samples", other)


@dataclass(frozen=True)
class Row:
    """A multilevel batch with something changed: code, or a statement; called, it returns the verdicts."""

    code: Altered = nullcontext
    changes: Mapping[str, Change] = field(default_factory=dict)

    def __call__(self) -> list[Verdict]:
        """Judge mean, corrections, variance, cost and the directions at points."""
        problem = problems.from_spec(SPEC)
        setting = Setting(problem, REACH / problem.constants().L, ("maml",))
        (experiment,) = KIND.experiments(setting, {"draws": DRAWS})
        with ExitStack() as stack:
            stack.enter_context(self.code())
            for name, change in self.changes.items():
                stack.enter_context(believed(statement(name), change))
            return judge_all(self._checks(experiment), ERROR)

    def _checks(self, experiment: Experiment) -> list[Check]:
        def made(e: Experiment) -> list[Check]:
            runner = Runner()
            return CLAIM.checks(e, runner(e), runner)

        rows = enumerate(made(experiment))
        fresh = experiment.fresh()
        return [replace(row, again=nth(lambda: made(fresh), number)) for number, row in rows]


SABOTAGES: Mapping[str, Row] = MappingProxyType(
    {
        "levels with weights a quarter as large": Row(
            estimator(lambda level, rate: rate * 2.0 ** -(level + 2))
        ),
        "levels not divided by their chance": Row(
            estimator(lambda level, rate: torch.ones_like(level) * 1.0)
        ),
        "one weight for all levels": Row(estimator(lambda level, rate: rate * 0.25 + 0.0 * level)),
        "second half of a level missing: one inner batch twice": Row(estimator(second=FIRST)),
        "coarse half of a level not averaged": Row(estimator(ends=1.0)),
        "outer batch of a level not shared": Row(estimator(middle="out")),
        "levels drawn with half the rate": Row(drawing(rate=0.5)),
        "levels drawn one too deep": Row(drawing(deeper=1)),
        "inner batches of a level twice as large": Row(taking(2.0)),
        "cost that ignores levels": Row(changes={lemmas.COST.name: instead(D_in + D_o)}),
        "variance of levels a fifth": Row(changes={lemmas.SPREAD_LEFT.name: times(Rational(1, 5))}),
        "correction of a level a hundredth": Row(
            changes={lemmas.CORRECTION_SIZE.name: times(Rational(1, 100))}
        ),
        "noise that is a tenth as smooth": Row(changes={lemmas.SMOOTHNESS.name: times(Rational(1, 10))}),
    }
)
"""By what is wrong. On ripples a correction is 45 times smaller than its bound: less is for the search to find."""

RIGHT: Mapping[str, Row] = MappingProxyType(
    {
        "built in": Row(),
        "written anew": Row(estimator()),
    }
)
"""Right ones, in styles of their own."""
