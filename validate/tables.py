"""Verdicts as tables to put into a page or a paper: Markdown and LaTeX."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from tabulate import tabulate

from bounds.errors import InputError, nearest, unknown
from validate import typeset
from validate.verdict import Verdict, part_of

SIGNS = {"at most": r"\le", "at least": r"\ge", "equal": "="}
COLUMNS: Mapping[str, Callable[[Verdict], str]] = {
    "claim": lambda v: v.claim,
    "statement": lambda v: v.statement,
    "provenance": lambda v: v.provenance,
    "algorithm": lambda v: v.algorithm,
    "problem": lambda v: v.problem,
    "setting": lambda v: v.setting,
    "verdict": lambda v: v.said,
    "measured": lambda v: _number(v.statistic),
    "interval": lambda v: "–" if any(map(math.isnan, v.interval)) else " to ".join(map(_number, v.interval)),
    "relation": lambda v: v.relation,
    "bound": lambda v: _number(v.bound),
    "slack": lambda v: _number(v.slack),
    "level": lambda v: f"{v.level:.6g}",
    "n": lambda v: str(v.n),
    "seed": lambda v: str(v.seed),
    "in words": lambda v: v.detail,
}
"""What a table may show of a verdict, by the head of the column."""
SHOWN: Mapping[typeset.Width, tuple[str, ...]] = {
    "column": ("claim", "algorithm", "verdict", "measured", "relation", "bound", "slack"),
    "page": (
        *("claim", "algorithm", "problem", "setting"),
        *("verdict", "measured", "interval", "relation", "bound", "slack"),
    ),
}
"""The columns of a table in a paper, where none are chosen."""
_NUMERIC = ("measured", "bound", "slack", "level", "n", "seed")
_MEASURED = ("measured", "bound", "slack")
_WIDE = ("claim", "statement", "algorithm", "problem", "setting", "in words", "verdict")
"""Columns that share what the others leave of the width."""


def markdown(verdicts: Iterable[Verdict], columns: Sequence[str] = tuple(COLUMNS)) -> str:
    """Return a Markdown table with one row per verdict; the last column is the sentence for the reader."""
    return pipes(columns, [[COLUMNS[name](v) for name in columns] for v in verdicts])


def latex(
    verdicts: Iterable[Verdict], columns: Sequence[str] | None = None, width: typeset.Width = "page"
) -> str:
    """Return a table for a paper of two columns, one row per verdict; its first line names the packages.

    Parameters
    ----------
    verdicts : iterable of Verdict
    columns : sequence of str, optional
        Among :data:`COLUMNS`. Default: those of :data:`SHOWN`.
    width : {"page", "column"}

    Raises
    ------
    InputError
        When there is no such column.
    """
    chosen = SHOWN[width] if columns is None else check_columns(columns)
    rows = [[_cell(name, v) for name in chosen] for v in verdicts]
    marks = "".join("X" if name in _WIDE else "l" for name in chosen)
    heads = ["" if name == "relation" else typeset.text(name) for name in chosen]
    return typeset.floats(heads, rows, marks, "Verdicts", width)


def of_claims(verdicts: Sequence[Verdict], names: Sequence[str]) -> list[Verdict]:
    """Return the verdicts of claims, all of them where none is named; ``rate`` stands for every ``rate.…`` too.

    Raises
    ------
    InputError
        When no verdict is of a claim that was named.
    """
    known = dict.fromkeys(v.claim for v in verdicts)
    for name in names:
        if not any(part_of(claim, name) for claim in known):
            raise InputError(
                "claims",
                name,
                f"must be among {', '.join(known)}",
                nearest(name, [*known, *(claim.split(".")[0] for claim in known)]),
            )
    return [v for v in verdicts if not names or any(part_of(v.claim, name) for name in names)]


def check_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of columns, or refuse one that there is not."""
    for name in names:
        if name not in COLUMNS:
            raise unknown("columns", name, COLUMNS)
    return tuple(names)


def _cell(name: str, v: Verdict) -> str:
    told = COLUMNS[name](v)
    if name == "relation":
        return f"${SIGNS[told]}$" if told in SIGNS else "--"
    if name == "interval":
        return " to ".join(typeset.number(_brief(end)) for end in told.split(" to "))
    if name == "verdict":
        return typeset.text(told.replace("_", " ").lower())
    return (
        typeset.number(_brief(told) if name in _MEASURED else told)
        if name in _NUMERIC
        else typeset.text(told)
    )


def _brief(told: str) -> str:
    """Return a number with three digits, or two and a power of ten: a paper has less room than a page."""
    if told == "–":
        return told
    size = abs(float(told))
    form = ".3g" if size == 0 or 1e-3 <= size < 1e3 else ".0f" if 1e3 <= size < 1e5 else ".1e"
    return f"{float(told):{form}}"


def pipes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; a bar inside a cell is escaped."""
    safe = [[str(cell).replace("|", r"\|") for cell in row] for row in rows]
    return tabulate(safe, header, tablefmt="github", disable_numparse=True)


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.4g}"
