"""Recorded operations on memory that is set out once: no operation allocates, and views cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.fx import Node
from torch.utils._pytree import tree_leaves

from empirics.replay.graph import Recording
from empirics.replay.memory import Memory
from empirics.replay.slots import Slot, fill, placed, writes

Step = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""An operation, its arguments, and the memory that it writes into."""


class Tape:
    """A recording to be played at other values of its arguments; not by two threads at once.

    Attributes
    ----------
    size : int
        Bytes of memory that it keeps.

    Parameters
    ----------
    recording : Recording
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._steps: list[Step] = []
        self._tensors: dict[Node, Any] = {}
        self._inputs: list[Tensor] = []
        self._memory = Memory(recording)
        for node in recording.module.graph.nodes:
            self._memory.next()
            self._lay(node)
        self.size = self._memory.size + sum(own.nbytes for own in self._inputs)
        self._answered: Callable[[], Tensor] = self._answer.clone
        self._write_answer()
        del self._memory, self._recording, self._tensors

    def __call__(self, *args: Tensor) -> Tensor:
        """Return the answer at some arguments."""
        for own, given in zip(self._inputs, args, strict=True):
            own.copy_(given)
        for step, operands, into in self._steps:
            step(*operands, **into)
        return self._answered()

    def _write_answer(self) -> None:
        """Let the last operation write into new memory, where the answer is what it writes."""
        step, operands, into = self._steps[-1] if self._steps else (None, (), {})
        names = [name for name, own in into.items() if own is self._answer]
        if step is None or not names:
            return
        own, kept = self._answer, {name: item for name, item in into.items() if name not in names}
        self._steps.pop()

        def answered() -> Tensor:
            answer = torch.empty_strided(own.shape, own.stride(), dtype=own.dtype)
            step(*operands, **kept, **{names[0]: answer})
            return answer

        self._answered = answered

    def _lay(self, node: Node) -> None:
        value: Any = self._recording.values.get(node)
        if node.op == "placeholder":
            self._tensors[node] = torch.empty_like(value, memory_format=torch.contiguous_format).copy_(value)
            self._inputs.append(self._tensors[node])
        elif node.op == "get_attr":
            self._tensors[node] = value
        elif node.op == "output":
            self._answer: Tensor = self._of(node.args[0])
        elif self._memory.owns(node):
            self._tensors[node] = self._operation(node)
        else:
            view: Any = node.target
            self._tensors[node] = view(*self._of(node.args), **self._of(node.kwargs))

    def _operation(self, node: Node) -> Any:
        args, kwargs, into = self._of(node.args), self._of(node.kwargs), self._memory.take(node)
        if node.target is placed:
            self._steps += _placing(into, *args[1:])
            return into
        found, answers = _writing(node.target), tree_leaves(into)
        if found is None or any(not isinstance(part, Tensor) for part in answers):
            self._steps.append((_copied, (node.target, answers, args, kwargs), {}))
        else:
            write, names = found
            self._steps.append((write, args, kwargs | dict(zip(names, answers, strict=True))))
        return into

    def _of(self, item: Any) -> Any:
        return torch.fx.node.map_arg(item, lambda node: self._tensors[node])


def _placing(whole: Tensor, slots: Sequence[Slot], *parts: Tensor) -> Iterator[Step]:
    """Yield the steps that write parts into their places, and zeros where there is a gap."""
    if not fill(slots, whole):
        yield whole.zero_, (), {}
    for place, part, first in writes(slots, whole, parts):
        yield (torch.add, (part, 0), {"out": place}) if first else (place.add_, (part,), {})


def _copied(operation: Callable[..., Any], into: list[Any], args: tuple, kwargs: dict[str, Any]) -> None:
    """Do an operation that cannot write into given memory."""
    for own, made in zip(into, tree_leaves(operation(*args, **kwargs)), strict=True):
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
