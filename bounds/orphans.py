"""Imported by the server that local workers are forked from alone: a worker without parent is silent.

When the parent ends while workers are being started, by Ctrl-C for instance, they find its pipes closed or its
semaphores gone. What multiprocessing would print then is no news to whoever pressed the key.
"""

from __future__ import annotations

import sys
from multiprocessing import spawn
from pathlib import Path
from pickle import UnpicklingError
from types import TracebackType

GONE = (EOFError, OSError, UnpicklingError)
"""What it is in multiprocessing when the parent is gone."""


def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an uncaught exception, unless it is that the parent went away during the start."""
    if not (issubclass(kind, GONE) and _raised_in(trace) == Path(spawn.__file__).parent):
        sys.__excepthook__(kind, error, trace)


def _raised_in(trace: TracebackType | None) -> Path | None:
    """Return the folder of the code that raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else Path(trace.tb_frame.f_code.co_filename).parent


sys.excepthook = tell
