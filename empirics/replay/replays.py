"""When a loss's derivative is computed anew, and when its recording is played."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual

from bounds.errors import InputError
from empirics.replay.walk import UnwatchableError
from empirics.replay.watch import Watch

SWITCH = "FOSP_REPLAY"
"""Environment variable: with ``0`` nothing is recorded."""
PATIENCE, TRIES = 128, 3
"""Calls of one shape before it is recorded, twice as many after each recording that went stale; tries at most."""
MOST, BYTES = 32, 2**28
"""Functions and shapes that are kept in mind, and memory of their recordings, at most: those asked for last."""
EVERY, ROUNDING = 256, 1e-9
"""Plays from one comparison to the next, at most; how far answers may be apart, to the largest, by rounding."""
Compute = Callable[..., Tensor]


@dataclass
class _Kept:
    """What is known of one function at one shape."""

    calls: int = 0
    tries: int = 0
    played: int = 0
    watch: Watch | None = None
    tape: Any = None

    def until(self) -> int:
        """Count a call, and return how many are left before it is recorded; negative where it is not any more."""
        self.calls += 1
        return (PATIENCE << self.tries) - self.calls if self.tries < TRIES else -1

    def compares(self) -> bool:
        """Count a play, and return whether it is to be compared."""
        self.played += 1
        return self.played % EVERY == 0 or not self.played & (self.played - 1)

    def drop(self) -> None:
        """Forget the recording."""
        self.watch = self.tape = None
        self.calls = 0


class Replays:
    """Recordings of one problem's derivatives, at most one for each function and shape.

    A recording is made after some calls, of a loss that a call does not change. It is compared with what is
    computed anew, and played as long as all that the loss reads is what it was; else the derivative is computed
    anew, from that very call on. At the first, second, fourth, eighth, ... time it is compared again, and at every
    256th.

    Attributes
    ----------
    notes : dict
        What callers know of what they asked for last.

    Parameters
    ----------
    loss : callable
        What people wrote, and what is watched.
    own : sequence of Tensor
        The problem's own tensors, which may be read at each call.
    on : bool
        Whether anything is recorded.
    """

    def __init__(self, loss: Any, own: Sequence[Tensor], on: bool = True) -> None:
        self._loss, self._own = loss, tuple(own)
        self._on = on and os.environ.get(SWITCH) != "0"
        self._kept: dict[Hashable, _Kept] = {}
        self.notes: dict[Hashable, Any] = {}
        self._lock = threading.Lock()

    def __call__(self, name: Hashable, compute: Compute, *args: Tensor, by: Any = None) -> Tensor:
        """Return ``compute(*args)``, maybe from a recording.

        Parameters
        ----------
        name : hashable
            What is computed.
        compute : callable
        args : Tensor
        by : object
            What else is watched beside the loss.

        Raises
        ------
        InputError
            When the loss gives something else than it gave, and nothing that it reads has changed.
        """
        if not self._on or not _plain(args) or not self._lock.acquire(blocking=False):
            return compute(*args)
        try:
            return self._answer(self._of(_key(name, args)), compute, args, by)
        finally:
            self._lock.release()

    def _answer(self, kept: _Kept, compute: Compute, args: tuple[Tensor, ...], by: Any) -> Tensor:
        if kept.tape is None:
            answer, left = compute(*args), kept.until()
            if left == 1:
                kept.watch = self._watch(kept, by)
            elif left == 0:
                self._record(kept, compute, args, answer)
            return answer
        if not kept.watch or not kept.watch.same():
            kept.drop()
            return compute(*args)
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

    def _watch(self, kept: _Kept, by: Any) -> Watch | None:
        try:
            return Watch((self._loss, by))
        except UnwatchableError:
            kept.tries = TRIES
            return None

    def _record(self, kept: _Kept, compute: Compute, args: tuple[Tensor, ...], answer: Tensor) -> None:
        """Record what is computed, unless the call since the watch was set has changed anything itself."""
        kept.tries += 1
        watch = kept.watch
        if watch is None or not watch.same():
            kept.drop()
            return
        from empirics.replay.recording import recorded

        own = set(map(id, self._own))
        tape = recorded(compute, args, lambda tensor: id(tensor) in own or watch.has(tensor))
        if tape is None or not equal(tape(*args), answer):
            kept.tries = TRIES
        elif watch.same():
            kept.tape, kept.played = tape, 0
            self._trim()

    def _trim(self) -> None:
        """Forget the recordings that were asked for longest ago, as far as all take too much memory."""
        held = [kept for kept in self._kept.values() if kept.tape is not None]
        while held and sum(kept.tape.size for kept in held) > BYTES:
            held.pop(0).drop()

    def _compared(self, kept: _Kept, live: Tensor, played: Tensor) -> Tensor:
        if equal(live, played):
            return live
        same = kept.watch is not None and kept.watch.same()
        kept.drop()
        kept.tries = TRIES
        if same and not _rounded(live, played):
            allowed = "must give the same at the same point and data; it gave something else than before"
            remedy = f"keep clocks, files and random numbers out of it; with {SWITCH}=0 it is always called"
            raise InputError("loss", self._loss, allowed, remedy)
        return live

    def __reduce__(self) -> tuple[Any, ...]:
        return Replays, (self._loss, self._own, self._on)


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
        and not _looked_on()
        and not torch.is_autocast_enabled("cpu")
        and all(type(arg) is Tensor and arg.is_cpu and unpack_dual(arg).tangent is None for arg in args)
    )


def _looked_on() -> bool:
    """Whether something in torch follows what is computed; so it is where another version does not say so."""
    try:
        return (
            torch._C._functorch.peek_interpreter_stack() is not None
            or torch._C._len_torch_dispatch_stack() > 0
            or torch._C._len_torch_function_stack() > 0
        )
    except AttributeError:
        return True
