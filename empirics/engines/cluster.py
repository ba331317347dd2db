"""The user's Dask cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bounds.errors import InputError
from empirics.engines.base import EngineError, Failure
from empirics.engines.worker import work


@dataclass(frozen=True)
class DaskCluster:
    """A running Dask scheduler, ``tcp://HOST:PORT``.

    The workers must be able to import this project, and so must the scheduler. Work of a worker that dies
    is given to another one by the scheduler; an item that kills several workers fails.
    """

    address: str

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Generator[tuple[int, Any]]:
        """Yield ``(number of the item, result or Failure)`` as each is finished."""
        try:
            from distributed import Client, as_completed
        except ImportError as error:
            remedy = "pip install 'fosp[engine]'"
            raise InputError("engine", self.address, "needs dask and distributed", remedy) from error
        try:
            client = Client(self.address, timeout="5s", set_as_default=False)
        except (OSError, ValueError) as error:
            remedy = "start one with `dask scheduler` and `dask worker`"
            raise InputError("engine", self.address, "must be a running Dask scheduler", remedy) from error
        with client, _quiet():
            numbers = {
                client.submit(work, function, item, pure=False): number for number, item in enumerate(items)
            }
            for future in as_completed(list(numbers), loop=client.loop):
                yield numbers.pop(future), _outcome(future)


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
    if future.status == "finished":
        return future.result()
    if future.status == "error":
        error = future.exception()
        return Failure(f"{type(error).__name__}: {error}")
    raise EngineError(f"the Dask cluster was lost while work was under way (status {future.status})")
