"""A pool of local processes: without the working directory on their path, and with Ctrl-C left to the parent."""

from __future__ import annotations

import inspect
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from typing import Any

_SAFE_PATH = "PYTHONSAFEPATH"
_ALWAYS = ("bounds.orphans", "concurrent.futures.process")


def ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent; what this process starts may be told by it again."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def pool(
    workers: int,
    preload: Sequence[str] = (),
    initializer: Callable[..., None] = ignore_interrupts,
    initargs: tuple[Any, ...] = (),
) -> Iterator[ProcessPoolExecutor]:
    """Open a pool; whatever breaks the block off ends its processes at once.

    Parameters
    ----------
    workers : int
    preload : sequence of str
        Modules that are imported once, by the server that the processes are forked from. The first pool decides.
    initializer : callable
        What each process begins with; it must call :func:`ignore_interrupts`.
    initargs : tuple
    """
    made = ProcessPoolExecutor(workers, ready(preload), initializer, initargs)
    try:
        yield made
    except BaseException:
        for process in list((getattr(made, "_processes", None) or {}).values()):
            process.terminate()
        raise
    finally:
        made.shutdown(cancel_futures=True)


def ready(preload: Sequence[str]) -> BaseContext:
    """Start the server that processes are forked from, where it does not run; it never runs any threads.

    It imports what is heavy once, while the caller goes on: so this may be called long before a pool is opened.
    """
    leave_if_run_again()
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*_ALWAYS, *preload])
    with _safe_path():
        resource_tracker.ensure_running()
        with _without_interrupts():
            forkserver.ensure_running()
    return context


def leave_if_run_again() -> None:
    """End a worker that, while it imports the caller's script, comes to the run that it is for.

    It says nothing: the process that started it says that the script lacks ``if __name__ == "__main__":``.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__mp_main__":
            raise SystemExit(1)
        frame = frame.f_back


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back, here until the end of the block, and for good in the processes that are started in it.

    The terminal sends it to all of them, and what they would say while they import is not for the user to read.
    The resource tracker must run before: starting it lets Ctrl-C through again.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Start helpers of multiprocessing (``python -c ...``) without the working directory on their module path."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before
