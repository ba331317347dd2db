"""The explorer in a browser, opened once."""

import pytest
from browser import visit

from figures.explorer import render


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("explorer") / "explore.html"
    path.write_text(render(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(browser, file):
    """A page that the tests of one file share."""
    with visit(browser, file) as page:
        yield page


@pytest.fixture
def seen(opened):
    """The page as it is at first; what a test does to it is taken back with the button for it."""
    yield opened
    assert opened.is_clean(), (opened.complaints, opened.requests)
    opened.page.check('input[value="maml sharp"]')
    opened.page.click("#reset")
