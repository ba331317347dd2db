r"""One step from a fixed point, drawn many times: what the descent inequalities speak about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bounds import Plan, StepRule
from bounds.given import NEUTRAL
from bounds.plan import Algorithm
from bounds.recommendation.model import Model
from bounds.theory.algorithms import algorithm as known
from empirics.problems import several
from empirics.problems.mean_direction import knows_mean, mean_direction
from validate.experiment import Experiment
from validate.instances.points import scale
from validate.instances.starts import downhill
from validate.setting import Setting, bare_plan

if TYPE_CHECKING:
    from empirics.problems.base import Problem

MEANS = ("sampled", "paper-step", "self-scaled-mean", "constant")
"""Step rules whose inequality is about the mean; that of the self-scaled step holds draw by draw as well."""
BATCHES = {"B": 16, "D_in": 2, "D_o": 2, "D_h": 2, "B_prime": 16, "D_beta": 4}
INFINITE = dict.fromkeys(BATCHES, 10**30)
FRACTION = 0.5
"""Part of the largest step factor: then both the slope and the curvature of F matter."""
DRAWS = 4000
DOWNHILL = 12
NEAR = 0.3


@dataclass(frozen=True)
class Draws:
    """Independent steps from one point.

    Attributes
    ----------
    fall : ndarray, shape (n,)
        :math:`F(w) - F(w^+)`, exact for each draw. Unit F.
    G : ndarray, shape (n, dim)
        The averaged direction of each draw. Unit F/W.
    """

    fall: np.ndarray
    G: np.ndarray


def experiments(setting: Setting, draws: int = DRAWS, exact: bool = False) -> Iterator[Experiment]:
    """Look at one step of every algorithm under every step rule, from small batches or with exact tasks.

    The mean of the direction is known for Gaussian noise, and HF-MAML's in one dimension only; with several inner
    steps where tasks are exact, and after two on a line. Where it is not, one step rule is left to say so. The
    self-scaled rule takes any direction.
    """
    tasks, seen = torch.arange(setting.problem.n_tasks), points(setting).unsqueeze(1)
    sizes = setting.problem.gradient(tasks, seen).norm(dim=-1).mean(-1)
    M = float(sizes.nan_to_num(nan=0.0, posinf=0.0).max())
    for algorithm in setting.algorithms:
        rules = known(algorithm, setting.inner_steps).rules
        means = tuple(rule for rule in MEANS if rule in rules)
        certain = mean_is_known(setting.problem, algorithm, setting.inner_steps)
        means = means if certain or (exact and setting.inner_steps > 1) else means[:1]
        for rule in (*means, "self-scaled") if algorithm == setting.algorithms[0] else means:
            made = plan(setting, algorithm, rule, M, INFINITE if exact else BATCHES)
            labels = {"rule": rule, "draws": 1 if exact else draws}
            title = f"{rule}/exact" if exact else rule
            yield setting.experiment("descent", made, title, labels=labels, exact=exact)


def mean_is_known(problem: Problem, algorithm: Algorithm, inner_steps: int) -> bool:
    """Whether :func:`exact_mean` is known for an algorithm with so many inner steps."""
    if inner_steps == 1:
        return knows_mean(problem, algorithm)
    return several.knows_mean(problem, known(algorithm), inner_steps)


def exact_mean(problem: Problem, plan: Plan, w: Tensor, D_in: float) -> Tensor:
    """Return the mean of the direction of a plan's algorithm, with D_in samples in its inner batches."""
    if plan.inner_steps == 1:
        return mean_direction(problem, w, plan.alpha, plan.algorithm, D_in, plan.probe_length)
    return several.mean_direction(problem, w, plan.alpha, D_in, known(plan.algorithm).takes_hessians)


def plan(setting: Setting, algorithm: Algorithm, rule: str, M: float, batches: Mapping[str, int]) -> Plan:
    """Return a plan with these batches and a step rule of the theory, at half of its largest step factor."""
    constants = replace(setting.constants, M=M)
    length = 0.05 * constants.L / (constants.rho or 1.0)
    bare = bare_plan(setting, algorithm, length, **batches).with_(constants=constants)
    model = Model(algorithm, rule, constants, setting.alpha, bare.epsilon, inner_steps=setting.inner_steps)
    values = bare.values() | {"theta": 1.0, **NEUTRAL, "probe_length": bare.probe_length or 1.0}
    return bare.with_(
        theory="paper" if rule == "paper-step" else "sharp",
        step_rule=StepRule(model.way.kind, *model.way.curve.of(values)),
        step_factor=FRACTION * model.largest_step_factor(values),
    )


def points(setting: Setting) -> Tensor:
    r"""Return the start, a point beside it, a point downhill from it, and where FO-MAML stops, if that is known.

    Downhill: twelve exact gradient steps on F.
    """
    problem, alpha, steps = setting.problem, setting.alpha, setting.inner_steps
    rng, constants = np.random.default_rng(setting.seed), problem.constants()
    aside = torch.from_numpy(rng.standard_normal(problem.dim))
    length = NEAR * scale(constants)
    below = next(islice(downhill(problem, alpha, steps), DOWNHILL - 1, None))
    found = [problem.start, problem.start + length * aside / aside.norm(), below]
    stop = getattr(problem, "fo_fixed_point", None) if steps == 1 else None
    return torch.stack([*found, *([] if stop is None else [stop(alpha)])])


def draw(experiment: Experiment, w: Tensor, number: int, count: int) -> Draws:
    """Draw independent steps from one point: the simulator's own step, started at ``w`` again and again."""
    from empirics import algorithms
    from empirics.measure import exact_values
    from empirics.run import Run

    chosen, made = experiment.direction, experiment.plan
    direction = algorithms.by_name(chosen, made) if isinstance(chosen, str) else chosen
    key = f"{experiment.key}/descent/{number}"
    run = Run.make(experiment.problem, made, direction, experiment.seed, key, experiment.exact)
    shapes = run.layout()
    advance, start = run.stepper(range(shapes.replicates)), w.expand(shapes.replicates, -1)
    pairs = [advance(k, start) for k in range(-(-count // shapes.replicates))]
    after, beta = (torch.cat(part)[:count] for part in zip(*pairs, strict=True))
    points = torch.cat([after, w[None]])
    ends = exact_values(experiment.problem, points, made.alpha, shapes.points, made.inner_steps)[0]
    return Draws((ends[-1] - ends[:-1]).numpy(), ((w - after) / beta[:, None]).numpy())
