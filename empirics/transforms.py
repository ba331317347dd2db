"""Whether somebody transforms what is computed, by ``torch.func`` or a mode of torch."""

from __future__ import annotations

import torch


def looked_on() -> bool:
    """Whether something in torch follows what is computed; so it is where another version does not say so."""
    try:
        return (
            torch._C._functorch.peek_interpreter_stack() is not None
            or torch._C._len_torch_dispatch_stack() > 0
            or torch._C._len_torch_function_stack() > 0
        )
    except AttributeError:
        return True
