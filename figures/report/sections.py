"""A section for each statement that a run speaks of: formula, derivation, errata, and what was measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bounds.errors import InputError
from figures.report.pictures import Picture
from figures.report.rows import Row
from figures.report.shared import Part, Shared
from validate.telling import looseness

QUIET = ("CONSISTENT", "NOT_APPLICABLE")
"""Verdicts of which a section shows the tightest; the table has them all."""
CHAPTERS = ("theorems", "lemmas", "recorded", "")
HEADS = {
    "theorems": "Theorems derived here",
    "lemmas": "Lemmas derived here",
    "recorded": "The paper's statements, as recorded",
    "": "Statements that are not known here",
}


@dataclass(frozen=True)
class Section:
    """A statement, the rows about it, and the figures in which they are to be seen.

    ``told`` is what :func:`bounds.explain` says; None for a statement of a package that was not named. ``parts``
    and ``steps`` (stretches of numbers) point to what the page says once.
    """

    name: str
    anchor: str
    told: Mapping[str, Any] | None
    rows: tuple[Row, ...]
    pictures: tuple[Picture, ...]
    parts: tuple[Part, ...] = ()
    steps: tuple[tuple[int, int], ...] = ()

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that tell most: the tightest of each claim, and all that are not as they should be."""
        tightest: dict[str, Row] = {}
        for row in sorted(self.rows, key=lambda row: (row.verdict.said in QUIET, looseness(row.verdict))):
            tightest.setdefault(row.verdict.claim, row)
        return tuple(
            row for row in self.rows if row.verdict.said not in QUIET or tightest[row.verdict.claim] is row
        )

    @property
    def chapter(self) -> str:
        """Where it stands among the statements."""
        return "" if self.told is None else str(self.told["chapter"])


def sections(
    rows: Sequence[Row], pictures: Sequence[Picture], shared: Shared, say: Callable[[str], Any] = str
) -> list[tuple[str, list[Section]]]:
    """Return the chapters with their sections, in the order in which the run speaks of them."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row.verdict.statement, []).append(row)
    made = []
    for number, (name, found) in enumerate(by_name.items()):
        say(f"statement {name}")
        made.append(_section(number, name, found, pictures, shared))
    chapters = [(HEADS[key], [one for one in made if one.chapter == key]) for key in CHAPTERS]
    return [(head, members) for head, members in chapters if members]


def _section(
    number: int, name: str, rows: Sequence[Row], pictures: Sequence[Picture], shared: Shared
) -> Section:
    seen = tuple(one for one in pictures if any(one.is_about(row.verdict.claim) for row in rows))
    known = told(name)
    pointers = () if known is None else (shared.parts_of(known), shared.steps_of(known))
    return Section(name, f"s{number}", known, tuple(rows), seen, *pointers)


def told(name: str) -> Mapping[str, Any] | None:
    """Return what is to be said of a statement."""
    from bounds import explain

    try:
        return explain(name)
    except InputError:
        return None
