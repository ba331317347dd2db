"""Putting questions to the audited code: in the form that it takes, with seeds of ours, in one known order."""

from __future__ import annotations

import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError, line
from validate.audit.seeding import seed_torch
from validate.audit.sheet import Look, Sheet, flat
from validate.audit.target import Target
from validate.audit.watch import watched

FORMS: dict[str, Callable[[Tensor], Any]] = {
    "a tensor": lambda w: w.clone(),
    "a tensor that requires grad": lambda w: w.clone().requires_grad_(),
    "a float32 tensor": lambda w: w.float(),
    "a float32 tensor that requires grad": lambda w: w.float().requires_grad_(),
    "a numpy array": lambda w: w.numpy().copy(),
    "a float32 numpy array": lambda w: w.numpy().astype(np.float32),
}
"""In which the weights are handed over: the first that the code takes."""


class RefusedError(Exception):
    """The code raised, or handed back something else than weights; the message says what."""


@dataclass(frozen=True)
class Call:
    """One call: the question, beta, and how far it moved the weights, in double precision.

    Attributes
    ----------
    moved : Tensor, shape (d,)
        w minus the new weights.
    unit : float
        Unit round-off of the precision in which it works.
    looks : tuple of Look
    """

    sheet: Sheet
    row: int
    beta: float
    moved: Tensor
    unit: float
    looks: tuple[Look, ...]


def unit_of(calls: Sequence[Call]) -> float:
    """Return the unit round-off of the coarsest of several calls."""
    return max(call.unit for call in calls)


@dataclass
class Asker:
    """Asks a target, and keeps all calls in order."""

    target: Target
    form: str = ""
    calls: list[Call] = field(default_factory=list)
    buffers: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)

    def ask(self, sheet: Sheet, row: int, beta: float = 1.0, seed: int = 0) -> Call:
        """Put one question.

        Raises
        ------
        InputError
            When the code raises in every form, or hands back no weights: in one line.
        """
        problems = []
        for form in [self.form] if self.form else list(FORMS):
            try:
                call = self._called(sheet, row, beta, seed, form)
            except RefusedError as error:
                problems.append(str(error))
                continue
            self.form = form
            self.calls.append(call)
            return call
        raise InputError("target", self.target.name, problems[0])

    def _called(self, sheet: Sheet, row: int, beta: float, seed: int, form: str) -> Call:
        sheet.forget()
        w = FORMS[form](sheet.w[row])
        before = flat(w).detach().double().clone()
        with _seeded(seed), watched(self.target.network, sheet, row), _quiet():
            try:
                returned = self.target.step(w, sheet.tasks(row), float(sheet.alpha[row]), beta)
            except (Exception, SystemExit) as error:
                raise RefusedError(_told(error)) from error
        if self.target.network is not None:
            self.buffers |= set(self.target.network.moved_buffers())
            self.frozen |= set(self.target.network.moved_frozen())
        new = _weights(returned, before)
        looks = tuple(sheet.looks)
        return Call(sheet, row, beta, before - new.double(), _unit(new, looks, before), looks)


def _weights(returned: Any, before: Tensor) -> Tensor:
    try:
        new = flat(returned).detach().cpu()
    except (TypeError, ValueError, RuntimeError, IndexError):
        new = None
    if new is None or new.shape != before.shape or new.is_complex():
        found = "nothing" if returned is None else type(returned).__name__
        shape = f" of {new.numel()} numbers" if new is not None and returned is not None else ""
        wanted = f"must hand back the new weights, {before.numel()} numbers; it handed back {found}{shape}"
        raise RefusedError(wanted)
    if not bool(torch.isfinite(new).all()):
        raise RefusedError("handed back weights that are not finite numbers")
    return new.clone()


def _unit(new: Tensor, looks: tuple[Look, ...], before: Tensor) -> float:
    """Return the unit round-off of the coarsest precision that is seen."""
    dtypes = {look.dtype for look in looks} | {new.dtype}
    units = [torch.finfo(dtype).eps / 2 for dtype in dtypes if dtype.is_floating_point]
    single = torch.equal(new.float().double(), new.double())
    if single and not torch.equal(new.double(), before):
        units.append(2.0**-24)
    return max([2.0**-53, *units])


def _told(error: BaseException) -> str:
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return line(f"raised {told}", 300)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Give every global generator a seed while the block runs, and back what it was."""
    plain, states = random.getstate(), np.random.get_state()  # noqa: NPY002 - audited code may draw from it
    with torch.random.fork_rng(devices=[]):
        seed_torch(seed)
        np.random.seed(seed)  # noqa: NPY002 - as above
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(states)  # noqa: NPY002 - as above
            random.setstate(plain)


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what the code prints to stderr, and keep its warnings to itself."""
    with redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
