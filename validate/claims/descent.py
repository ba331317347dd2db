r"""Descent: how much one step from a fixed point lowers F, against the one-step inequality of its step rule.

The statements bound :math:`E[F(w^+)\mid w] - F(w)`; what is reported is the fall, with the sign turned. The
gradient, the bias and :math:`E_i\|\nabla f_i\|` at the point are exact. The variance of the direction is taken
from the same draws: the fall and what the bound adds for the variance are averaged together, so the interval
covers the doubt about both. With exact tasks there is nothing to average. The self-scaled rule's inequality
holds for every single draw, and for any direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import torch

from bounds.bound import Statement
from bounds.errors import InputError
from bounds.theory.inner_steps.one_step import descents
from empirics.checks import step_rule
from empirics.problems import several
from empirics.steps import step_size
from validate.claim import Claim, Kind, Table
from validate.claims.exact import exactly
from validate.claims.extremes import SIZES
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.instances.climbing import climb
from validate.instances.points import Local, Point
from validate.judge import Check
from validate.onestep import DRAWS, Draws, draw, exact_mean, experiments, mean_is_known, points
from validate.schema import DRAWS as SEVERAL_DRAWS
from validate.statistics import mean_interval
from validate.tolerance import TINY, gradient_scale, round_off

PLACE = 9
ADVERSARIES, ROUNDS = 64, 60
SHARES = tuple(np.geomspace(1e-3, 1.0, 10))
LEAST_SHARE = 1e-9


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the fall of F in one step, at a few points, with the inequality of the plan's step rule."""
    plan = experiment.plan
    setting = Setting(experiment.problem, plan.alpha, seed=experiment.seed, inner_steps=plan.inner_steps)
    here = points(setting)
    local = Local(experiment.problem, here, plan.alpha).after(plan.inner_steps)
    at = _pathwise if experiment.labels["rule"] == "self-scaled" else _mean
    cases = (Case(experiment, local, w, number) for number, w in enumerate(here))
    rows = [check for case in cases for check in at(case)]
    return rows[:1] if all(row.condition for row in rows) else rows


@dataclass(frozen=True)
class Case:
    """One point of an experiment."""

    experiment: Experiment
    local: Point
    w: torch.Tensor
    number: int

    @property
    def gradient(self) -> torch.Tensor:
        """The exact gradient of F there."""
        return self.local.meta[self.number].mean(0)

    @cached_property
    def values(self) -> dict[str, float]:
        """What the statement may ask about the plan and the point."""
        own = {key: float(value[self.number]) for key, value in self.local.values.items()}
        return self.experiment.plan.problem_values() | own

    def least_fall(self, **values: Any) -> Any:
        """Return how much F must fall, by the right-hand side."""
        return -_inequality(self.experiment)(**(self.values | values))

    def round_off(self, scale: float) -> float:
        """Return the numerical error of a difference of two values of F, whose terms are of order f and L|w|^2."""
        L, size = self.experiment.plan.constants.L, float(self.w.norm())
        value = abs(float(_objective(self, self.w)))
        return round_off(value + abs(scale) + size * gradient_scale(self.values["mean_norm"], L, size))

    def check(self, claim: str, note: str, bound: float, **more: Any) -> Check:
        """Return a check of the fall at this point."""
        plan, y = self.experiment.plan, self.values["y"]
        where = f"point {self.number}, ||grad F|| = {y:.3g}, step factor {plan.step_factor:.3g}"
        return self.experiment.check(
            claim,
            _inequality(self.experiment),
            bound,
            side=">=",
            detail=f"{note}; {where}",
            **more,
        )


def _inequality(experiment: Experiment) -> Statement:
    return descents(experiment.plan.inner_steps)[experiment.labels["rule"]]


# ---- rules with an inequality in the mean -----------------------------------------------------------


def _mean(case: Case) -> list[Check]:
    make = partial(case.check, "descent", "mean fall of F in one step")
    count = int(case.experiment.labels.get("draws", DRAWS))
    own = draw(case.experiment, case.w, case.number, count)
    reference = _reference(case, own)
    try:
        bias = _bias(case, reference)
    except InputError as error:
        return [make(float("nan"), condition=str(error))]
    if not np.isfinite(own.fall).all():
        return [make(float("nan"), failure="the step is not finite")]
    bound, sample = _compared(case, bias, own, reference)
    if not case.experiment.exact:
        return [make(bound, measure=partial(mean_interval, sample), n=count)]
    return [make(bound, measure=exactly(sample[0]), margin=case.round_off(bound))]


