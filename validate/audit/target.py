"""What is audited: a step on flat weights, with what its author declares about it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bounds.errors import InputError
from empirics.oracle import SPLITS
from validate.audit.network import Network

Step = Callable[[Any, list[Any], float, float], Any]
OUTER = ("sgd", "momentum", "adam")


@dataclass(frozen=True)
class Target:
    """A step ``(w, tasks, alpha, beta) -> new w`` with what is declared about it.

    Attributes
    ----------
    step : callable
    network : Network, optional
        The module whose weights it steps; None for the audit's own losses.
    inner_steps : int
        Gradient steps of the adaptation that are meant.
    scale : float or "sum"
        How many times the mean over the tasks the direction is; "sum" for their sum.
    outer : str or callable
        The optimiser outside: "sgd", "momentum=0.9", "adam", or ``(params, lr) -> Optimizer``.
    splits : tuple of str
        The batches that the code is offered.
    name : str
    """

    step: Step
    network: Network | None = None
    inner_steps: int = 1
    scale: float | str = 1.0
    outer: Any = "sgd"
    splits: tuple[str, ...] = SPLITS
    name: str = ""

    def __post_init__(self) -> None:
        if not callable(self.step):
            raise InputError("target", type(self.step).__name__, "must be callable")
        if not isinstance(self.inner_steps, int) or not 1 <= self.inner_steps <= 10:
            raise InputError("inner_steps", self.inner_steps, "must be a whole number from 1 to 10")
        summed = isinstance(self.scale, str) and self.scale == "sum"
        if not summed and not (isinstance(self.scale, int | float) and 0 < self.scale < 1e9):
            raise InputError("scale", self.scale, 'must be a finite number > 0, or "sum"')
        if not callable(self.outer):
            momentum(self.outer)

    def __call__(self, w: Any, tasks: list[Any], alpha: float, beta: float) -> Any:
        """Make the step."""
        return self.step(w, tasks, alpha, beta)

    def with_(self, **changes: Any) -> Target:
        """Return the target with other declarations; what is None stays as it is."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def copied(self) -> Target:
        """Return the target with a copy of what its step keeps between calls, where it lets itself be copied."""
        try:
            return replace(self, step=copy.deepcopy(self.step))
        except Exception:  # other people's objects may raise anything
            return self


def momentum(outer: str) -> float:
    """Return the momentum of a declared optimiser: 0 for SGD; raises where there is no such optimiser."""
    name, _, value = str(outer).partition("=")
    try:
        if name == "momentum":
            mu = float(value or 0.9)
            if 0 <= mu < 1:
                return mu
        if name in ("sgd", "adam") and not value:
            return 0.0
    except ValueError:
        pass
    allowed = "must be sgd, momentum=0.9, adam, or a callable (params, lr) -> Optimizer"
    raise InputError("outer", outer, allowed)
