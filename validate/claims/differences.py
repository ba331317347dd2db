r"""The central difference of HF-MAML: its error, and its noise with the same and with fresh samples.

.. math:: d = \frac{\tilde\nabla f_i(w+\delta v, D_h) - \tilde\nabla f_i(w-\delta v, D_h)}{2\delta}
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds import statement
from bounds.theory import difference as lemmas
from validate.claim import Claim
from validate.claims.draws import Spot, mean_square_check, spots
from validate.claims.extremes import Sides, known_values, starting, tightest, title
from validate.experiment import Experiment, Run
from validate.instances.starts import unit_vectors
from validate.judge import Check
from validate.tolerance import gradient_scale, norm, round_off

PLACE = 12
POINTS = 32
BIAS, NOISE = lemmas.DIFFERENCE_BIAS.name, lemmas.SAME_NOISE.name
FRESH, BATCH = lemmas.FRESH_NOISE.name, lemmas.HESSIAN_BATCH.name
PROBES = (0.1, 1.5)
"""Lengths of the probes, in units of sigma_tilde/sigma_H, on which the noise of the gradient changes."""
EQUAL = 0.15


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the error of the difference where it is largest, and its noise at two points."""
    none = partial(experiment.nothing, algorithm="all")
    exact = none(title(BIAS), BIAS, "rho = 0: the difference is exact")
    quiet = none(title(NOISE), NOISE, "a sample has no noise of its Hessian")
    return [bias(experiment) if experiment.plan.constants.rho else exact, *(noise(experiment) or [quiet])]


def bias(experiment: Experiment) -> Check:
    """Return the check of the difference's error at its tightest point, direction and difference step."""
    rng, constants = np.random.default_rng(experiment.seed), experiment.plan.constants
    w = starting(experiment, POINTS, rng)
    length = constants.L / constants.rho * 10 ** rng.uniform(-5, 1, (POINTS, 1))
    probes = torch.from_numpy(length * unit_vectors(rng, POINTS, experiment.problem.dim))
    delta = torch.from_numpy(experiment.plan.alpha * 10 ** rng.uniform(-3, 1, POINTS))
    sides = partial(_bias_sides, experiment, delta)
    return tightest(experiment, BIAS, sides, torch.cat([w, probes], 1), "exact error")


def _bias_sides(experiment: Experiment, delta: Tensor, state: Tensor) -> Sides:
    """Both sides at ``(w, delta v)``; what counts is the task with the largest error beyond round-off."""
    problem, constants = experiment.problem, experiment.plan.constants
    w, probe = (part.unsqueeze(1) for part in state.chunk(2, -1))
    tasks = torch.arange(problem.n_tasks).expand(len(state), -1)
    step = delta[:, None, None]
    ahead, behind = problem.gradient(tasks, w + probe), problem.gradient(tasks, w - probe)
    left = norm((ahead - behind) / (2 * step) - problem.hessian_vector(tasks, w, probe / step))
    reach = (1 + constants.rho / constants.L * norm(probe)) * (norm(w) + norm(probe))
    doubt = round_off(gradient_scale(norm(ahead) + norm(behind), constants.L, reach)) / delta[:, None]
    lengths = {"delta": delta.numpy(), "probe_norm": (norm(probe)[:, 0] / delta).numpy()}
    return Sides.of_worst_task(left, statement(BIAS)(**(known_values(experiment) | lengths)), doubt)


def noise(experiment: Experiment) -> list[Check]:
    """Return the checks of the difference's noise; none where a sample has no noise of its Hessian."""
    if not (experiment.plan.constants.sigma_tilde and experiment.plan.constants.sigma_H):
        return []
    return [check for spot in spots(experiment) for check in _noise_at(spot)]


def _noise_at(spot: Spot) -> list[Check]:
    constants = spot.experiment.plan.constants
    probe = PROBES[spot.number] * constants.sigma_tilde / constants.sigma_H
    rng = np.random.default_rng((spot.experiment.seed, spot.number))
    v = torch.from_numpy(unit_vectors(rng, 1, spot.problem.dim) * 10 ** rng.uniform(-1, 1))
    delta = probe / float(v.norm())
    given = {"delta": delta, "probe_norm": float(v.norm()), "D_h": spot.D}
    words = f"probe {probe:.3g} long, delta = {delta:.3g}, D_h = {spot.D}"
    same, fresh = (noise_square(spot, v, delta, spot.D, two) for two in (False, True))
    make = partial(mean_square_check, spot)
    rows = [
        make(NOISE, same, given, f"same samples, {words}"),
        make(FRESH, fresh, given, f"fresh samples, {words}"),
    ]
    return [*rows, _kept(spot, v, delta), *_grows(spot, v, delta, fresh, words)]


def _grows(spot: Spot, v: Tensor, delta: float, fresh: np.ndarray, words: str) -> list[Check]:
    r"""With fresh samples the noise is that of two gradients over :math:`4\delta^2`: it grows as delta falls."""
    ends = [
        spot.problem.noise_moments(spot.tasks[:1], end) for end in (spot.w + delta * v, spot.w - delta * v)
    ]
    if ends[0] is None or ends[1] is None:
        return []
    expected = sum(float(end[0][0, spot.task]) for end in ends if end) / (4 * delta**2 * spot.D)
    row = mean_square_check(
        spot,
        FRESH,
        fresh,
        {},
        f"two exact variances, {words}",
        claim="difference.growth",
        bound=expected,
    )
    return [replace(row, side="==", margin=EQUAL * expected)]


def _kept(spot: Spot, v: Tensor, delta: float) -> Check:
    r"""With D_h as the statement has it, :math:`\alpha^2E\|d - E\,d\|^2` is at most :math:`\|v\|^2`."""
    alpha, size = spot.experiment.plan.alpha, float(v.norm())
    given = known_values(spot.experiment) | {"probe_length": delta * size}
    D = max(1, math.ceil(statement(BATCH)(**given)))
    sample = (alpha / size) ** 2 * noise_square(spot, v, delta, D, False)
    words = f"alpha^2 E||d - Ed||^2 / ||v||^2 with D_h = {D}, as asked for"
    return mean_square_check(spot, BATCH, sample, {}, words, claim="difference.batch", bound=1.0)


def noise_square(spot: Spot, v: Tensor, delta: float, D: int, fresh: bool) -> np.ndarray:
    r"""Return independent values of :math:`\|d_i - E\,d_i\|^2` of one task; the mean is exact."""
    batch = spot.batch("hess", D)
    other = spot.batch("out", D) if fresh else batch
    made = difference(spot, v, delta, batch, other) - difference(spot, v, delta, None, None)
    return made[:, spot.task].square().sum(-1).numpy()


def difference(spot: Spot, v: Tensor, delta: float, ahead: Tensor | None, behind: Tensor | None) -> Tensor:
    """Return the central difference of every task with these batches, ``(n, n_tasks, dim)``."""
    forward = spot.problem.gradient(spot.tasks, spot.w + delta * v, ahead)
    return (forward - spot.problem.gradient(spot.tasks, spot.w - delta * v, behind)) / (2 * delta)


CLAIM = Claim("difference", ("estimators",), checks, (BIAS, NOISE, FRESH, BATCH))
