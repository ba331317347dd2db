"""The largest eigenvalue of an operator that is known by its products alone (Lanczos, ARPACK through scipy)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import torch
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
from torch import Tensor

Product = Callable[[Tensor], Tensor]
DENSE = 12
"""Up to this dimension the whole matrix is made: its products cost less than Lanczos."""
TOLERANCE = 0.02


def largest(
    product: Product, dim: int, rng: np.random.Generator, which: Literal["LM", "LA"] = "LM"
) -> tuple[float, Tensor]:
    """Return the largest |eigenvalue| (``LM``) or eigenvalue (``LA``), from below, and its vector.

    What is returned is a Rayleigh quotient ``|v'Av|`` of a unit vector, so never above the truth but by round-off.
    """
    if dim <= DENSE:
        values, vectors = np.linalg.eigh(_dense(product, dim))
    else:
        values, vectors = _lanczos(product, dim, rng, which)
    if not len(values) or not np.isfinite(values).all():
        return float("nan"), torch.zeros(dim, dtype=torch.float64)
    place = int(np.argmax(np.abs(values) if which == "LM" else values))
    return float(abs(values[place])), torch.from_numpy(vectors[:, place].copy())


def _dense(product: Product, dim: int) -> np.ndarray:
    made = torch.stack([product(unit) for unit in torch.eye(dim, dtype=torch.float64)]).cpu().numpy()
    return (made + made.T) / 2


def _lanczos(
    product: Product, dim: int, rng: np.random.Generator, which: str
) -> tuple[np.ndarray, np.ndarray]:
    def times(v: np.ndarray) -> np.ndarray:
        return product(torch.from_numpy(np.ascontiguousarray(v.reshape(-1)))).cpu().numpy()

    operator = LinearOperator((dim, dim), matvec=times, dtype=np.float64)
    first = rng.standard_normal(dim)
    if not (np.abs(times(first)) > 0).any():
        return np.zeros(1), (first / np.linalg.norm(first))[:, None]
    try:
        return eigsh(operator, k=1, which=which, v0=first, ncv=min(dim, 10), tol=TOLERANCE, maxiter=20)
    except ArpackNoConvergence as stopped:
        return stopped.eigenvalues, stopped.eigenvectors
