"""Recorded operations on memory that is set out once: no operation allocates, and views cost nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.fx import Node
from torch.utils._pytree import tree_leaves, tree_map

from empirics.replay.graph import Recording
from empirics.replay.slots import placed, writes, zero_like

Step = Callable[[], Any]


class Tape:
    """A recording to be played at other values of its arguments; not by two threads at once.

    Memory whose last reader has run is given to later operations of the same size.

    Parameters
    ----------
    recording : Recording
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._steps: list[tuple[Callable[..., Any], tuple, dict[str, Any]]] = []
        self._tensors: dict[Node, Any] = {}
        self._inputs: list[Tensor] = []
        self._memory = _Memory(recording)
        for number, node in enumerate(recording.module.graph.nodes):
            self._lay(node)
            self._memory.release(number)
        del self._memory, self._recording, self._tensors

    def __call__(self, *args: Tensor) -> Tensor:
        """Return the answer at some arguments."""
        for own, given in zip(self._inputs, args, strict=True):
            own.copy_(given)
        for step, operands, into in self._steps:
            step(*operands, **into)
        return self._answer.clone()

    def _lay(self, node: Node) -> None:
        value = self._recording.values.get(node)
        if node.op == "placeholder":
            self._tensors[node] = torch.empty_like(value, memory_format=torch.contiguous_format).copy_(value)
            self._inputs.append(self._tensors[node])
        elif node.op == "get_attr":
            self._tensors[node] = value
        elif node.op == "output":
            self._answer: Tensor = self._of(node.args[0])
        elif self._memory.owns(node):
            self._tensors[node] = self._operation(node, value)
        else:
            self._tensors[node] = node.target(*self._of(node.args), **self._of(node.kwargs))  # type: ignore[operator]

    def _operation(self, node: Node, value: Any) -> Any:
        args, kwargs = self._of(node.args), self._of(node.kwargs)
        if node.target is placed:
            return self._placed(value, *args[1:])
        into = tree_map(self._memory.take, value)
        found = _writing(node.target)
        if found is None or any(not isinstance(part, Tensor) for part in tree_leaves(into)):
            self._steps.append((_copied, (node.target, into, args, kwargs), {}))
        else:
            write, names = found
            self._steps.append((write, args, kwargs | dict(zip(names, tree_leaves(into), strict=True))))
        return into

    def _placed(self, value: Tensor, slots: Sequence[Any], *parts: Tensor) -> Tensor:
        whole = zero_like(value)
        for place, part, first in writes(slots, whole, parts):
            step = (torch.add, (part, 0), {"out": place}) if first else (place.add_, (part,), {})
            self._steps.append(step)  # type: ignore[arg-type]
        return whole

    def _of(self, item: Any) -> Any:
        return torch.fx.node.map_arg(item, lambda node: self._tensors[node])


class _Memory:
    """Which operation needs memory of its own, and which memory is free at each place of a recording."""

    def __init__(self, recording: Recording) -> None:
        self._owners: set[Node] = set()
        self._last: dict[int, int] = {}
        self._leaving: dict[int, list[torch.UntypedStorage]] = {}
        self._free: dict[int, list[torch.UntypedStorage]] = {}
        self._now: list[tuple[int, torch.UntypedStorage]] = []
        for number, node in enumerate(recording.module.graph.nodes):
            read = set(_places(recording.value(node.args)) | _places(recording.value(node.kwargs)))
            made = _places(recording.values.get(node))
            if node.op == "call_function" and node.target is not operator.getitem and made - read:
                self._owners.add(node)
            self._last.update(dict.fromkeys(read | made, number))

    def owns(self, node: Node) -> bool:
        """Whether an operation writes numbers; else it is a view."""
        return node in self._owners

    def take(self, value: Any) -> Any:
        """Return memory for a tensor like this one, with the same layout."""
        if not isinstance(value, Tensor):
            return value
        size, place = value.untyped_storage().nbytes(), value.untyped_storage().data_ptr()
        free = self._free.get(size)
        storage = free.pop() if free else torch.empty(size, dtype=torch.uint8).untyped_storage()
        self._leaving.setdefault(self._last[place], []).append(storage)
        empty = torch.empty(0, dtype=value.dtype, device=value.device)
        return empty.set_(storage, value.storage_offset(), value.shape, value.stride())  # type: ignore[call-overload]

    def release(self, number: int) -> None:
        """Free what is read last at this place of the recording."""
        for storage in self._leaving.pop(number, []):
            self._free.setdefault(storage.nbytes(), []).append(storage)


def _places(values: Any) -> set[int]:
    return {
        v.untyped_storage().data_ptr() for v in tree_leaves(values) if isinstance(v, Tensor) and v.numel()
    }


def _copied(operation: Callable[..., Any], into: Any, args: tuple, kwargs: dict[str, Any]) -> None:
    """Do an operation that cannot write into given memory."""
    for own, made in zip(tree_leaves(into), tree_leaves(operation(*args, **kwargs)), strict=True):
        if isinstance(own, Tensor):
            own.copy_(made)


@lru_cache(maxsize=512)
def _writing(operation: Any) -> tuple[Callable[..., Any], tuple[str, ...]] | None:
    """Return the form of an operation that writes into given memory, with the names under which it takes it."""
    wanted = [(a.name, str(a.type)) for a in operation._schema.arguments]
    for form in _forms(operation):
        outs = tuple(a.name for a in form._schema.arguments if a.is_out)
        others = [(a.name, str(a.type)) for a in form._schema.arguments if not a.is_out]
        if outs and others == wanted and len(outs) == len(operation._schema.returns):
            return form, outs
    return None


def _forms(operation: Any) -> Iterator[Any]:
    packet = operation.overloadpacket
    return (getattr(packet, name) for name in packet.overloads())
