"""What a worker process does before and while it works."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection, parent_process
from typing import Any

import torch

from empirics.engines.base import attempt


def prepare(environment: dict[str, str]) -> None:
    """Prepare a local worker: the caller's environment, one thread, and an end when the parent ends."""
    os.environ.update(environment)
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def work(function: Callable[[Any], Any], item: Any) -> Any:
    """Apply the function with one torch thread; exceptions come back as a Failure."""
    torch.set_num_threads(1)
    return attempt(function, item)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
