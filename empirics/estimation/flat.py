"""Parameters as one vector and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from bounds.errors import InputError
from empirics import checks


def trained(module: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """Return a module's parameters by name, those left out that are frozen (``requires_grad`` is false)."""
    return [(name, p) for name, p in module.named_parameters() if p.requires_grad]


def parameters(module: nn.Module) -> Tensor:
    """Return a module's parameters that are not frozen, in their order, as one vector."""
    return torch.cat([p.detach().reshape(-1) for _, p in trained(module)]).clone()


def call(module: nn.Module, w: Tensor, x: Tensor) -> Any:
    """Return the module at x with its parameters cut from the vector w."""
    shapes = [(name, p.shape) for name, p in trained(module)]
    pieces = w.split([shape.numel() for _, shape in shapes])
    own = {name: piece.view(shape) for (name, shape), piece in zip(shapes, pieces, strict=True)}
    return functional_call(module, own, (x,))


def vector(given: Any, module: nn.Module | None, dim: int | None, argument: str = "weights") -> Tensor:
    """Return weights as one float64 vector: an array, or a ``state_dict`` of the module.

    Raises
    ------
    InputError
        When they are no weights, are not finite, or are others than the model has.
    """
    found = _of_state(given, module, argument) if isinstance(given, Mapping) else _of_array(given, argument)
    if dim is not None and len(found) != dim:
        raise InputError(argument, f"{len(found)} numbers", f"must be the model's {dim}")
    if not bool(torch.isfinite(found).all()):
        raise InputError(argument, "some", "are not finite")
    return found


def _of_array(given: Any, argument: str) -> Tensor:
    allowed = "must be numbers as one vector, or the module's state_dict"
    return checks.points(argument, given, allowed).detach().reshape(-1).clone()


def state_of(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the ``state_dict`` in a checkpoint that has it under one of the usual names, or is one."""
    for key in ("state_dict", "model_state_dict", "model"):
        if isinstance(given.get(key), Mapping):
            given = given[key]
    return given


def _of_state(given: Mapping[str, Any], module: nn.Module | None, argument: str) -> Tensor:
    given = state_of(given)
    if module is None:
        raise InputError(argument, "a state_dict", "fits a module, and the model is a flat vector")
    missing = [name for name, _ in trained(module) if name not in given]
    if missing:
        raise InputError(argument, missing[0], "is missing in the state_dict", "is it that of this module?")
    own = [(name, p.shape, torch.as_tensor(given[name])) for name, p in trained(module)]
    for name, shape, tensor in own:
        if tensor.shape != shape:
            raise InputError(argument, name, f"has shape {tuple(tensor.shape)}, not {tuple(shape)}")
    return torch.cat([tensor.detach().to(torch.float64).reshape(-1) for *_, tensor in own])
