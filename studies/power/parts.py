"""Parts that sabotaged directions share."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from empirics.algorithms import Direction
from empirics.oracle import Oracle

LENGTH = 0.001
"""Probe of the HF-MAML sabotages: short enough on the problems that they are handed in on, not what is wrong."""
LONG = 0.5
"""One that is too long there."""


def inner(oracle: Oracle, w: Tensor, alpha: float) -> Tensor:
    """Adapted point."""
    return w - alpha * oracle.gradient(w, "in")


def outer(
    oracle: Oracle, w: Tensor, adapted: Tensor, alpha: float, out: str = "out", hess: str = "hess"
) -> Tensor:
    """MAML's direction from an adapted point, with named batches."""
    v = oracle.gradient(adapted, out)
    return v - alpha * oracle.hessian_vector(w, v, hess)


def size(v: Tensor) -> Tensor:
    """Norm, ready to divide by."""
    return torch.linalg.vector_norm(v, dim=-1, keepdim=True).clamp(min=1e-150)


def labelled(name: str, what: str) -> Callable[[Direction], Direction]:
    """Name a direction, and say what is wrong with it."""

    def label(direction: Direction) -> Direction:
        direction.__name__, direction.__doc__ = name, what
        return direction

    return label
