"""What CONTRIBUTING.md says of its first example: a wrong statement, and a loose one, are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
MODULE = re.search(r"^```python\n# adapted\.py\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)[1]
FACTOR = "(1 + alpha * L) * gradient,"


@pytest.mark.parametrize(
    ("factor", "status"),
    [
        (FACTOR, "decided given axioms"),
        ("(1 + alpha * L / 2) * gradient,", "not decided"),
        ("(1 + 2 * alpha * L) * gradient,", "not decided"),
    ],
)
def test_the_statement_of_the_guide_is_decided_and_no_other(here, shell, factor, status):
    assert MODULE.count(FACTOR) == 1
    (here / "adapted.py").write_text(MODULE.replace(FACTOR, factor))
    outcome = shell("--theory", "adapted", "explain", "sharp.adapted.one-loss")
    assert (outcome.code, outcome.err) == (0, "")
    (line,) = re.findall(r"^status: .*$", outcome.out, re.MULTILINE)
    assert status in line
