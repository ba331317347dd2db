"""A model of one's own: its parameters as one vector, the loss of a batch, and where its tasks come from."""

from __future__ import annotations

import copy
import inspect
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bounds import arguments
from bounds.errors import InputError
from bounds.reading import finite
from empirics import checks
from empirics.estimation import flat
from empirics.estimation.sources import TASKS, Data, Tasks, rows, tasks_of
from empirics.importing import told

BatchLoss = Callable[[Tensor, Data], Tensor]
"""The mean loss over the samples in the columns, from the flat parameters."""
_NEAR = 1e-5


@dataclass(frozen=True, eq=False)
class OwnModel:
    r"""A model whose constants are to be estimated; made by :func:`own_model`.

    Attributes
    ----------
    start : Tensor, shape (dim,)
        The parameters that it came with, as one float64 vector.
    loss : callable
        ``loss(w, columns)``, the mean over the samples in the columns.
    tasks : Tasks
    alpha : float, optional
        The inner step that is used, unit W^2/F.
    infimum : float
        A lower bound of every loss.
    path : Tensor, optional
        Checkpoints of a training run, ``(points, dim)``.
    module : Module, optional
        The module, for weights that come as its ``state_dict``.
    predict : callable, optional
        Its answers, from the flat parameters and inputs.
    """

    start: Tensor
    loss: BatchLoss
    tasks: Tasks
    alpha: float | None = None
    infimum: float = 0.0
    path: Tensor | None = None
    module: nn.Module | None = None
    predict: Callable[[Tensor, Tensor], Tensor] | None = None
    name: str = "model"

    @property
    def dim(self) -> int:
        """Number of parameters."""
        return len(self.start)

    def at(self, w: Tensor) -> OwnModel:
        """Return the model with other weights."""
        return replace(self, start=w)


def own_model(
    model: Any,
    loss: Callable[..., Tensor],
    tasks: Any,
    *,
    alpha: float | None = None,
    infimum: float = 0.0,
    path: Sequence[Any] | None = None,
) -> OwnModel:
    """Make a model from a module or a flat vector of parameters, a loss, and tasks.

    Parameters
    ----------
    model : Module or array
        A module, or the parameters as one vector. A module is copied and computed with in float64.
    loss : callable
        For a module ``loss(module(x), y)``, the mean over the batch, as ``torch.nn.functional`` has them. For a
        vector ``loss(w, *columns)`` of one sample, a scalar.
    tasks : object
        A list of tasks, one task, a generator, a DataLoader, or a function ``sampler(rng, points)``: see
        :mod:`empirics.estimation.sources`.
    alpha : float, optional
        The inner step; without one, plans take the largest that the theory allows.
    infimum : float
        A lower bound of every loss, from which Delta follows.
    path : sequence, optional
        Checkpoints: flat vectors, or ``state_dict`` of the module.

    Raises
    ------
    InputError
        When these do not go together; a loss that is random, that is not the mean over its batch, or not finite
        at the start is noticed here.
    """
    if alpha is not None:
        checks.above_zero("alpha", alpha)
    if finite(infimum) is None:
        raise InputError("infimum", infimum, "must be a finite lower bound of every loss")
    for name, one in (("model", model), ("loss", loss)):
        if isinstance(one, type):
            raise InputError(name, one.__name__, "is a class", f"make one of it: {one.__name__}(...)")
    if not callable(loss):
        raise InputError("loss", loss, "must be a function")
    made = (
        _from_module(model, loss, tasks) if isinstance(model, nn.Module) else _from_vector(model, loss, tasks)
    )
    points = None if path is None else _checkpoints(path, made)
    made = replace(made, alpha=alpha, infimum=float(infimum), path=points)
    return check(made)


def _checkpoints(path: Sequence[Any], model: OwnModel) -> Tensor:
    allowed = "must be a list of checkpoints: flat vectors, or state_dicts of the module"
    found = arguments.listed("path", path, allowed)
    if not found:
        raise InputError("path", path, "must hold at least one checkpoint", "leave it out")
    return torch.stack([flat.vector(one, model.module, model.dim, "path") for one in found])


