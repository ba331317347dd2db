"""Watching a module: with which weights, and on which batch of which task, its forward pass is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from validate.audit.linking import linked
from validate.audit.network import Network, NetworkSheet
from validate.audit.sheet import Sheet


@contextmanager
def watched(network: Network | None, sheet: Sheet, row: int) -> Iterator[None]:
    """Note every forward pass of the module, and of its copies, on a sheet."""
    if network is None or not isinstance(sheet, NetworkSheet):
        yield
        return
    known = [(i, split, sheet.data[split][row][i][0]) for i in range(sheet.B) for split in sheet.data]

    def note(module: Any, inputs: Any) -> None:
        x = inputs[0] if inputs else None
        for i, split, batch in known:
            if isinstance(x, Tensor) and _same(x, batch):
                sheet.note(i, split, network.of(module), linked(module))
                return

    handle = network.model.register_forward_pre_hook(note)
    try:
        yield
    finally:
        handle.remove()


def _same(x: Tensor, batch: Any) -> bool:
    if not isinstance(batch, Tensor) or x.shape != batch.shape:
        return False
    if torch._C._functorch.is_functorch_wrapped_tensor(x):
        return False
    return x is batch or bool(torch.equal(x.detach().to(batch.dtype), batch))
