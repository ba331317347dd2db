"""One driver at a time in a run directory."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bounds.errors import InputError
from bounds.files import LOCK, make_directory


@contextmanager
def locked(directory: Path, argument: str = "out") -> Iterator[None]:
    """Hold the directory while the block runs; the same process may hold it more than once.

    The lock belongs to the process: when that dies, however it dies, the next one can take it. The lock file
    says who holds it, and is removed at the end.

    Parameters
    ----------
    directory : Path
        It is made when it is missing.
    argument : str
        What the user named the directory by.

    Raises
    ------
    InputError
        When another process holds it, or it cannot be locked. The message names that process.
    """
    from filelock import FileLock, Timeout

    try:
        make_directory(directory)
        lock = FileLock(directory.resolve() / LOCK, timeout=0, is_singleton=True)
        lock.acquire()
    except Timeout:
        allowed = f"is in use by {_holder(directory / LOCK)}"
        remedy = "wait until that is finished, or take another directory"
        raise InputError(argument, str(directory), allowed, remedy) from None
    except OSError as error:
        allowed = f"must be a folder that can be written ({(error.strerror or 'not possible').lower()})"
        raise InputError(argument, str(directory), allowed) from error
    try:
        if lock.lock_counter == 1:
            (directory / LOCK).write_text(_this_process(), encoding="utf-8")
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):
                (directory / LOCK).unlink(missing_ok=True)
        lock.release()


def _this_process() -> str:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()} since {since}"


def _holder(lock: Path) -> str:
    with suppress(OSError):
        return lock.read_text(encoding="utf-8", errors="replace")[:200].strip() or "another process"
    return "another process"
