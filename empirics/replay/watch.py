"""All that a function can read from outside, and whether it is still what it was."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from empirics.replay.walk import Walk


class Watch:
    """What a function reads, as it was when this was made.

    Parameters
    ----------
    function : object
        A function, or several things in a tuple.

    Raises
    ------
    UnwatchableError
        When it reads something whose changes would not be seen.
    """

    def __init__(self, function: Any) -> None:
        walk = Walk.of(function)
        self._checks, self._kept = tuple(walk.checks), walk.seen
        self._default = torch.get_default_dtype()

    def same(self) -> bool:
        """Whether everything is still what it was."""
        try:
            return torch.get_default_dtype() is self._default and all(check() for check in self._checks)
        except Exception:  # what cannot be compared any more is not the same
            return False

    def has(self, tensor: Tensor) -> bool:
        """Whether this very tensor is watched."""
        return id(tensor) in self._kept
