"""Gradients that are cut to a norm, or to a range."""

from __future__ import annotations

import torch
from torch import Tensor

from validate.tolerance import TINY, norm

Clip = tuple[str, float]
"""Kind, "norm" or "value", and where it cuts."""


def clip(g: Tensor, cut: Clip | None) -> Tensor:
    """Return vectors cut to a norm, or each number of them to a range."""
    if cut is None:
        return g
    kind, most = cut
    if kind == "value":
        return g.clamp(-most, most)
    size = norm(g).unsqueeze(-1)
    return torch.where(size > most, g * (most / size.clamp(min=TINY)), g)
