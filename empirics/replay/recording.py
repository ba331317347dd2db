"""From a function of tensors to a tape of it, where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from empirics.replay.graph import Recording
from empirics.replay.slots import gather
from empirics.replay.tape import Tape


def recorded(function: Callable[..., Tensor], args: Sequence[Tensor]) -> Tape | None:
    """Return a tape of a function at arguments of these shapes; None where it cannot be recorded.

    It is recorded at copies: arguments are known by their tensors, and one that is given twice, or that the
    function reads otherwise too, would be taken for the same at every later call.
    """
    try:
        recording = Recording(function, [arg.clone() for arg in args])
        gather(recording)
        return Tape(recording)
    except Exception:  # whatever people's code does while it is recorded, it is then computed as ever
        return None
