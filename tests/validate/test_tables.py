"""The tables of verdicts: every row complete, nothing that breaks a page or a paper."""

import math
import re

import pytest

from validate.tables import HEADER, NUMBERS, latex, markdown, pipes
from validate.verdict import Status, Verdict


def verdict(**changed) -> Verdict:
    fields = {
        "claim": "accuracy.best", "statement": "sharp.fo-maml.guarantee", "algorithm": "fo-maml",
        "problem": "plateau:n_tasks=2", "status": Status.CONSISTENT, "statistic": 0.05, "interval": (0.04, 0.06),
        "level": 0.9999, "bound": 0.1, "slack": 2.0, "slack_interval": (1.6, 2.5), "n": 64,
        "detail": "||grad F|| stays below", "setting": "alpha L = 0.1", "seed": 7,
    }  # fmt: skip
    return Verdict(**(fields | changed))


NOTHING = {"statistic": math.nan, "interval": (math.nan, math.nan), "slack": math.nan}
ROWS = [verdict(), verdict(status=Status.NOT_APPLICABLE, **NOTHING)]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_markdown_has_a_cell_for_every_column_in_every_row():
    header, rule, first, second = map(cells, markdown(ROWS).splitlines())
    assert header == [*HEADER, *NUMBERS, "in words"]
    assert len(rule) == len(first) == len(second) == len(header)
    row = dict(zip(header, first, strict=True))
    assert row["interval"] == "0.04 to 0.06"
    assert row["provenance"] == "derived"
    assert (row["n"], row["seed"], row["level"]) == ("64", "7", "0.9999")
    assert row["in words"] == r"\|\|grad F\|\| stays below"
    assert dict(zip(header, second, strict=True))["interval"] == "–"


def test_latex_is_a_longtable_whose_text_is_escaped():
    text = latex(ROWS)
    assert text.startswith(r"\begin{longtable}")
    body = [line for line in text.splitlines() if "&" in line]
    assert {line.count("&") for line in body} == {len(HEADER) + len(NUMBERS) - 1}
    assert r"n\_tasks=2" in text
    assert r"NOT\_APPLICABLE" in text


@pytest.mark.parametrize("cell", ["a|b", "||x||"])
def test_a_bar_does_not_open_a_cell(cell):
    assert cells(pipes(["one"], [[cell]]).splitlines()[-1]) == [cell.replace("|", r"\|")]
