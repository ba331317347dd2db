"""From a function of tensors to a tape of it, where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from empirics.replay.graph import Recording
from empirics.replay.slots import gather
from empirics.replay.tape import Tape


def recorded(
    function: Callable[..., Tensor], args: Sequence[Tensor], known: Callable[[Tensor], bool]
) -> Tape | None:
    """Return a tape of a function at arguments of these shapes; None where it cannot be recorded."""
    try:
        recording = Recording(function, args, known)
        gather(recording)
        return Tape(recording)
    except Exception:  # whatever people's code does while it is recorded, it is then computed as ever
        return None
