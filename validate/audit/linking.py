"""Whether weights are a result that can be differentiated, as those after an inner step inside the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

MOVES = frozenset(
    (
        *(
            "View",
            "UnsafeView",
            "ReshapeAlias",
            "Split",
            "SplitWithSizes",
            "Slice",
            "Select",
            "Narrow",
            "Unbind",
        ),
        *("Cat", "Stack", "Unsqueeze", "Squeeze", "T", "Transpose", "Permute", "Expand", "Clone", "Alias"),
        *("AsStrided", "ToCopy", "AccumulateGrad"),
    )
)
"""Nodes of a graph that hand numbers on as they are."""


def linked(params: Any) -> bool:
    """Whether weights were computed from something: tensor, module, or a list or mapping of tensors."""
    return any(_computed(tensor) for tensor in _tensors(params))


def _tensors(params: Any) -> Iterable[Tensor]:
    if isinstance(params, torch.nn.Module):
        return list(params.parameters())
    found = params.values() if isinstance(params, Mapping) else params
    if isinstance(found, Tensor):
        return [found]
    return [one for one in found if isinstance(one, Tensor)] if isinstance(found, Iterable) else []


def _computed(tensor: Tensor) -> bool:
    nodes = [tensor.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is None:
            continue
        if type(node).__name__.partition("Backward")[0] not in MOVES:
            return True
        nodes += [parent for parent, _ in node.next_functions]
    return False
