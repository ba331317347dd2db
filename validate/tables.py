"""Verdicts as tables to put into a page or a paper: Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from tabulate import tabulate

from validate.verdict import Verdict

HEADER = ("claim", "statement", "provenance", "algorithm", "problem", "setting")
NUMBERS = ("verdict", "measured", "interval", "bound", "slack", "level", "n", "seed")


def markdown(verdicts: Iterable[Verdict]) -> str:
    """Return a Markdown table with one row per verdict; the last column is the sentence for the reader."""
    return pipes((*HEADER, *NUMBERS, "in words"), [[*_row(v), v.detail] for v in verdicts])


def latex(verdicts: Iterable[Verdict]) -> str:
    r"""Return a ``longtable`` (``\usepackage{longtable}``) with one row per verdict."""
    rows = [_row(verdict) for verdict in verdicts]
    return tabulate(rows, (*HEADER, *NUMBERS), tablefmt="latex_longtable", disable_numparse=True)


def pipes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    safe = [[str(cell).replace("|", r"\|") for cell in row] for row in rows]
    return tabulate(safe, header, tablefmt="github", disable_numparse=True)


def _row(v: Verdict) -> list[str]:
    names = [v.claim, v.statement, v.provenance, v.algorithm, v.problem, v.setting]
    interval = "–" if any(map(math.isnan, v.interval)) else " to ".join(map(_number, v.interval))
    measured = [_number(v.statistic), interval, _number(v.bound), _number(v.slack)]
    return [*names, v.status.value, *measured, f"{v.level:.6g}", str(v.n), str(v.seed)]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"
