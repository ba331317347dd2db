"""A report as a table for the terminal: one row a claim, grouped by what was run."""

from __future__ import annotations

import math
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from fosp.output import show, table_lines

if TYPE_CHECKING:
    from validate.report import Report
    from validate.verdict import Verdict

ROOMY = 100
"""Columns from which on the intervals are shown."""
WORTH_A_WORD = ("VIOLATED", "FAILED", "INCONCLUSIVE", "NOT_APPLICABLE")


def print_report(report: Report) -> None:
    """Print a row for each claim, a sentence where one is needed, and how many there are of each verdict.

    Several CONSISTENT answers to one question share a row: how many there are, and the tightest.
    """
    wide = not sys.stdout.isatty() or shutil.get_terminal_size().columns >= ROOMY
    header = ["claim", "algorithm", "verdict", "measured", "interval", "bound", "slack"]
    shown = _folded(report.verdicts)
    rows = [[f"  {name}", *_cells(v)] for name, v in shown]
    if not wide:
        header, rows = _narrow(header), [_narrow(row) for row in rows]
    head, body = table_lines(header, rows)
    print("\n".join(head))
    lines = zip((v for _, v in shown), body, strict=True)
    for where, group in groupby(lines, key=lambda pair: _where(pair[0])):
        print("\n".join([where, *(line for _, line in group), ""]))
    for sentence in (*_sentences(report.verdicts), *_errata(report.verdicts)):
        print(sentence)
    print(_summary(report))


def _folded(verdicts: Sequence[Verdict]) -> list[tuple[str, Verdict]]:
    """Return the rows: a name, and the verdict to show."""
    told_apart = _told_apart(verdicts)
    rows: dict[tuple[object, ...], list[Verdict]] = {}
    for number, v in enumerate(verdicts):
        alone = v.status.value != "CONSISTENT" or _question(v) in told_apart
        rows.setdefault((_question(v), number if alone else None), []).append(v)
    named = ((_name(row[0], _question(row[0]) in told_apart), row) for row in rows.values())
    return [
        (f"{name} ({len(row)})" if len(row) > 1 else name, min(row, key=_looseness)) for name, row in named
    ]


def _looseness(v: Verdict) -> float:
    return abs(math.log(v.slack)) if 0 < v.slack < math.inf else math.inf


def _where(v: Verdict) -> str:
    return f"{v.problem}; {v.setting}"


def _question(v: Verdict) -> tuple[str, str, str]:
    return _where(v), v.claim, v.algorithm


def _told_apart(verdicts: Sequence[Verdict]) -> set[tuple[str, str, str]]:
    """Return the questions with several answers that their statements tell apart."""
    statements: dict[tuple[str, str, str], list[str]] = {}
    for v in verdicts:
        statements.setdefault(_question(v), []).append(v.statement)
    return {question for question, names in statements.items() if 1 < len(set(names)) == len(names)}


def _name(v: Verdict, by_statement: bool) -> str:
    return v.statement if by_statement else v.claim


def _cells(v: Verdict) -> list[str]:
    measured = [show(value, 3) for value in (v.statistic, *v.interval, v.bound, v.slack)]
    middle, low, high, bound, slack = measured
    interval = "–" if low == high == "–" else f"{low} to {high}"
    return [v.algorithm, v.status.value, middle, interval, bound, slack]


def _narrow(row: list[str]) -> list[str]:
    return row[:4] + row[5:]


def _sentences(verdicts: Sequence[Verdict]) -> list[str]:
    spoken = [v for v in verdicts if v.status.value in WORTH_A_WORD and not _erratum(v)]
    about: dict[tuple[str, str, str, str], list[str]] = {}
    for v in spoken:
        about.setdefault((v.status.value, v.algorithm, _where(v), v.detail), []).append(v.claim)
    return [
        f"{status}: {', '.join(claims)} of {algorithm} on {where}\n    {detail}"
        for (status, algorithm, where, detail), claims in about.items()
    ]


ERRATA = "Errata of the statements as recorded (the paper's full text was not at hand)"


def _errata(verdicts: Sequence[Verdict]) -> list[str]:
    """Say of each erratum of the recorded statements whether it was found again, and by what."""
    found = sorted(filter(_erratum, verdicts), key=lambda v: v.claim)
    lines = [f"{v.claim.split('.')[1]}, {_said(v)}: {v.statement}\n    {v.detail}" for v in found]
    return ["", ERRATA, *lines, ""] if lines else []


def _said(v: Verdict) -> str:
    return "found again" if v.status.value == "CONSISTENT" else v.status.value


def _erratum(v: Verdict) -> bool:
    return v.claim.startswith("erratum")


def _summary(report: Report) -> str:
    counts = Counter(v.status.value for v in report.verdicts)
    said = ", ".join(f"{n} {status}" for status, n in counts.items())
    return f"{len(report.verdicts)} claims: {said} (seed {report.seed})\n{_certainty(report)}"


def _certainty(report: Report) -> str:
    """Say how probable a false VIOLATED is, and on how many claims this is true for large samples only."""
    measured = [v for v in report.verdicts if v.method]
    asymptotic = sum(not v.sure for v in measured)
    chance = f"a true claim is VIOLATED with probability at most {report.error:g} in all"
    if not asymptotic:
        return f"{chance}, at any number of observations"
    return (
        f"{chance}: for {asymptotic} of {len(measured)} in the limit of many observations, else at any number"
    )
