r"""What the inner batch and the test-time batch add: bias, variance and second moments at points.

With :math:`n = \tilde g_i - g_i` the inner batch's noise, :math:`-\alpha\nabla^2 f_i(w_i^+)\,n` has mean zero. It
is subtracted from every draw of :math:`\nabla f_i(w-\alpha\tilde g_i)`: what is left has the same mean and
a noise of order 1/D, as small as the bias itself. Bias is exact where the family knows the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds import statement
from bounds.theory import estimators as lemmas
from empirics.problems.mean_direction import GaussianInner
from validate.claim import Claim, Kind
from validate.claims.draws import Spot, mean_square_check, spot_check, spots
from validate.claims.extremes import Sides, known_values, starting, tightest
from validate.experiment import Experiment, Run
from validate.instances.points import Local
from validate.judge import Check, Measure
from validate.statistics import norm_interval
from validate.tolerance import DOUBLE, gradient_scale, norm, round_off

PLACE = 14
OUTER = 8
"""How many times larger the outer batch is than the inner one, so that the inner noise is seen."""
SAMPLES = (1, 16, 1024)
CLIMBS, ROUNDS = 16, 20
BIAS = (lemmas.INNER_BIAS.name, lemmas.RECORDED_BIAS.name)
TEST = (lemmas.TEST_ADAPTATION.name, lemmas.RECORDED_TEST.name)
VARIANCE, SECOND = lemmas.INNER_VARIANCE.name, lemmas.INNER_MOMENT.name
MOMENTS = (lemmas.TASK_MOMENT.name, lemmas.RECORDED_MOMENT.name)


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare bias, variance and second moments of the outer gradient, and F^ with F."""
    if not experiment.plan.constants.sigma_tilde:
        reason = "sigma_tilde = 0: the inner batch adds no noise"
        return [experiment.nothing("inner.bias", BIAS[0], reason, "all")]
    exact = isinstance(experiment.problem, GaussianInner)
    first = [exact_bias(experiment, name) for name in BIAS] if exact else []
    rest = [check for spot in spots(experiment) for check in at(spot)]
    return first + [check for check in rest if not (exact and check.statement in BIAS)]


def exact_bias(experiment: Experiment, name: str) -> Check:
    """Return the check of the exact bias at its tightest point and inner batch size."""
    start = starting(experiment, CLIMBS * len(SAMPLES))
    sides = partial(_bias_sides, experiment, name)
    words = f"exact mean, D_in among {SAMPLES}"
    return tightest(experiment, name, sides, start, words, ROUNDS)


def _bias_sides(experiment: Experiment, name: str, w: Tensor) -> Sides:
    """Both sides; the rows of w are shared out among the batch sizes."""
    problem: Any = experiment.problem
    local = Local(problem, w, experiment.plan.alpha)
    D = np.resize(SAMPLES, len(w)).astype(float)
    mean = torch.empty_like(local.outer)
    for size in np.unique(D):
        rows = torch.from_numpy(np.flatnonzero(size == D))
        mean[rows] = problem.adapted_gradient(local.tasks[rows], local.points[rows], local.alpha, float(size))
    left = norm(mean - local.outer)
    doubt = round_off(gradient_scale(norm(local.outer), experiment.plan.constants.L, norm(local.points)))
    bound = statement(name)(**(known_values(experiment) | {"D_in": D}))
    return Sides.of_worst_task(left, bound, doubt)


