"""Whether somebody transforms what is computed (``torch.func``), or looks on (a mode of torch)."""

from __future__ import annotations

import torch


def transformed() -> bool:
    """Whether this is inside a transform of ``torch.func``; so it is where another version does not say so."""
    try:
        return torch._C._functorch.peek_interpreter_stack() is not None
    except AttributeError:
        return True


def looked_on() -> bool:
    """Whether something in torch follows what is computed; so it is where another version does not say so."""
    try:
        modes = torch._C._len_torch_dispatch_stack() + torch._C._len_torch_function_stack()
    except AttributeError:
        return True
    return modes > 0 or transformed()
