from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fault_tools import Fosp


@pytest.fixture
def fosp(tmp_path: Path) -> Fosp:
    here = tmp_path / "here"
    here.mkdir()
    return Fosp(here)


@pytest.fixture
def make_fosp(tmp_path: Path) -> Callable[[str], Fosp]:
    def make(name: str) -> Fosp:
        (tmp_path / name).mkdir()
        return Fosp(tmp_path / name)

    return make
