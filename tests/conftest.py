from __future__ import annotations

import gc
import signal
from collections.abc import Iterator

import pytest
from warm import Warm


def pytest_configure() -> None:
    """Hear Ctrl-C though a shell started the tests in the background: what they start would be deaf to it too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: a third of the collection went into looking it through."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """A process that has imported everything before, for commands in forks of it."""
    with Warm(tmp_path_factory.mktemp("warm")) as started:
        yield started
