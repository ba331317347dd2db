"""Torch's own generators, given a seed."""

from __future__ import annotations

import torch


def seed_torch(seed: int) -> None:
    """Give the generators of the processor, and of an accelerator where there is one, a seed.

    Where there is none, ``torch.manual_seed`` keeps each seed for it all the same, with the whole call stack:
    that is a sixth of an audit's time, and more the deeper the stack.
    """
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)
