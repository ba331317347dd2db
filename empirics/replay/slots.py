"""Sums of derivatives of slices, written into their places at once.

The derivative of ``w[a:b]`` is a vector of w's length with zeros around it, and automatic differentiation adds one
such vector for every slice. Here each goes where it belongs. Adding zero keeps the sum's sign of a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.fx import Node

from empirics.replay.graph import Recording, aten


@dataclass(frozen=True)
class Slot:
    """A part of a tensor along one dimension: from a place, so wide."""

    dim: int
    start: int
    width: int

    def of(self, whole: Tensor) -> Tensor:
        """Return the part of a tensor."""
        return whole.narrow(self.dim, self.start, self.width)

    def apart(self, other: Slot) -> bool:
        """Whether two parts have nothing in common."""
        ends = self.start + self.width, other.start + other.width
        return self.dim == other.dim and (ends[0] <= other.start or ends[1] <= self.start)


def placed(size: Sequence[int], slots: Sequence[Slot], *parts: Tensor) -> Tensor:
    """Return a tensor of zeros with parts added in their places, in their order."""
    whole = parts[0].new_zeros(size)
    for place, part, _ in writes(slots, whole, parts):
        place.add_(part)
    return whole


def gather(recording: Recording) -> None:
    """Put :func:`placed` where a recording adds derivatives of slices, as far as their sums are the same."""
    graph = recording.module.graph
    for node in list(recording.operations):
        if node.target is not aten.add.Tensor or any(_terms(user, recording) for user in node.users):
            continue
        terms = _terms(node, recording)
        if not terms or not _ordered(node, [slot for _, slot in terms]):
            continue
        with graph.inserting_before(node):
            parts = [_part(term, slot, recording) for term, slot in terms]
            size = tuple(recording.values[node].shape)
            given: Any = (size, tuple(slot for _, slot in terms), *parts)
            whole = graph.call_function(placed, given)
        recording.values[whole] = recording.values[node]
        node.replace_all_uses_with(whole)
    recording.clean()


def _terms(node: Node, recording: Recording) -> list[tuple[Node, Slot]]:
    """Return the derivatives of slices that a node is the sum of; none where it is something else."""
    if node.target is not aten.add.Tensor or node.kwargs or not recording.values[node].is_contiguous():
        return []
    found: list[tuple[Node, Slot]] = []
    terms: Any = node.args
    for item in terms:
        slot = _slot(item)
        own = [(item, slot)] if slot else _terms(item, recording) if isinstance(item, Node) else []
        if not own or len(item.users) > 1 or recording.values[item].shape != recording.values[node].shape:
            return []
        found += own
    return found


def _slot(item: object) -> Slot | None:
    if not isinstance(item, Node):
        return None
    given: Any = item.args
    if item.target is aten.slice_backward.default and given[5] == 1:
        _, size, dim, start, end, _ = given
        first, last, _ = slice(start, end).indices(size[dim])
        return Slot(dim % len(size), first, last - first)
    if item.target is aten.select_backward.default:
        _, size, dim, place = given
        return Slot(dim % len(size), place % size[dim], 1)
    return None


def _part(term: Node, slot: Slot, recording: Recording) -> Node:
    part = term.args[0]
    assert isinstance(part, Node)
    if term.target is aten.slice_backward.default:
        return _unpacked(part, slot.of(recording.values[term]), recording)
    wide = recording.module.graph.call_function(aten.unsqueeze.default, (part, slot.dim))
    recording.values[wide] = recording.values[part].unsqueeze(slot.dim)
    return wide


def _unpacked(part: Node, place: Tensor, recording: Recording) -> Node:
    """Return what a part is a copy of, where that can be written into the place as it is."""
    copy = part.args[0] if part.target in (aten.view.default, aten._unsafe_view.default) else None
    if not isinstance(copy, Node) or copy.target is not aten.clone.default:
        return part
    source = copy.args[0]
    assert isinstance(source, Node)
    try:
        place.view(recording.values[source].shape)
    except RuntimeError:
        return part
    return source


def _ordered(node: Node, slots: Sequence[Slot]) -> bool:
    """Whether adding the parts one by one is the same sum: they are apart, or the same in a row of sums."""
    first = list(dict.fromkeys(slots))
    apart = all(a.apart(b) for n, a in enumerate(first) for b in first[:n])
    return apart and (len(first) == len(slots) or _in_a_row(node))


def _in_a_row(node: Node) -> bool:
    """Whether each sum adds a single term to a sum."""
    while node.target is aten.add.Tensor:
        terms: Any = node.args
        node, other = terms
        if _slot(other) is None:
            return False
    return True


def writes(
    slots: Sequence[Slot], whole: Tensor, parts: Sequence[Tensor]
) -> list[tuple[Tensor, Tensor, bool]]:
    """Return each part with its place in a tensor of zeros, and whether it is the first one there."""
    return [
        (slot.of(whole).view(part.shape), part, slot not in slots[:n])
        for n, (slot, part) in enumerate(zip(slots, parts, strict=True))
    ]


def fill(slots: Sequence[Slot], whole: Tensor) -> bool:
    """Whether parts, each apart from the others or the same, leave no gap."""
    one = slots[0]
    return sum(slot.width for slot in set(slots)) == whole.shape[one.dim]
