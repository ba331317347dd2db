r"""Where an algorithm stops with K samples for each of its batches and ever more tasks, on a problem on a line."""

from __future__ import annotations

from typing import Any

import torch
from scipy.optimize import brentq

from bounds.errors import InputError
from bounds.theory.algorithms.maml import MAML
from empirics.problems.mean_direction import mean_direction

WIDTH, DOUBLINGS = 0.05, 10
PROBE = 1e-3


def stop(problem: Any, alpha: float, shots: float, algorithm: str = MAML.name) -> float:
    r"""Return :math:`\|\nabla F\|` at the zero of the exact mean K-shot direction beside the minimiser of F.

    Without the noise of the tasks only the bias of the inner batch is left. HF-MAML's probe has a fixed length.

    Parameters
    ----------
    problem : Problem
        One-dimensional, with Gaussian noise and a known minimiser of F.
    alpha : float
        Inner step, unit W^2/F.
    shots : float
        Samples K of every batch.
    algorithm : str

    Raises
    ------
    InputError
        When the problem is none of these, or its mean direction has no zero nearby.
    """
    lowest = problem.lowest_point(alpha)
    if problem.dim != 1 or lowest is None:
        raise InputError("problem", problem.spec, "must be on a line, with a known minimiser of F")

    def at(t: float) -> torch.Tensor:
        return torch.tensor([t], dtype=torch.float64)

    def field(t: float) -> float:
        return float(mean_direction(problem, at(t), alpha, algorithm, shots, PROBE))

    centre = float(lowest[0])
    for reach in (WIDTH * 2**k for k in range(DOUBLINGS)):
        if field(centre - reach) < 0 < field(centre + reach):
            root = brentq(field, centre - reach, centre + reach, xtol=1e-15, rtol=1e-14)
            return float(problem.meta_gradient(at(float(root)), alpha).norm())
    raise InputError("problem", problem.spec, "must have a zero of the mean direction", "take more samples")
