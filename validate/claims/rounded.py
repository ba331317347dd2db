r"""The computed central difference: truncation and round-off together, in single precision.

Rounding a vector to the nearest single-precision numbers is off by at most :math:`u = 2^{-24}` of its norm. So the
gradients of the double-precision problem at rounded points, rounded, are off by :math:`u(\|\nabla f\| + L\|w\|)`,
where :math:`\|w\|` is the size of what is rounded to give the point.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds import statement
from bounds.theory import difference
from validate.claim import Claim
from validate.claims.extremes import Sides, known_values, starting, tightest, title
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.tolerance import DOUBLE, SINGLE, gradient_scale, norm, round_off

PLACE = 13
COMPUTED = difference.COMPUTED_ERROR.name
POINTS, ROUNDS = 64, 40
FAR = 1e4
"""Every fourth climb starts this much further out, where the rounding of the points is what counts."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the error of the rounded difference with its bound where it is tightest."""
    if experiment.plan.constants.rho:
        return [computed(experiment)]
    reason = "rho = 0: no step of the difference is too long, and none is best"
    return [experiment.nothing(title(COMPUTED), COMPUTED, reason, "all")]


def computed(experiment: Experiment) -> Check:
    """Return the check at the tightest point, direction and step; steps lie within 10^{+-2} of the best one."""
    rng = np.random.default_rng(experiment.seed)
    w = starting(experiment, POINTS, rng)
    w[::4] *= FAR
    v = torch.from_numpy(rng.standard_normal(w.shape))
    factor = torch.from_numpy(10 ** rng.uniform(-2, 2, POINTS))
    sides = partial(_sides, experiment, factor)
    return tightest(
        experiment, COMPUTED, sides, torch.cat([w, v], 1), "points and gradients in single precision", ROUNDS
    )


def _sides(experiment: Experiment, factor: Tensor, state: Tensor) -> Sides:
    """Both sides at ``(w, v)`` with ``factor`` times the best step for the gradient at w."""
    problem, constants = experiment.problem, experiment.plan.constants
    w, v = (part.unsqueeze(1) for part in state.chunk(2, -1))
    tasks = torch.arange(problem.n_tasks).expand(len(state), -1)
    known = known_values(experiment) | {"rounding": SINGLE, "probe_norm": norm(v).numpy()}
    size = norm(problem.gradient(tasks, w)).numpy()
    least = DOUBLE * constants.L**2 / constants.rho
    given = {"probe_gradient": np.maximum(size, least), "point_norm": norm(w).numpy()}
    best = np.asarray(difference.BEST_STEP(**known, **given))
    delta = torch.from_numpy(best) * factor[:, None]
    step = delta.unsqueeze(-1)
    ends = [problem.gradient(tasks, (w + sign * step * v).float().double()) for sign in (1, -1)]
    ahead, behind = (end.float().double() for end in ends)
    left = norm((ahead - behind) / (2 * step) - problem.hessian_vector(tasks, w, v.expand_as(ahead)))
    largest = torch.maximum(norm(ends[0]), norm(ends[1]))
    far = norm(w) + 2 * norm(step * v)
    given = {
        "delta": delta.numpy(),
        "probe_gradient": largest.clamp(min=least).numpy(),
        "point_norm": far.numpy(),
    }
    value = statement(COMPUTED)(**known, **given)
    bound = torch.from_numpy(np.broadcast_to(value, left.shape).copy())
    doubt = round_off(gradient_scale(largest, constants.L, norm(w) + norm(step * v))) / delta
    return Sides.of_worst_task(left, bound, doubt, (left - doubt) / bound)


CLAIM = Claim("rounding", ("estimators",), checks, (COMPUTED,))
