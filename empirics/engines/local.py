"""Work in this process, or in a pool of local processes that outlives its dead workers."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from bounds.processes import pool, ready
from empirics.engines.base import EngineError, Failure, attempt
from empirics.engines.worker import prepare, work

_PRELOADED = ("empirics.cells", "empirics.engines.worker")
_DIED = Failure(
    "the worker process died twice on this item, the second time alone: (a) it was killed, for its memory or "
    "by hand; (b) compiled code crashed; (c) the calling script starts the run outside of "
    "`if __name__ == '__main__':`"
)


def processors() -> int:
    """Return the number of processors that this process may use."""
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Serial:
    """One item after the other in this process."""

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Generator[tuple[int, Any]]:
        """Yield ``(number of the item, result or Failure)``."""
        for number, item in enumerate(items):
            yield number, attempt(function, item)


@dataclass(frozen=True)
class LocalProcesses:
    """A pool of processes with one thread each.

    When a worker dies the whole pool breaks. The items that were under way then run one at a time, so that
    the one that kills its worker is known: it fails, the others lose nothing. A new pool does the rest.
    """

    workers: int

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Generator[tuple[int, Any]]:
        """Yield ``(number of the item, result or Failure)`` as each is finished."""
        waiting = deque(range(len(items)))
        while waiting:
            suspects: list[int] = []
            with _pool(min(self.workers, len(waiting))) as pool:
                yield from self._until_broken(pool, function, items, waiting, suspects)
            outcomes = [(number, _alone(function, items[number])) for number in suspects]
            yield from outcomes
            if len(outcomes) > self.workers and all(outcome is _DIED for _, outcome in outcomes):
                raise EngineError(f"no worker survives: {_DIED.reason}")

    def _until_broken(
        self,
        pool: ProcessPoolExecutor,
        function: Callable[[Any], Any],
        items: Sequence[Any],
        waiting: deque[int],
        suspects: list[int],
    ) -> Generator[tuple[int, Any]]:
        flying: dict[Future[Any], int] = {}
        broken = False
        while flying or (waiting and not broken):
            while waiting and not broken and len(flying) < 2 * self.workers:
                try:
                    flying[pool.submit(work, function, items[waiting[0]])] = waiting[0]
                    waiting.popleft()
                except BrokenProcessPool:
                    broken = True
            for future in wait(flying, return_when=FIRST_COMPLETED).done if flying else ():
                number, error = flying.pop(future), future.exception()
                if isinstance(error, BrokenProcessPool):
                    broken = True
                    suspects.append(number)
                else:
                    yield number, _outcome(future)


def local(workers: int) -> LocalProcesses:
    """Return such a pool; what its workers import is imported while the caller gets the work ready."""
    ready(_PRELOADED)
    return LocalProcesses(workers)


def _alone(function: Callable[[Any], Any], item: Any) -> Any:
    with _pool(1) as pool:
        try:
            return _outcome(pool.submit(work, function, item))
        except BrokenProcessPool:
            return _DIED


def _outcome(future: Future[Any]) -> Any:
    try:
        return future.result()
    except BrokenProcessPool:
        raise
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}")


def _pool(workers: int) -> AbstractContextManager[ProcessPoolExecutor]:
    return pool(workers, _PRELOADED, prepare, (dict(os.environ),))
