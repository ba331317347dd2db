r"""The two matrix facts at points: :math:`P_i = I - \alpha\nabla^2 f_i(w)` and the mean Hessian's :math:`Q_i`.

The mean over the inner step is a sum with positive weights (Gauss-Legendre), which has norm at most L itself:
the facts hold for it without any error of the quadrature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds import statement
from bounds.theory import matrices as facts
from validate.claim import Claim, Kind
from validate.claims.extremes import Sides, known_values, starts, tightest
from validate.claims.pointwise import Local, applies
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.tolerance import round_off

PLACE = 15
POINTS = 16
NODES = 4


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare every matrix fact that applies at this inner step at the tightest point that was found."""
    return [check(experiment, name) for name in FACTS if applies(name, experiment.problem)]


def check(experiment: Experiment, name: str) -> Check:
    """Return the check of one fact."""
    start = starts(experiment, np.random.default_rng(experiment.seed), POINTS)
    return tightest(experiment, name, partial(_sides, experiment, name), start, "all tasks' P and Q")


def _sides(experiment: Experiment, name: str, w: Tensor) -> Sides:
    P, Q = factors(Local(experiment.problem, w, experiment.plan.alpha))
    x = experiment.plan.alpha * experiment.plan.constants.L
    left = FACTS[name](P, Q, x).numpy()
    bound = float(statement(name)(**known_values(experiment)))
    return Sides(left, np.full_like(left, bound), np.full_like(left, round_off((1 + x) ** 2)))


def factors(local: Local) -> tuple[Tensor, Tensor]:
    """Return P and Q of every task at every point, ``(n, n_tasks, dim, dim)``."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    identity = torch.eye(local.problem.dim, dtype=torch.float64)
    mean = sum(
        weight / 2 * hessians(local, local.points - (1 + node) / 2 * local.alpha * local.g)
        for node, weight in zip(nodes, weights, strict=True)
    )
    return identity - local.alpha * hessians(local, local.points), identity - local.alpha * mean


def hessians(local: Local, points: Tensor) -> Tensor:
    """Return every task's Hessian at points ``(n, 1 or n_tasks, dim)``, column by column."""
    basis = torch.eye(local.problem.dim, dtype=torch.float64)
    return local.problem.hessian_vector(local.tasks.unsqueeze(-1), points.unsqueeze(-2), basis)


def _product(P: Tensor, Q: Tensor, x: float) -> Tensor:
    identity = torch.eye(P.shape[-1], dtype=P.dtype)
    return torch.linalg.matrix_norm(P @ Q - (1 + x**2) * identity, ord=2).amax(1)


def _inner(P: Tensor, Q: Tensor, x: float) -> Tensor:
    product = P @ Q
    return torch.linalg.eigvalsh((product + product.transpose(-1, -2)) / 2).amin((1, 2))


def _most(P: Tensor, Q: Tensor, x: float) -> Tensor:
    return torch.linalg.eigvalsh(torch.stack([P, Q], 1)).abs().amax((1, 2, 3))


def _least(P: Tensor, Q: Tensor, x: float) -> Tensor:
    return torch.linalg.eigvalsh(torch.stack([P, Q], 1)).abs().amin((1, 2, 3))


FACTS: Mapping[str, Callable[[Tensor, Tensor, float], Tensor]] = MappingProxyType(
    {
        facts.PRODUCT_NORM.name: _product,
        facts.PRODUCT_NORM_ON_LINE.name: _product,
        facts.PRODUCT_INNER.name: _inner,
        facts.LARGEST_STRETCH.name: _most,
        facts.SMALLEST_STRETCH.name: _least,
    }
)
"""What each fact is about, over all tasks: from P, Q and alpha L."""


KIND = Kind("matrices", everyones=True)
CLAIM = Claim("matrix", ("matrices",), checks, tuple(FACTS))
