"""The user's Dask cluster."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bounds.errors import InputError
from empirics.engines.base import EngineError, Failure
from empirics.engines.worker import work


@dataclass(frozen=True)
class DaskCluster:
    """A running Dask scheduler, ``tcp://HOST:PORT`` or ``tls://HOST:PORT``.

    Over ``tcp://`` nobody is asked who he is: whoever reaches the port can run code on the workers and here.
    ``tls://`` takes the certificates that Dask's configuration names (``distributed.comm.tls``).

    The workers must be able to import this project, and so must the scheduler. The scheduler gives the work
    of a worker that dies to another one, and gives up everything that several dead workers had in their
    hands; this is tried once more, one item at a time, so that only an item that kills its workers fails.

    Attributes
    ----------
    address : str
        Address of the scheduler.
    patience : float
        Seconds without any worker after which the run ends (and can be resumed).
    ahead : int
        Items under way at a time, for each thread of the workers: the scheduler never holds all of them.
    answer : float
        Seconds within which the scheduler must answer.
    """

    address: str
    patience: float = 120.0
    ahead: int = 4
    answer: float = 5.0

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Generator[tuple[int, Any]]:
        """Yield ``(number of the item, result or Failure)`` as each is finished."""
        with self._connected() as client, _quiet():

            def submit(number: int) -> Any:
                return client.submit(work, function, items[number], pure=False)

            waiting, flying = deque(range(len(items))), dict[Any, int]()
            suspects = []
            while waiting or flying:
                for _ in range(min(len(waiting), self._most(client) - len(flying))):
                    number = waiting.popleft()
                    flying[submit(number)] = number
                for future in self._finished(client, flying):
                    number = flying.pop(future)
                    if _killed(future):
                        suspects.append(number)
                    else:
                        yield number, _outcome(future)
            for number in suspects:
                yield number, _outcome(self._finished(client, [submit(number)]).pop())

    def _most(self, client: Any) -> int:
        """Return how many items may be under way; a few while there is no worker yet."""
        return self.ahead * max(2, sum(_threads(client).values()))

    def _connected(self) -> Any:
        try:
            from distributed import Client
        except ImportError as error:
            remedy = "pip install 'fosp[engine]'"
            raise InputError("engine", self.address, "needs dask and distributed", remedy) from error
        try:
            return Client(self.address, timeout=self.answer, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            remedy = "start one with `dask scheduler` and `dask worker`"
            if self.address.startswith("tls://"):
                remedy += "; Dask's configuration (distributed.comm.tls) must name the certificates"
            raise InputError("engine", self.address, "must be a running Dask scheduler", remedy) from error

    def _finished(self, client: Any, futures: Iterable[Any]) -> set[Any]:
        """Wait until some futures are finished; end when there has been no worker for a long time."""
        from distributed import wait

        idle, pause = 0.0, min(5.0, self.patience)
        while idle < self.patience:
            try:
                with client.as_current():
                    ended = wait(list(futures), timeout=pause, return_when="FIRST_COMPLETED").done
                if done := {future for future in ended if future.status != "lost"}:
                    return done
            except TimeoutError:
                idle = 0.0 if _threads(client) else idle + pause
            except (CancelledError, OSError) as error:
                raise _lost(error) from error
        raise EngineError(f"{self.address}: no worker for {self.patience:g} s")


def _threads(client: Any) -> dict[str, int]:
    """Return the threads of each worker; a scheduler that does not answer is lost."""
    try:
        return dict(client.nthreads())
    except (CancelledError, OSError) as error:
        raise _lost(error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the library not log what is said by an outcome or an error anyway."""
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _outcome(future: Any) -> Any:
    """Wait for the outcome; one that was lost with its worker is being computed again."""
    try:
        return future.result()
    except (CancelledError, OSError) as error:
        raise _lost(error) from error
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}")


def _killed(future: Any) -> bool:
    """Whether it was given up because its workers died."""
    from distributed import KilledWorker

    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def _lost(error: BaseException) -> EngineError:
    return EngineError(f"the Dask cluster was lost while work was under way ({error})")
