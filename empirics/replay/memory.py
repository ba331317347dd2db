"""Which operation of a recording needs memory of its own, and which memory is free at each place of it."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.fx import Node
from torch.utils._pytree import tree_leaves, tree_map

from empirics.replay.graph import Recording

Storage = torch.UntypedStorage


class Memory:
    """Memory for the operations of a recording, asked for in their order.

    What has been read for the last time is given to later operations of the same size. An operation that goes
    entry by entry may write over an argument of its own layout that nobody reads afterwards.

    Attributes
    ----------
    size : int
        Bytes that were set out so far.

    Parameters
    ----------
    recording : Recording
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._owners: set[Node] = set()
        self._last: dict[int, int] = {}
        self._held: dict[int, Storage] = {}
        self._leaving: dict[int, list[int]] = {}
        self._free: dict[int, list[Storage]] = {}
        self._number = -1
        self.size = 0
        for number, node in enumerate(recording.module.graph.nodes):
            read, made = places(self._arguments(node)), places([recording.values.get(node)])
            if node.op == "call_function" and node.target is not operator.getitem and made - read:
                self._owners.add(node)
            self._last.update(dict.fromkeys(read | made, number))

    def owns(self, node: Node) -> bool:
        """Whether an operation writes numbers; else it is a view."""
        return node in self._owners

    def next(self) -> None:
        """Go on to the next operation, and free what the one before has read last."""
        for place in self._leaving.pop(self._number, []):
            if place in self._held:
                self._free.setdefault(self._held[place].nbytes(), []).append(self._held.pop(place))
        self._number += 1

    def take(self, node: Node) -> Any:
        """Return memory for the answers of an operation, in their layouts."""
        over = self._arguments(node) if torch.Tag.pointwise in getattr(node.target, "tags", ()) else []
        return tree_map(lambda value: self._for(value, over), self._recording.values[node])

    def _for(self, value: Any, over: list[Tensor]) -> Any:
        if not isinstance(value, Tensor) or not value.numel():
            return value
        storage = self._over(value, over) or self._unused(value.untyped_storage().nbytes())
        place = _place(value)
        self._held[place] = storage
        self._leaving.setdefault(self._last[place], []).append(place)
        empty = torch.empty(0, dtype=value.dtype, device=value.device)
        return empty.set_(storage, value.storage_offset(), value.shape, value.stride())

    def _over(self, value: Tensor, arguments: list[Tensor]) -> Storage | None:
        """Return the memory of an argument that is read here for the last time, if it can be written over."""
        for place in [_place(one) for one in arguments]:
            alike = all(_layout(one) == _layout(value) for one in arguments if _place(one) == place)
            if alike and place in self._held and self._last[place] == self._number:
                return self._held.pop(place)
        return None

    def _unused(self, size: int) -> Storage:
        if free := self._free.get(size):
            return free.pop()
        self.size += size
        return torch.empty(size, dtype=torch.uint8).untyped_storage()

    def _arguments(self, node: Node) -> list[Tensor]:
        given = self._recording.value((node.args, node.kwargs))
        return [value for value in tree_leaves(given) if isinstance(value, Tensor)]


def places(values: Iterable[Any]) -> set[int]:
    """Return where the numbers of these tensors are."""
    return {_place(v) for v in tree_leaves(list(values)) if isinstance(v, Tensor) and v.numel()}


def _place(value: Tensor) -> int:
    return value.untyped_storage().data_ptr()


def _layout(value: Tensor) -> tuple[Any, ...]:
    return value.shape, value.stride(), value.storage_offset(), value.dtype, value.untyped_storage().nbytes()
