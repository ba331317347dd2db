"""The tables of verdicts: every row complete, nothing that breaks a page or a paper."""

import math
import re

import pytest

from bounds.errors import InputError
from validate.tables import COLUMNS, SHOWN, latex, markdown, of_claims, pipes
from validate.verdict import Status, Verdict


def verdict(**changed) -> Verdict:
    fields = {
        "claim": "accuracy.best", "statement": "sharp.fo-maml.guarantee", "algorithm": "fo-maml",
        "problem": "plateau:n_tasks=2", "status": Status.CONSISTENT, "statistic": 0.05, "interval": (0.04, 0.06),
        "level": 0.9999, "bound": 0.1, "slack": 2.0, "slack_interval": (1.6, 2.5), "n": 64,
        "detail": "||grad F|| stays below", "setting": "alpha L = 0.1", "seed": 7,
        "relation": "at most",
    }  # fmt: skip
    return Verdict(**(fields | changed))


NOTHING = {"statistic": math.nan, "interval": (math.nan, math.nan), "slack": math.nan}
ROWS = [verdict(), verdict(status=Status.NOT_APPLICABLE, **NOTHING)]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_markdown_has_a_cell_for_every_column_in_every_row():
    header, rule, first, second = map(cells, markdown(ROWS).splitlines())
    assert header == list(COLUMNS)
    assert len(rule) == len(first) == len(second) == len(header)
    row = dict(zip(header, first, strict=True))
    assert row["interval"] == "0.04 to 0.06"
    assert row["provenance"] == "derived"
    assert row["relation"] == "at most"
    assert (row["n"], row["seed"], row["level"]) == ("64", "7", "0.9999")
    assert row["in words"] == r"\|\|grad F\|\| stays below"
    assert dict(zip(header, second, strict=True))["interval"] == "–"


def test_an_erratum_that_is_found_again_is_said_so_everywhere():
    found = verdict(claim="erratum.E3", statement="paper.hf-maml.accuracy", relation="at least")
    assert "record refuted" in markdown([found])
    assert "record refuted" in latex([found])
    assert "CONSISTENT" not in markdown([found])


@pytest.mark.parametrize("width", ["page", "column"])
def test_latex_names_its_packages_and_has_every_cell(width):
    first, second, *_ = text = latex(ROWS, width=width).splitlines()
    assert first == r"% \usepackage{booktabs,tabularx}"
    assert second == {"page": r"\begin{table*}[tbp]", "column": r"\begin{table}[tbp]"}[width]
    body = [line for line in text if "&" in line]
    assert {line.count("&") for line in body} == {len(SHOWN[width]) - 1}
    assert "not applicable" in body[-1]
    assert r"$\le$" in body[-2]
    assert "$0.05$" in body[-2]


def test_latex_has_the_columns_that_were_chosen_and_escapes_their_text():
    line = next(line for line in latex(ROWS, ["problem", "in words", "n"]).splitlines() if "tasks" in line)
    problem, words, n = line.removesuffix(r" \\").split(" & ")
    assert problem.replace(r"\hspace{0pt}", "") == r"plateau:n\_tasks=2"
    assert words == r"\textbar{}\textbar{}grad F\textbar{}\textbar{} stays below"
    assert n == "$64$"
    with pytest.raises(InputError, match="did you mean claim"):
        latex(ROWS, ["clam"])


def test_rows_are_chosen_by_their_claim_or_its_beginning():
    rows = [verdict(), verdict(claim="accuracy.random"), verdict(claim="rate.samples")]
    assert of_claims(rows, []) == rows
    assert of_claims(rows, ["accuracy"]) == rows[:2]
    assert of_claims(rows, ["rate.samples"]) == rows[2:]
    with pytest.raises(InputError, match="did you mean rate"):
        of_claims(rows, ["rat"])


@pytest.mark.parametrize("cell", ["a|b", "||x||"])
def test_a_bar_does_not_open_a_cell(cell):
    assert cells(pipes(["one"], [[cell]]).splitlines()[-1]) == [cell.replace("|", r"\|")]
