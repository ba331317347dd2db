"""From what a user names, ``package.module:factory``, to a model; and weights from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bounds.errors import InputError
from bounds.importing import working_directory_importable
from empirics.estimation import flat
from empirics.estimation.model import OwnModel, own_model, takes_arguments
from empirics.importing import import_named, made_by, told

_MADE = "must return (module, loss, tasks), or what own_model(...) returns"


def load(target: Any) -> OwnModel:
    """Return the model that is named, returned by a function, or given as it is.

    Raises
    ------
    InputError
        When it cannot be imported, the factory fails, or returns something else.
    """
    if isinstance(target, OwnModel):
        return target
    name, found = (target, import_named("target", target)) if isinstance(target, str) else ("model", target)
    return model_of(_called(name, found) if callable(found) else found, name)


def model_of(made: object, name: str) -> OwnModel:
    """Return what a factory returned as a model of this name.

    Raises
    ------
    InputError
        When it is none, or its parts do not go together.
    """
    if isinstance(made, OwnModel):
        return replace(made, name=name)
    if isinstance(made, tuple) and len(made) == 3:
        with working_directory_importable():
            return replace(own_model(*made), name=name)
    raise InputError("target", name, _MADE, f"it is {type(made).__name__}")


def _called(name: str, factory: Any) -> Any:
    if takes_arguments(factory):
        raise InputError("target", name, "must be a factory without arguments", "give them defaults")
    return made_by(factory, "target", name)


def weights(model: OwnModel, file: str | Path) -> Tensor:
    """Return the weights in a file: a ``state_dict`` or a vector of ``torch.save``, or a numpy array.

    Raises
    ------
    InputError
        When there is no such file, it holds no weights, or those of another model.
    """
    path = Path(file)
    try:
        if path.suffix == ".npy":
            found: Any = np.load(path, allow_pickle=False)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise InputError("weights", str(file), f"cannot be read ({error.strerror or error})") from error
    except Exception as error:
        allowed = "must be a state_dict or a vector of torch.save, or an array of numpy.save"
        raise InputError("weights", str(file), allowed, told(error)) from error
    made = flat.vector(found, model.module, model.dim).to(model.start.device)
    if isinstance(found, Mapping) and model.module is not None:
        _take_over(model.module, flat.state_of(found))
    return made


def _take_over(module: nn.Module, state: Mapping[str, Any]) -> None:
    """Give the model's own copy of the module what else a state holds: running statistics, frozen parameters."""
    rest = [
        *module.named_buffers(),
        *((name, p) for name, p in module.named_parameters() if not p.requires_grad),
    ]
    with torch.no_grad():
        for name, tensor in rest:
            if name in state and torch.as_tensor(state[name]).shape == tensor.shape:
                tensor.copy_(torch.as_tensor(state[name]))
