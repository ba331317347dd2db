from __future__ import annotations

from collections.abc import Iterator

import pytest
from warm import Warm


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """A process that has imported everything before, for commands in forks of it."""
    with Warm(tmp_path_factory.mktemp("warm")) as started:
        yield started
