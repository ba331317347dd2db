"""``fosp explore``: one page that needs nothing but itself."""

import json
import re

import pytest


def test_the_page_is_whole_and_reaches_for_nothing(cli, here):
    outcome = cli("explore")
    assert (outcome.code, outcome.out, outcome.err) == (0, "explore.html\n", "")
    text = (here / "explore.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 2_000_000
    links = re.findall(r'(?:href|src)="([^"]*)"', text)
    assert all(link.startswith("#") for link in links)
    addresses = set(re.findall(r"https?://[^\s\"'<]+", text))
    assert addresses <= {"http://www.w3.org/1998/Math/MathML", "http://www.w3.org/2000/svg"}
    assert text.count("<script") == text.count("</script") == 1
    document = json.loads(cli("explore", "--out", "there/x.html", "--json").out)
    assert document == {"schema": 1, "page": "there/x.html", "bytes": len(text.encode())}


@pytest.mark.parametrize("out", ["", ".", "/proc/page.html"])
def test_a_page_that_cannot_be_written(cli, out):
    outcome = cli("explore", "--out", out)
    assert outcome.code == 2
    assert outcome.err.startswith("fosp explore: --out = ")
    assert outcome.err.count("\n") == 1