def _compared(case: Case, bias: float, own: Draws, reference: Draws) -> tuple[float, np.ndarray]:
    r"""Return the least fall at the reference's sample variance V, and a sample whose mean is the fall.

    A draw is its fall plus its own part in the doubt about V, :math:`p(\|G-\bar G\|^2 - V)` with p what the
    right-hand side asks for a unit of V. The share theta is the best one, :math:`\|bias\|/y`.
    """
    y, n = case.values["y"], len(reference.G)
    theta = min(1.0, max(bias / y, LEAST_SHARE)) if y > 0 else 1.0
    squares = ((reference.G - reference.G.mean(0)) ** 2).sum(1) * case.values["B"] * n / max(n - 1, 1)
    V = float(squares.mean())
    noisy, quiet = (float(case.least_fall(bias=bias, theta=theta, variance=v)) for v in (V, 0.0))
    price = (quiet - noisy) / V if V > 0 else 0.0
    return noisy, own.fall + price * (squares - V)


def _bias(case: Case, reference: Draws) -> float:
    """Return the distance of the algorithm's mean direction from grad F; with exact tasks a draw is its mean."""
    plan, problem = case.experiment.plan, case.experiment.problem
    several_steps = plan.inner_steps > 1
    if several_steps and case.experiment.exact:
        mean = torch.from_numpy(reference.G[0])
    elif several_steps and not mean_is_known(problem, plan.algorithm, plan.inner_steps):
        allowed = "leaves the mean direction open but with exact tasks, or after two steps on a line"
        raise InputError("inner_steps", plan.inner_steps, allowed)
    else:
        mean = exact_mean(problem, plan, case.w, float(plan.D_in or 1))
    return float((mean - case.gradient).norm())


def _reference(case: Case, own: Draws) -> Draws:
    """Return the draws of the algorithm as the paper has it, on the same tasks and samples."""
    given = case.experiment
    if given.direction is None:
        return own
    return draw(replace(given, direction=None), case.w, case.number, len(own.fall))


# ---- the self-scaled rule: every draw, and any direction --------------------------------------------


def _pathwise(case: Case) -> list[Check]:
    count = int(case.experiment.labels.get("draws", DRAWS))
    own = draw(case.experiment, case.w, case.number, count)
    climbs = f"fall of F after the worst direction of {ADVERSARIES} climbs"
    return [
        _worst(case, own, "descent.draw", f"fall of F in the worst of {count:,} draws"),
        _worst(case, worst_directions(case), "descent.direction", climbs),
    ]


def _worst(case: Case, own: Draws, claim: str, note: str) -> Check:
    if not np.isfinite(own.fall).all():
        failure = "the step is not finite"
        return case.check(claim, note, float("nan"), failure=failure, n=len(own.fall))
    need, scale = _needed(case, own.G)
    worst = int(np.argmax(np.nan_to_num((need - own.fall) / scale, nan=np.inf)))
    return case.check(
        claim,
        note,
        float(need[worst]),
        measure=exactly(own.fall[worst]),
        margin=case.round_off(float(scale[worst])),
        n=len(own.fall),
    )


def _needed(case: Case, G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least fall after each direction, at its best theta, and the scale to compare it on."""
    error = np.linalg.norm(G - case.gradient.numpy(), axis=1)
    falls = [error * 0 + case.least_fall(error=error, theta=share) for share in SHARES]
    need = np.max(falls, axis=0)
    return need, np.abs(need) + float(case.least_fall(error=0.0, theta=1.0)) + TINY


def worst_directions(case: Case) -> Draws:
    """Look for the directions after which the inequality is tightest, from many starts."""
    y, gradient = case.values["y"], case.gradient
    rng = np.random.default_rng(case.experiment.seed)
    sizes = y * 10 ** rng.uniform(-2, 1, (ADVERSARIES, 1))
    start = gradient + torch.from_numpy(sizes * rng.standard_normal((ADVERSARIES, len(gradient))))

    def score(G: np.ndarray) -> np.ndarray:
        need, scale = _needed(case, G)
        return (need - _falls(case, torch.from_numpy(G))) / scale

    best, _ = climb(score, start.numpy(), rng, ROUNDS, SIZES, y)
    return Draws(_falls(case, torch.from_numpy(best)), best)


def _falls(case: Case, G: torch.Tensor) -> np.ndarray:
    beta = step_size(*step_rule(case.experiment.plan), case.w.expand_as(G), G, ()).unsqueeze(-1)
    return (_objective(case, case.w) - _objective(case, case.w - beta * G)).numpy()


def _objective(case: Case, w: torch.Tensor) -> torch.Tensor:
    """Return F with the plan's inner steps."""
    problem, plan = case.experiment.problem, case.experiment.plan
    if plan.inner_steps == 1:
        return problem.objective(w, plan.alpha)
    return several.meta(problem, w, plan.alpha, plan.inner_steps)[0]


# ---- the claim --------------------------------------------------------------------------------------


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    yield from experiments(setting, table.get("draws", DRAWS), table.get("exact", False))


_ENTRIES = {"draws": SEVERAL_DRAWS, "exact": {"type": "boolean"}}
KIND = Kind("descent", _experiments, _ENTRIES, everyones=True, several=True)
CLAIM = Claim("descent", ("descent",), checks, quantities=("descent",))
