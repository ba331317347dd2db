"""A report for the terminal: ten lines that tell it, and the table, one row a claim, grouped by what was run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from fosp.output import show
from fosp.tables import say, table_lines
from validate import telling

if TYPE_CHECKING:
    from pathlib import Path

    from validate.report import Report
    from validate.verdict import Verdict

ROOMY = 100
"""Columns from which on the intervals are shown."""
MOST_ROWS = 100
"""Rows of a table that is printed unasked; of a larger one the report says what it shows."""
WORTH_A_WORD = ("VIOLATED", "FAILED", "INCONCLUSIVE", "NOT_APPLICABLE")


def print_report(report: Report, out: Path | str = "RUN", *, whole: bool = False) -> None:
    """Print a row for each claim, a sentence where one is needed, and how many there are of each verdict.

    Several CONSISTENT answers to one question share a row: how many there are, and the tightest. A large table
    is printed only when it is asked for; else its head stands for it, and what is not as it should be.

    Parameters
    ----------
    report : Report
    out : path
        The run directory, for the line that says where all rows are.
    whole : bool
        Print every row, however many there are.
    """
    shown = _folded(report.verdicts)
    short = not whole and len(shown) > MOST_ROWS
    if short:
        say("\n".join(_head(report)))
    else:
        _print_table(shown)
    spoken = _sentences(report.verdicts, WORTH_A_WORD[:-1] if short else WORTH_A_WORD)
    for sentence in (*([""] if short and spoken else []), *spoken, *_errata(report.verdicts)):
        say(sentence)
    say(_summary(report))
    if short:
        say(f"every row: with --all, in verdicts.md of the run directory, or on a page: fosp report {out}")


def _head(report: Report) -> list[str]:
    """Return what was asked, the verdict in words, and the rows that tell most."""
    rows = [[one.words, one.verdict.said, *_measured(one.verdict)] for one in telling.telling(report)]
    head, body = table_lines(["", "verdict", "measured", "relation", "bound"], rows) if rows else ([], [])
    asked = [_listed("algorithm", _algorithms(report)), _listed("problem", list(report.problems))]
    return [f"Asked of {' on '.join(asked)}, seed {report.seed}", telling.sentence(report), "", *head, *body]


def _measured(v: Verdict) -> list[str]:
    return [show(v.statistic, 3), v.relation, show(v.bound, 3)]


def _algorithms(report: Report) -> list[str]:
    from bounds.theory.algorithms import names

    return [name for name in names() if any(v.algorithm == name for v in report.verdicts)]


def _listed(what: str, names: list[str]) -> str:
    """Return a few names, or how many there are."""
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} {what}s"


def _print_table(shown: Sequence[tuple[str, Verdict]]) -> None:
    wide = not sys.stdout.isatty() or shutil.get_terminal_size().columns >= ROOMY
    header = ["claim", "algorithm", "verdict", "measured", "interval", "relation", "bound", "slack"]
    rows = [[f"  {name}", *_cells(v)] for name, v in shown]
    if not wide:
        header, rows = _narrow(header), [_narrow(row) for row in rows]
    head, body = table_lines(header, rows)
    print("\n".join(head))
    lines = zip((v for _, v in shown), body, strict=True)
    for where, group in groupby(lines, key=lambda pair: _where(pair[0])):
        say(where)
        print("\n".join([*(line for _, line in group), ""]))


def _folded(verdicts: Sequence[Verdict]) -> list[tuple[str, Verdict]]:
    """Return the rows: a name, and the verdict to show."""
    told_apart = _told_apart(verdicts)
    rows: dict[tuple[object, ...], list[Verdict]] = {}
    for number, v in enumerate(verdicts):
        alone = v.status.value != "CONSISTENT" or _question(v) in told_apart
        rows.setdefault((_question(v), number if alone else None), []).append(v)
    named = (
        (row[0].statement if _question(row[0]) in told_apart else row[0].claim, row) for row in rows.values()
    )
    return [
        (f"{name} ({len(row)})" if len(row) > 1 else name, min(row, key=telling.looseness))
        for name, row in named
    ]


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


def _cells(v: Verdict) -> list[str]:
    measured = [show(value, 3) for value in (v.statistic, *v.interval, v.bound, v.slack)]
    middle, low, high, bound, slack = measured
    interval = "–" if low == high == "–" else f"{low} to {high}"
    return [v.algorithm, v.said, middle, interval, v.relation or "–", bound, slack]


def _narrow(row: list[str]) -> list[str]:
    return row[:4] + row[5:]


def _sentences(verdicts: Sequence[Verdict], worth: Sequence[str]) -> list[str]:
    spoken = [v for v in verdicts if v.status.value in worth and not v.erratum]
    about: dict[tuple[str, str, str, str], list[str]] = {}
    for v in spoken:
        about.setdefault((v.status.value, v.algorithm, _where(v), v.detail), []).append(v.claim)
    return [
        f"{status}: {', '.join(claims)} of {algorithm} on {where}\n    {detail}"
        for (status, algorithm, where, detail), claims in about.items()
    ]


ERRATA = "Errata of the statements as recorded (the paper's full text was not at hand)"


def _errata(verdicts: Sequence[Verdict]) -> list[str]:
    """Say of each erratum of the recorded statements what became of the record, and by what."""
    found = sorted((v for v in verdicts if v.erratum), key=lambda v: v.erratum)
    lines = [f"{v.erratum}, {v.said}: {v.statement}\n    {v.detail}" for v in found]
    return ["", ERRATA, *lines, ""] if lines else []


def _summary(report: Report) -> str:
    said = ", ".join(f"{n} {word}" for word, n in telling.counts(report).items())
    return f"{len(report.verdicts)} claims: {said} (seed {report.seed})\n{telling.certainty(report)}"
