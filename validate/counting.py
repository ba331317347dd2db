"""The work and the memory of one direction, counted tensor by tensor."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from empirics.oracle import Cost

SPEC = "ripple:dim={d},n_tasks=4,rotate=false"
NAME = SPEC.format(d="d")
"""The problem for whatever d."""
TASKS, ALPHA, PROBE = 4, 0.1, 1e-3
_PRODUCTS = frozenset({"mm", "bmm", "mv", "dot"})


@dataclass(frozen=True)
class Work:
    """What one call took.

    Attributes
    ----------
    elements : int
        Numbers computed: one for each element of a new tensor, and one for each multiply-add of a product.
    peak_bytes : int
        Largest number of bytes that tensors made on the way held at one time.
    """

    elements: int
    peak_bytes: int


def count(call: Callable[[], Any]) -> Work:
    """Run something and count what torch did; tensors that existed before are not counted.

    It is run twice, and the second time counts: what a process or a problem makes once is no part of it.
    """
    for _ in range(2):
        with _Counter() as counter:
            call()
    return Work(counter.elements, counter.peak)


def asked(name: str, d: int) -> Cost:
    """Return what one direction asks of the oracle for one task."""
    from empirics.oracle import Cost

    cost = Cost()
    one_direction(name, d, cost=cost)()
    return Cost(cost.gradients // TASKS, cost.hessian_vectors // TASKS)


def one_direction(name: str, d: int, cost: Cost | None = None) -> Callable[[], Tensor]:
    """Return the evaluation of an algorithm's direction with exact derivatives, at four tasks with d parameters.

    The problem separates along the axes, so a gradient and a Hessian-vector product of a task cost O(d).
    What is asked of the oracle is added to ``cost``. HF-MAML's probe has the length :data:`PROBE`.
    """
    from empirics import algorithms, problems
    from empirics.oracle import Cost, Oracle

    problem = problems.from_spec(SPEC.format(d=d))
    direction = algorithms.named(name, PROBE)
    oracle = Oracle(problem, torch.arange(TASKS).view(1, TASKS), lambda _: (None, 0), cost or Cost())
    w = torch.zeros(1, 1, d, dtype=torch.float64)
    return lambda: direction(oracle, w, ALPHA)


class _Counter(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.alive: dict[int, int] = {}
        self.peak, self.elements = 0, 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = {t.untyped_storage()._cdata for t in _tensors((args, kwargs))}
        for tensor in _tensors(result):
            new = tensor.untyped_storage()._cdata not in given
            if new:
                self._count(tensor)
            if new or func._schema.is_mutable:
                self.elements += tensor.numel() * _terms(func, args)
        return result

    def _count(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.alive:
            return
        self.alive[key] = storage.nbytes()
        weakref.finalize(storage, self.alive.pop, key, None)
        self.peak = max(self.peak, sum(self.alive.values()))


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _terms(func: Any, args: Any) -> int:
    """Return how many products are summed for one element of the result."""
    return int(args[0].shape[-1]) if func.overloadpacket.__name__ in _PRODUCTS else 1
