"""When a derivative of a pure loss is computed anew, and when its recording is played."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual

from bounds.errors import InputError
from empirics.transforms import looked_on

PATIENCE = 128
"""Calls of one shape before it is recorded."""
MOST, BYTES = 32, 2**28
"""Functions and shapes that are kept in mind, and memory of their recordings, at most: those asked for last."""
EVERY, ROUNDING = 256, 1e-9
"""Plays from one comparison to the next, at most; how far answers may be apart, to the largest, by rounding."""
Compute = Callable[..., Tensor]


@dataclass
class _Kept:
    """What is known of one function at one shape."""

    calls: int = 0
    played: int = 0
    tape: Any = None

    def compares(self) -> bool:
        """Count a play, and return whether it is to be compared."""
        self.played += 1
        return self.played % EVERY == 0 or not self.played & (self.played - 1)

    def forget(self, calls: int = 0) -> None:
        """Forget the recording, as after so many calls."""
        self.tape, self.calls = None, calls


class Replays:
    """Recordings of one problem's derivatives, at most one for each function and shape.

    A recording is made after some calls. It is compared with what is computed anew when it is made, at the first,
    second, fourth, eighth, ... time it is played, and at every 256th. A difference ends it.

    Attributes
    ----------
    notes : dict
        What callers know of what they asked for last.

    Parameters
    ----------
    loss : callable
        What people wrote, and promised to be pure.
    """

    def __init__(self, loss: Any) -> None:
        self._loss = loss
        self._kept: dict[Hashable, _Kept] = {}
        self.notes: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, name: Hashable, compute: Compute, *args: Tensor) -> Tensor:
        """Return ``compute(*args)``, maybe from a recording.

        Parameters
        ----------
        name : hashable
            What is computed.
        compute : callable
        args : Tensor

        Raises
        ------
        InputError
            When the loss gives something else than it gave.
        """
        if not _plain(args) or not self._lock.acquire(blocking=False):
            return compute(*args)
        try:
            return self._answer(self._of(_key(name, args)), compute, args)
        finally:
            self._lock.release()

    def _answer(self, kept: _Kept, compute: Compute, args: tuple[Tensor, ...]) -> Tensor:
        if kept.tape is None:
            answer = compute(*args)
            kept.calls += 1
            if kept.calls == PATIENCE:
                self._record(kept, compute, args, answer)
            return answer
        answer = kept.tape(*args)
        return self._compared(kept, compute(*args), answer) if kept.compares() else answer

    def note(self, name: Hashable, item: Any) -> None:
        """Keep something in mind, and as much as so many."""
        self.notes[name] = item
        if len(self.notes) > MOST:
            del self.notes[next(iter(self.notes))]

    def _of(self, key: Hashable) -> _Kept:
        """Return what is known of a function and shape, as the latest of those that are kept."""
        kept = self._kept.pop(key, _Kept())
        self._kept[key] = kept
        if len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        return kept

    def _record(self, kept: _Kept, compute: Compute, args: tuple[Tensor, ...], answer: Tensor) -> None:
        """Record what is computed, where that can be done and gives the same."""
        from empirics.replay.recording import recorded

        tape = recorded(compute, args)
        if tape is not None and equal(tape(*args), answer):
            kept.tape, kept.played = tape, 0
            self._trim()

    def _trim(self) -> None:
        """Forget the recordings that were asked for longest ago, as far as all take too much memory."""
        held = [kept for kept in self._kept.values() if kept.tape is not None]
        while held and sum(kept.tape.size for kept in held) > BYTES:
            held.pop(0).forget()

    def _compared(self, kept: _Kept, live: Tensor, played: Tensor) -> Tensor:
        if equal(live, played):
            return live
        kept.forget(PATIENCE)
        if not _rounded(live, played):
            allowed = "was said to be pure, and gives something else than before at the same point and data"
            remedy = "leave out pure=True, or what it reads beside them and changes (a clock, a counter)"
            raise InputError("loss", self._loss, allowed, remedy)
        return live

    def __reduce__(self) -> tuple[Any, ...]:
        return Replays, (self._loss,)


def equal(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are the same, number by number; NaN is NaN."""
    return one.shape == other.shape and bool(((one == other) | (one.isnan() & other.isnan())).all())


def _rounded(live: Tensor, played: Tensor) -> bool:
    """Whether two answers differ by no more than their rounding can make them."""
    return bool((live - played).abs().max() <= ROUNDING * live.abs().max())


def _key(name: Hashable, args: tuple[Tensor, ...]) -> Hashable:
    return name, *((arg.shape, arg.dtype) for arg in args)


def _plain(args: tuple[Tensor, ...]) -> bool:
    """Whether nobody differentiates, transforms or looks over our shoulder, and all is on the CPU."""
    return (
        not torch.is_grad_enabled()
        and not torch.is_inference_mode_enabled()
        and not looked_on()
        and not torch.is_autocast_enabled("cpu")
        and all(type(arg) is Tensor and arg.is_cpu and unpack_dual(arg).tangent is None for arg in args)
    )
