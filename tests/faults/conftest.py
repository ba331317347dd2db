from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fault_tools import RUN, Fosp

from fosp.__main__ import main


@pytest.fixture(scope="session", autouse=True)
def warm(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import and work out in this process what every child would do again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(Fosp(tmp_path_factory.mktemp("warm")).here)
        assert main(RUN) == 0


@pytest.fixture
def fosp(tmp_path: Path) -> Fosp:
    return Fosp(tmp_path / "here")


@pytest.fixture
def make_fosp(tmp_path: Path) -> Callable[[str], Fosp]:
    def make(name: str) -> Fosp:
        return Fosp(tmp_path / name)

    return make
