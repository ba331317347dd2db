"""The optimiser outside the meta-gradient: what it makes of a sequence of directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from bounds.errors import InputError
from validate.audit.asking import Call

Factory = Callable[[Any, float], torch.optim.Optimizer]
Run = Callable[[Sequence[Call], Tensor], Tensor]


GUESSES: dict[str, Factory] = {
    one.__name__: one
    for one in (torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.AdamW)
}
"""Optimisers of torch whose first step makes all numbers of one size, as they come without options."""


def factory(outer: Any) -> Factory | None:
    """Return what makes the declared optimiser; None for SGD, with momentum or without."""
    if callable(outer):
        made: Factory = outer
        return made
    return torch.optim.Adam if outer == "adam" else None


def running(make: Factory, *, kept: bool) -> Run:
    """Return what runs an optimiser over calls in order; ``kept`` is false for a new one at every call."""

    def run(calls: Sequence[Call], directions: Tensor) -> Tensor:
        p = torch.nn.Parameter(torch.zeros_like(directions[0]))
        optimiser, moved = _made(make, p), []
        for call, g in zip(calls, directions, strict=True):
            optimiser = optimiser if kept else _made(make, p)
            w = call.sheet.w[call.row]
            with torch.no_grad():
                p.copy_(w)
            p.grad = g.clone()
            for group in optimiser.param_groups:
                group["lr"] = call.beta
            optimiser.step()
            moved.append(w - p.detach())
        return torch.stack(moved)

    return run


def _made(make: Factory, p: torch.nn.Parameter) -> torch.optim.Optimizer:
    try:
        made = make([p], 1.0)
    except Exception as error:
        raise InputError("outer", "a callable", f"raised {type(error).__name__}: {error}") from error
    if not isinstance(made, torch.optim.Optimizer):
        raise InputError("outer", type(made).__name__, "must make a torch.optim.Optimizer")
    return made
