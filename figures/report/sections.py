"""A section for each statement that a run speaks of: formula, derivation, errata, and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bounds.errors import InputError
from figures.report.pictures import Picture
from figures.report.rows import Row

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

    ``told`` is what :func:`bounds.explain` says; None for a statement of a package that was not named.
    """

    name: str
    anchor: str
    told: Mapping[str, Any] | None
    rows: tuple[Row, ...]
    pictures: tuple[Picture, ...]

    @property
    def chapter(self) -> str:
        """Where it stands among the statements."""
        return "" if self.told is None else str(self.told["chapter"])


def sections(rows: Sequence[Row], pictures: Sequence[Picture]) -> list[tuple[str, list[Section]]]:
    """Return the chapters with their sections, in the order in which the run speaks of them."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row.verdict.statement, []).append(row)
    made = [_section(number, name, found, pictures) for number, (name, found) in enumerate(by_name.items())]
    chapters = [(HEADS[key], [one for one in made if one.chapter == key]) for key in CHAPTERS]
    return [(head, members) for head, members in chapters if members]


def _section(number: int, name: str, rows: Sequence[Row], pictures: Sequence[Picture]) -> Section:
    seen = tuple(one for one in pictures if any(one.is_about(row.verdict.claim) for row in rows))
    return Section(name, f"s{number}", told(name), tuple(rows), seen)


def told(name: str) -> Mapping[str, Any] | None:
    """Return what is to be said of a statement."""
    from bounds import explain

    try:
        return explain(name)
    except InputError:
        return None
