"""From the code that people have to what is audited: each adapter is a few lines, to be read or copied.

Every adapter takes the declarations of :class:`validate.audit.target.Target` as keywords: ``inner_steps``,
``scale``, ``outer``, ``splits``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from validate.audit.network import Data, Loss, Network
from validate.audit.sheet import flat
from validate.audit.target import Target


def step(function: Callable[..., Any], **declared: Any) -> Target:
    """``function(w, tasks, alpha, beta) -> new w`` on flat tensors: the contract itself, with declarations."""
    return Target(function, name=_name(function), **declared)


def meta_gradient(function: Callable[..., Any], **declared: Any) -> Target:
    """``function(w, tasks, alpha) -> meta-gradient`` on flat tensors; of one row a task the mean is taken."""

    def stepped(w: Any, tasks: list[Any], alpha: float, beta: float) -> Any:
        G = function(w, tasks, alpha)
        each = getattr(G, "ndim", 1) == 2 and G.shape[-1] == len(w)
        return w - beta * (G.mean(0) if each else flat(G))

    return Target(stepped, name=_name(function), **declared)


def module(
    function: Callable[..., Any], model: Any = None, loss: Loss | None = None, data: Data | None = None,
    **declared: Any,
) -> Target:  # fmt: skip
    """``function(model, tasks, alpha, beta)`` that updates a module, or returns new weights or a module.

    Each task has ``task.batch(split) -> (x, y)`` and ``task.loss(model, split)``.
    """
    network = Network(model, loss, data)

    def stepped(w: Any, tasks: list[Any], alpha: float, beta: float) -> Any:
        network.load(w)
        returned = function(network.model, tasks, alpha, beta)
        return _weights(returned, network)

    return Target(stepped, network, name=_name(function), **declared)


def fills_grad(
    function: Callable[..., Any], model: Any = None, loss: Loss | None = None, data: Data | None = None,
    **declared: Any,
) -> Target:  # fmt: skip
    """``function(model, tasks, alpha)`` that leaves the meta-gradient in ``.grad``; they are cleared before it."""
    network = Network(model, loss, data)

    def stepped(w: Any, tasks: list[Any], alpha: float, beta: float) -> Any:
        network.load(w)
        network.model.zero_grad(set_to_none=True)
        function(network.model, tasks, alpha)
        named = dict(network.model.named_parameters())
        own = [named[name] for name in network.names]
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in own]
        return w - beta * flat(grads).detach()

    return Target(stepped, network, name=_name(function), **declared)


def batches(
    function: Callable[..., Any], model: Any = None, loss: Loss | None = None, data: Data | None = None,
    splits: tuple[str, ...] = ("in", "out"), **declared: Any,
) -> Target:  # fmt: skip
    """``function(model, batches, alpha, beta)`` with a tuple of ``(x, y)`` a task, in the order of splits.

    By default a task is (support, query).
    """

    def on_tasks(model: nn.Module, tasks: list[Any], alpha: float, beta: float) -> Any:
        return function(model, [tuple(task.batch(split) for split in splits) for task in tasks], alpha, beta)

    made = module(on_tasks, model, loss, data, splits=splits, **declared)
    return made.with_(name=_name(function))


def client(
    update: Callable[..., Any], model: Any = None, loss: Loss | None = None, data: Data | None = None,
    **declared: Any,
) -> Target:  # fmt: skip
    """``update(w, task, alpha, beta) -> new weights`` of one client; the server takes the mean.

    With ``model`` (or ``model=True`` for the audit's own) the update gets a module instead of flat weights.
    """
    network = None if model is None else Network(None if model is True else model, loss, data)

    def stepped(w: Any, tasks: list[Any], alpha: float, beta: float) -> Any:
        found = []
        for task in tasks:
            if network is None:
                found.append(flat(update(_copied(w), task, alpha, beta)).detach())
            else:
                network.load(w)
                found.append(_weights(update(network.model, task, alpha, beta), network))
        return torch.stack(found).mean(0)

    return Target(stepped, network, name=_name(update), **declared)


def of(target: Any) -> Target:
    """Return what is audited: a target as it is, any other callable as a step on flat weights."""
    return target if isinstance(target, Target) else Target(target, name=_name(target))


def _weights(returned: Any, network: Network) -> Tensor:
    if returned is None:
        returned = network.model
    if isinstance(returned, nn.Module):
        return network.of(returned).detach().double().clone()
    if not isinstance(returned, Tensor | Mapping) and not hasattr(returned, "shape"):
        returned = list(returned)
    return flat(network.picked(returned)).detach().double().clone()


def _copied(w: Any) -> Any:
    return w.detach().clone().requires_grad_(w.requires_grad) if isinstance(w, Tensor) else w.copy()


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
