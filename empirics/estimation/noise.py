r"""How much the tasks differ, and how noisy one sample is, at one point.

Here the samples given are all of a task, and draws with replacement from them are the noise: the numbers are
exact. Where they were drawn from something larger, :mod:`empirics.estimation.looking` takes unbiased versions.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from empirics.estimation.derivatives import products
from empirics.estimation.model import BatchLoss
from empirics.estimation.sources import Data, rows
from empirics.estimation.spectrum import largest

PROBES = 4
"""Random vectors for the Frobenius norm of a Hessian's noise (Hutchinson)."""


def spread(each: Tensor) -> float:
    r"""Return :math:`E\|x - E\,x\|^2` of vectors, one a row: gradients of tasks, or of the samples of one."""
    return float((_centred(each) ** 2).sum(-1).mean())


def hessian_noise(
    loss: BatchLoss, w: Tensor, data: Data, rng: np.random.Generator
) -> tuple[float, Tensor, float]:
    r"""Return :math:`\sup_{|v|=1} E\|\tilde H v\|^2`, its v, and :math:`E\|\tilde H\|_F^2`.

    :math:`\tilde H` is the noise of one sample's Hessian.  The first by Lanczos on
    :math:`v \mapsto E\,\tilde H^2 v`, the second from random signs v, for which
    :math:`E\|\tilde Hv\|^2 = E\|\tilde H\|_F^2`, or the unit vectors where these are as few.
    """
    dim = len(w)

    def squared(v: Tensor) -> Tensor:
        noise = _centred(products(loss, w, data, v.to(w)))
        return products(loss, w, data, noise).mean(0)

    top, vector = largest(squared, dim, rng, "LA")
    few = dim <= PROBES
    probes = np.eye(dim) if few else rng.choice([-1.0, 1.0], (PROBES, dim))
    sizes = [spread(products(loss, w, data, torch.from_numpy(v).to(w))) for v in probes]
    frobenius = sum(sizes) if few else sum(sizes) / len(sizes)
    return max(top, 0.0), vector.to(w), max(frobenius, top)


def split(data: Data) -> tuple[Data, Data]:
    """Return the two halves of a task's samples."""
    half = len(data[0]) // 2
    return rows(data, slice(0, half)), rows(data, slice(half, None))


def _centred(each: Tensor) -> Tensor:
    return each - each.mean(0)