@dataclass(frozen=True)
class Inner:
    """Noisy inner steps at a spot; every array has the shape ``(n, n_tasks, dim)``."""

    spot: Spot

    @cached_property
    def batch(self) -> Tensor:
        """The inner batches."""
        return self.spot.batch("in", self.spot.D)

    @cached_property
    def linear(self) -> Tensor:
        r"""The part :math:`-\alpha\nabla^2 f_i(w_i^+)\,n` of the change of the outer gradient, of mean zero."""
        spot, local = self.spot, self.spot.local
        noise = spot.problem.gradient(spot.tasks, spot.w, self.batch) - local.g
        return -local.alpha * spot.problem.hessian_vector(
            spot.tasks, local.points - local.alpha * local.g, noise
        )

    @cached_property
    def adapted(self) -> Tensor:
        """The adapted points."""
        return self.spot.w - self.spot.local.alpha * self.spot.problem.gradient(
            self.spot.tasks, self.spot.w, self.batch
        )

    @cached_property
    def outer(self) -> Tensor:
        """Exact gradients at the adapted points."""
        return self.spot.problem.gradient(self.spot.tasks, self.adapted)

    @cached_property
    def v(self) -> Tensor:
        """Gradients at the adapted points over independent outer batches."""
        batch = self.spot.batch("out", OUTER * self.spot.D)
        return self.spot.problem.gradient(self.spot.tasks, self.adapted, batch)

    @cached_property
    def bias(self) -> Tensor:
        r"""Values with the mean :math:`E\,\nabla f_i(\tilde w_i^+) - \nabla f_i(w_i^+)`."""
        return self.outer - self.spot.local.outer - self.linear

    @cached_property
    def growth(self) -> Tensor:
        r"""Values with the mean :math:`E\|v_i\|^2 - \|\nabla f_i(w_i^+)\|^2`, ``(n, n_tasks)``."""
        start = self.spot.local.outer
        return 2 * (start * self.bias).sum(-1) + (self.v - start).square().sum(-1)

    @cached_property
    def adaptation(self) -> Tensor:
        r"""Values with the mean :math:`\nabla\hat F(w) - \nabla F(w)`, ``(n, dim)``.

        Gradient and Hessian share the batch. Subtracted, of mean zero: the linear part, and the Hessian's noise
        times the exact gradient.
        """
        spot, local = self.spot, self.spot.local

        def through(v: Tensor, batch: Tensor | None) -> Tensor:
            return v - local.alpha * spot.problem.hessian_vector(spot.tasks, spot.w, v, batch)

        noise = through(local.outer, self.batch) - through(local.outer, None)
        return (through(self.outer, self.batch) - local.meta - through(self.linear, None) - noise).mean(1)


def at(spot: Spot) -> list[Check]:
    """Return the checks at one point, all by Monte Carlo."""
    inner, local, task = Inner(spot), spot.local, spot.task
    start = local.outer[0]
    size = {"outer_norm": float(start[task].norm()), "gradient": float(local.values["gradient"][0])}
    sizes: dict[str, Any] = {"D_in": spot.D, "D_o": OUTER * spot.D, "D_test": spot.D}
    given = sizes | size | {"phi": _best_phi(spot, size["outer_norm"])}
    words = f"D_in = {spot.D}, D_o = {OUTER * spot.D}"
    square = partial(mean_square_check, spot)
    distance = partial(spot_check, spot, margin=round_off(spot.scale))
    biased, adapted = norm_of_mean(inner.bias[:, task]), norm_of_mean(inner.adaptation)
    moment = inner.growth[:, task].numpy(), given, f"E||v_i||^2, {words}"
    everyone = inner.growth.mean(1).numpy(), given, f"E||v_i||^2 over all tasks, {words}"
    own, mean = float(start[task].square().sum()), float(start.square().sum(-1).mean())
    return [
        *(distance(name, biased, given, f"distance of the mean, {words}") for name in BIAS),
        square(VARIANCE, spread(inner.v[:, task]), given, f"variance, {words}"),
        *(square(name, *moment, offset=own) for name in MOMENTS),
        square(SECOND, *everyone, offset=mean),
        *(distance(name, adapted, given, f"grad F^ - grad F, D_test = {spot.D}") for name in TEST),
    ]


def spread(vectors: Tensor) -> np.ndarray:
    r"""Return independent values with mean :math:`E\|X - E X\|^2`: half the squared distances of pairs."""
    return ((vectors[::2] - vectors[1::2]).square().sum(-1) / 2).numpy()


def norm_of_mean(vectors: Tensor) -> Measure:
    """Return the measure of the norm of the mean of independent vectors."""
    centre = vectors.mean(0)
    deviation = math.sqrt(float((vectors - centre).square().sum(-1).mean()) / (len(vectors) - 1))
    return partial(norm_interval, float(centre.norm()), deviation, len(vectors))


def _best_phi(spot: Spot, outer_norm: float) -> float:
    """Return the Young parameter at which the recorded second moment is smallest."""
    constants = spot.experiment.plan.constants
    noise = spot.experiment.plan.alpha * constants.L * constants.sigma_tilde / math.sqrt(spot.D)
    return max(outer_norm / noise, DOUBLE)


KIND = Kind("estimators", everyones=True)
CLAIM = Claim("estimator", ("estimators",), checks, (*BIAS, VARIANCE, SECOND, *MOMENTS, *TEST))
