"""What a worker process does before and while it works."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

import torch

from bounds.processes import ignore_interrupts
from empirics.engines.base import attempt


def prepare(environment: dict[str, str]) -> None:
    """Prepare a local worker: the caller's environment, one thread, and an end when the parent ends.

    The working directory goes to the end of the module path, unless the caller's ``PYTHONPATH`` names it.
    """
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:] = working_directory_last(sys.path, environment.get("PYTHONPATH", ""))
    torch.set_num_threads(1)
    ignore_interrupts()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def work(function: Callable[[Any], Any], item: Any) -> Any:
    """Apply the function with one torch thread; exceptions come back as a Failure."""
    torch.set_num_threads(1)
    return attempt(function, item)


def working_directory_last(path: Sequence[str], wanted: str) -> list[str]:
    """Return the module path with the working directory after everything else, unless it is ``wanted``."""
    here = Path.cwd().resolve()
    if here in {Path(entry).resolve() for entry in wanted.split(os.pathsep) if entry}:
        return list(path)
    rest = [entry for entry in path if Path(entry).resolve() != here]
    return [*rest, str(here)] if len(rest) < len(path) else rest


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
