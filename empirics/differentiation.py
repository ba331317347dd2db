r"""Derivatives of many losses at once, each at a point of its own: one graph for all of them.

The losses are added before they are differentiated, since none depends on another's point. Reverse mode alone, so
any loss that torch can differentiate twice will do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.autograd.forward_ad import unpack_dual
from torch.func import grad, jvp, vmap

from bounds.errors import InputError

Losses = Callable[[Tensor], Tensor]
"""From points ``(n, dim)`` to one loss for each, ``(n,)``."""


@contextmanager
def differentiable() -> Iterator[None]:
    """Differentiate as usual where the caller is in ``torch.inference_mode``; some torch gives zeros there."""
    if not torch.is_inference_mode_enabled():
        yield
        return
    with torch.inference_mode(False), torch.no_grad():
        yield


def values(losses: Losses, at: Tensor) -> Tensor:
    """Return each loss at its point, ``(n,)``."""
    return losses(at)


@differentiable()
def slopes(losses: Losses, at: Tensor) -> Tensor:
    """Return each loss's gradient at its point, ``(n, dim)``."""
    leaf = _leaf(at)
    if leaf is None:
        return _slopes(losses)(at)
    with torch.enable_grad():
        return derivative(losses(leaf).sum(), leaf)


@differentiable()
def products(losses: Losses, at: Tensor, v: Tensor) -> Tensor:
    """Return each loss's Hessian at its point times a vector of its own, ``(n, dim)``."""
    leaf = _leaf(at, v)
    if leaf is None:
        return jvp(_slopes(losses), (at,), (v,))[1]
    with torch.enable_grad():
        slope = derivative(losses(leaf).sum(), leaf, graph=True)
        return derivative((slope * v).sum(), leaf)


@differentiable()
def columns(losses: Losses, at: Tensor, units: Tensor) -> Tensor:
    """Return each loss's Hessian at its point times some vectors, the same for all, ``(vectors, n, dim)``."""
    slope = _slopes(losses)
    return vmap(lambda unit: jvp(slope, (at,), (unit.expand_as(at),))[1])(units)


def derivative(value: Tensor, at: Tensor, *, graph: bool = False, again: bool = False) -> Tensor:
    """Return the derivative of a number, zero where it does not depend on the point.

    Parameters
    ----------
    value : Tensor, shape ()
    at : Tensor
        A leaf.
    graph : bool
        Whether the derivative is to be differentiated.
    again : bool
        Whether the value is to be differentiated again.

    Raises
    ------
    InputError
        In ``torch.inference_mode``, where everything would seem to depend on nothing.
    """
    if torch.is_inference_mode_enabled():
        raise InputError("torch.inference_mode", "on", "must be off where something is differentiated")
    if not value.requires_grad:
        return torch.zeros_like(at)
    (found,) = torch.autograd.grad(
        value, at, create_graph=graph, retain_graph=graph or again, materialize_grads=True
    )
    return found


def _slopes(losses: Losses) -> Callable[[Tensor], Tensor]:
    """Return the gradients as a function that may be differentiated, and be called inside of ``torch.func``."""

    def total(x: Tensor) -> Tensor:
        return losses(x).sum()

    return grad(total)


def _leaf(at: Tensor, *others: Tensor) -> Tensor | None:
    """Return the points as a leaf; None where gradients are recorded, cannot be, or the caller differentiates."""
    if torch.is_grad_enabled():
        return None
    if any(unpack_dual(x).tangent is not None for x in (at, *others)):
        return None
    try:
        return at.detach().requires_grad_(True)
    except RuntimeError:
        return None
