"""The explorer in a browser, opened once."""

import pytest
from browser import visit

from figures.explorer import render


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explore.html"
    path.write_text(render(), encoding="utf-8")
    return path


@pytest.fixture
def seen(browser, file):
    with visit(browser, file) as opened:
        yield opened
        assert opened.is_clean(), (opened.complaints, opened.requests)