def _from_module(module: nn.Module, loss: Callable[..., Tensor], tasks: Any) -> OwnModel:
    twin = copy.deepcopy(module).to(torch.float64)
    if not flat.trained(twin):
        raise InputError("module", type(module).__name__, "has no parameters that can be trained")
    start = flat.parameters(twin)
    known = tasks_of(tasks, start.dtype, start.device, paired=True)

    def of_batch(w: Tensor, data: Data) -> Tensor:
        if len(data) != 2:
            allowed = "a module's task must have two columns, its inputs and its targets"
            raise InputError(TASKS, f"{len(data)} columns", allowed, "or four: support and query")
        return loss(flat.call(twin, w, data[0]), data[1])

    return OwnModel(start, of_batch, known, module=twin, predict=lambda w, x: flat.call(twin, w, x))


def _from_vector(w: Any, loss: Callable[..., Tensor], tasks: Any) -> OwnModel:
    start = flat.vector(w, None, None, "model")
    if not len(start):
        raise InputError("model", w, "must be a module, or its parameters as one vector")

    def of_batch(at: Tensor, data: Data) -> Tensor:
        return torch.func.vmap(loss, in_dims=(None, *[0] * len(data)))(at, *data).mean()

    return OwnModel(start, of_batch, tasks_of(tasks, start.dtype, start.device))


def check(model: OwnModel) -> OwnModel:
    """Return the model if its loss is what the theory needs on its first task, at its start.

    Raises
    ------
    InputError
        When the loss fails, is no finite number, is random, depends on more than its own samples, or is below the
        infimum.
    """
    _require_apart(model.module)
    data = model.tasks.one(np.random.default_rng(0), 8)
    first, again = _value(model, data), _value(model, data)
    if not math.isfinite(first):
        raise InputError(
            "loss", first, "is not finite at the starting weights", "look at the data and the start"
        )
    if first != again:
        allowed = f"is random: two calls on the same samples differ ({first:.6g}, {again:.6g})"
        raise InputError("loss", first, allowed, "switch dropout off: module.eval()")
    if first < model.infimum - 1e-9 * abs(model.infimum):
        raise InputError("infimum", model.infimum, f"must be a lower bound of every loss, here {first:.6g}")
    _require_mean(model, data, first)
    return model


def _require_mean(model: OwnModel, data: Data, whole: float) -> None:
    """Refuse a batch's loss that is not the mean of its samples' losses: a sum, or one with batch statistics."""
    n = len(data[0])
    each = [_value(model, rows(data, slice(k, k + 1))) for k in range(n)]
    if n > 1 and not math.isclose(whole, sum(each) / n, rel_tol=_NEAR, abs_tol=1e-9):
        if math.isclose(whole, sum(each), rel_tol=_NEAR):
            raise InputError("loss", whole, "is the sum over the batch", 'take the mean: reduction="mean"')
        allowed = f"on {n} samples is not the mean of their losses, {sum(each) / n:.6g}"
        raise InputError("loss", whole, allowed, _why(model, data))


def _why(model: OwnModel, data: Data) -> str:
    """Return what to do about a loss that is not the mean: shapes that are broadcast are the usual reason."""
    if model.predict is not None and len(data) == 2 and data[1].is_floating_point():
        with torch.no_grad():
            found = model.predict(model.start, data[0])
        if isinstance(found, Tensor) and found.shape != data[1].shape:
            shapes = f"{tuple(found.shape)}, the targets {tuple(data[1].shape)}"
            return f"the answers have shape {shapes}: give both one shape"
    return "samples must not depend on each other"


def _require_apart(module: nn.Module | None) -> None:
    """Refuse a module whose batch statistics let the samples of a batch depend on each other."""
    for one in () if module is None else module.modules():
        if isinstance(one, nn.modules.batchnorm._BatchNorm) and (one.training or one.running_mean is None):
            allowed = "takes the statistics of its batch, so that its samples depend on each other"
            raise InputError("module", type(one).__name__, allowed, "module.eval() takes the running ones")


def _value(model: OwnModel, data: Data) -> float:
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = model.loss(model.start, data)
    except InputError:
        raise
    except Exception as error:
        shapes = ", ".join(str(tuple(column.shape)) for column in data)
        raise InputError("loss", shapes, "fails on columns of these shapes", told(error)) from error
    if not isinstance(found, Tensor) or found.ndim:
        shape = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        raise InputError("loss", shape, "must return one number, a scalar tensor")
    return float(found)


def takes_arguments(factory: Callable[..., Any]) -> bool:
    """Whether a factory asks for arguments that it will not get."""
    try:
        inspect.signature(factory).bind()
    except TypeError:
        return True
    except ValueError:
        return False
    return False
