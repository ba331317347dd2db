"""The optimiser outside the meta-gradient: what it makes of a sequence of directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from bounds.errors import InputError
from validate.audit.asking import Call

Factory = Callable[[Any, float], torch.optim.Optimizer]
Move = Callable[[Tensor, Tensor, float], Tensor]
"""From the weights, a direction and beta to how far they move."""


GUESSES: dict[str, Factory] = {
    one.__name__: one
    for one in (torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.AdamW)
}
"""Optimisers of torch whose first step makes all numbers of one size, as they come without options."""


@dataclass(frozen=True)
class Optimiser:
    """An optimiser outside: what makes it, and whether it is kept or made anew at every call."""

    make: Factory
    kept: bool = True

    def mover(self) -> Move:
        """Return one that has no state yet, as a function that keeps it from move to move."""
        p, made = torch.nn.Parameter(torch.zeros(0, dtype=torch.float64)), None

        def move(w: Tensor, g: Tensor, beta: float) -> Tensor:
            nonlocal p, made
            if made is None or not self.kept:
                p = torch.nn.Parameter(w.clone())
                made = _made(self.make, p)
            with torch.no_grad():
                p.copy_(w)
            p.grad = g.clone()
            for group in made.param_groups:
                group["lr"] = beta
            made.step()
            return w - p.detach()

        return move

    def run(self, calls: Sequence[Call], directions: Tensor) -> Tensor:
        """Return how far each of several calls in order moves, by their directions."""
        move = self.mover()
        pairs = zip(calls, directions, strict=True)
        return torch.stack([move(call.sheet.w[call.row], g, call.beta) for call, g in pairs])


def plainly(w: Tensor, g: Tensor, beta: float) -> Tensor:
    """Move as SGD does."""
    return beta * g


def heavy_ball(momentum: float) -> Optimiser:
    """Return SGD with a momentum."""
    return Optimiser(lambda params, lr: torch.optim.SGD(params, lr=lr, momentum=momentum))


def factory(outer: Any) -> Factory | None:
    """Return what makes the declared optimiser; None for SGD, with momentum or without."""
    if callable(outer):
        made: Factory = outer
        return made
    return torch.optim.Adam if outer == "adam" else None


def written(outer: Any) -> str:
    """Return a declared optimiser as it is written; a callable by its name."""
    return outer if isinstance(outer, str) else str(getattr(outer, "__name__", type(outer).__name__))


def _made(make: Factory, p: torch.nn.Parameter) -> torch.optim.Optimizer:
    try:
        made = make([p], 1.0)
    except Exception as error:
        raise InputError("outer", "a callable", f"raised {type(error).__name__}: {error}") from error
    if not isinstance(made, torch.optim.Optimizer):
        raise InputError("outer", type(made).__name__, "must make a torch.optim.Optimizer")
    return made
