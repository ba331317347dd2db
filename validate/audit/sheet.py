"""A sheet of questions, the tasks that the audited code sees, and a note of where it takes a loss."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from empirics.oracle import SPLITS, unknown_split
from validate.audit.linking import linked

POOLED = {"in+out": ("in", "out"), "in+out+hess": SPLITS}
"""Batches that are put together, as names of their own."""


@dataclass(frozen=True)
class Look:
    """One evaluation of a loss: whose, over which batch, where, in which precision, and inside a graph or not."""

    task: int
    split: str
    point: Tensor
    dtype: torch.dtype
    linked: bool = False


class Task:
    """One task as the audited code sees it.

    ``loss(params, split)`` is its loss on the batch ``"in"``, ``"out"`` or ``"hess"``, differentiable in the flat
    tensor ``params``. Two calls with the same batch see the same samples. Code without automatic
    differentiation has ``gradient`` and ``hessian_vector``; numpy arrays are answered with numpy.
    """

    def __init__(self, sheet: Sheet, row: int, number: int) -> None:
        self._sheet, self._row, self._number = sheet, row, number

    def loss(self, params: Any, split: str) -> Any:
        """Return the loss, a scalar."""
        w = self._seen(params, split)
        value = self._sheet.task_loss(self._row, self._number, w, split)
        return value.numpy()[()] if isinstance(params, np.ndarray) else value

    def gradient(self, params: Any, split: str) -> Any:
        """Return the gradient of the loss, without a graph."""
        w = self._seen(params, split).detach().requires_grad_()
        with torch.enable_grad():
            value = self._sheet.task_loss(self._row, self._number, w, split)
            return _like(params, torch.autograd.grad(value, w)[0])

    def hessian_vector(self, params: Any, v: Any, split: str) -> Any:
        """Return the Hessian of the loss times v, without a graph."""
        w = self._seen(params, split).detach().requires_grad_()
        with torch.enable_grad():
            value = self._sheet.task_loss(self._row, self._number, w, split)
            (g,) = torch.autograd.grad(value, w, create_graph=True)
            return _like(params, torch.autograd.grad(g, w, flat(v).to(w.dtype).detach())[0])

    def _seen(self, params: Any, split: str) -> Tensor:
        if split not in SPLITS:
            raise unknown_split(split)
        w = flat(params)
        self._sheet.note(self._number, split, w, linked(params))
        return w


class Sheet(ABC):
    """Questions with B tasks each: the points ``w`` (Q, d), the inner steps ``alpha`` (Q,), and all derivatives.

    Attributes
    ----------
    shapes : tuple of tuple of int
        The tensors that w is made of.
    looks : list of Look
        Evaluations by the audited code since :meth:`forget`.
    task : type
        What the audited code sees of a task.
    """

    task: type[Task] = Task

    def __init__(self, w: Tensor, alpha: Tensor, B: int, shapes: Sequence[tuple[int, ...]]) -> None:
        self.w, self.alpha, self.B, self.shapes = w, alpha, B, tuple(shapes)
        self.looks: list[Look] = []
        self.memo: dict[Any, Any] = {}

    @property
    def start(self) -> Tensor:
        """The start of every task, (Q, B, d)."""
        return self.w[:, None].expand(len(self.w), self.B, self.w.shape[-1])

    @property
    def steps(self) -> Tensor:
        """Inner steps in the shape of a factor, (Q, 1, 1)."""
        return self.alpha[:, None, None]

    @property
    def slope(self) -> Tensor:
        """The largest size of a task's gradient at the start, (Q,)."""
        found: Tensor = self.once("slope", lambda: self.gradient(self.start, "in").norm(dim=-1).amax(-1))
        return found

    @property
    def magnitude(self) -> Tensor:
        """How large the parts are that a gradient at the start is added up from, beside w itself, (Q,)."""
        return torch.zeros(len(self.w), dtype=self.w.dtype)

    def gradient(self, points: Tensor, split: str) -> Tensor:
        """Return gradients (Q, B, d) over a batch, or over several put together."""
        parts = [self.batch_gradient(points, name) for name in POOLED.get(split, (split,))]
        return torch.stack(parts).mean(0)

    def hessian_vector(self, points: Tensor, v: Tensor, split: str) -> Tensor:
        """Return Hessians over a batch times vectors, (Q, B, d)."""
        parts = [self.batch_hessian_vector(points, v, name) for name in POOLED.get(split, (split,))]
        return torch.stack(parts).mean(0)

    @abstractmethod
    def batch_gradient(self, points: Tensor, split: str) -> Tensor:
        """Return the gradients of one batch at points (Q, B, d)."""

    @abstractmethod
    def batch_hessian_vector(self, points: Tensor, v: Tensor, split: str) -> Tensor:
        """Return the Hessians of one batch at points, times vectors."""

    @abstractmethod
    def only(self, row: int) -> Sheet:
        """Return one of the questions as a sheet."""

    def tasks(self, row: int) -> list[Task]:
        """Return the tasks of one question as the audited code sees them."""
        return [self.task(self, row, i) for i in range(self.B)]

    @abstractmethod
    def task_loss(self, row: int, i: int, w: Tensor, split: str) -> Tensor:
        """Return the loss of one task on one batch; differentiable in w."""

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Return what was made under a key, and make it the first time."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def forget(self) -> None:
        """Start a new list of looks."""
        self.looks = []

    def note(self, task: int, split: str, w: Tensor, linked: bool = False) -> None:
        """Write down where a loss was taken, as far as a transformation of torch shows it."""
        points = _unwrapped(w)
        if points.shape[-1:] == self.w.shape[-1:]:
            for point in points.reshape(-1, self.w.shape[-1]):
                self.looks.append(Look(task, split, point, point.dtype, linked))


def flat(params: Any) -> Tensor:
    """Return parameters as one flat tensor: a tensor, an array, a module, or a list or mapping of tensors."""
    if isinstance(params, torch.nn.Module):
        return torch.cat([p.reshape(-1) for p in params.parameters()])
    if isinstance(params, Mapping):
        return torch.cat([flat(p) for p in params.values()])
    if isinstance(params, Tensor):
        return params.reshape(-1)
    if isinstance(params, np.ndarray | np.generic):
        return torch.from_numpy(np.array(params)).reshape(-1)
    if isinstance(params, Sequence) and params and isinstance(params[0], Tensor | np.ndarray):
        return torch.cat([flat(p) for p in params])
    return torch.as_tensor(params, dtype=torch.float64).reshape(-1)


def _like(params: Any, result: Tensor) -> Any:
    return result.numpy().reshape(params.shape) if isinstance(params, np.ndarray) else result


def _unwrapped(w: Tensor) -> Tensor:
    """Return the value inside torch.func's wrappers; inside a vmap all values, along the first axis."""
    value = w
    while torch._C._functorch.is_functorch_wrapped_tensor(value):
        batched = torch._C._functorch.is_batchedtensor(value)
        place = torch._C._functorch.maybe_get_bdim(value) if batched else 0
        value = torch._C._functorch.get_unwrapped(value)
        with torch._C._DisableFuncTorch():
            value = value.movedim(place, 0) if batched else value
    with torch._C._DisableFuncTorch():
        return value.detach().clone()
