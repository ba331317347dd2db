"""The kit as it was written to disk, without computer algebra; for what it does not have, the theory is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from bounds.arithmetic import Formula, Kind
from bounds.kit import sources
from bounds.kit.facts import Bound, Choosing, Limit, Subject, Theorem, Way
from bounds.kit.stating import Signal, Stated

if TYPE_CHECKING:
    from bounds.plan import Theory

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Stored:
    """The kit on disk; the file for each number of inner steps is read when it is first needed."""

    first: File

    @property
    def usual(self) -> str:
        """Name of the algorithm where none is asked for."""
        return str(self.first.row["usual"])

    def names(self) -> tuple[str, ...]:
        """Return the names of the algorithms, in order."""
        return tuple(self.first.row["names"])

    def subject(self, name: str, inner_steps: int = 1) -> Subject:
        """Return an algorithm with so many inner steps; InputError where there is none."""
        file = read(inner_steps) if type(inner_steps) is int else None
        found = None if file is None else file.subjects.get(name)
        return _live_subject(name, inner_steps) if found is None else found

    def promised(self) -> Mapping[str, Bound]:
        """Return what holds for one random iterate: under any step, and under the constant one."""
        return self.first.promised


@cache
def current() -> Stored | None:
    """Return the kit on disk; None where it was not made from the files that are there."""
    first = read(1)
    return None if first is None else Stored(first)


@cache
def read(steps: int) -> File | None:
    """Return the file for a number of inner steps; None where there is none that is whole and up to date."""
    try:
        data = sources.file(steps).read_bytes()
        whole = sources.digest(data) == _made_from().get(str(steps))
        return File(json.loads(data)) if whole else None
    except (OSError, ValueError, RecursionError):
        return None


@cache
def _made_from() -> Row:
    """Return the checksums of the files; none where they were made from anything else than what is there."""
    found = json.loads(sources.made_from().read_bytes())
    known = isinstance(found, dict) and found.get(sources.SOURCES) == sources.fingerprint()
    return found if known else {}


def _live_subject(name: str, inner_steps: int) -> Subject:
    from bounds.kit import live

    return live.subject(name, inner_steps)


def _live_promise(name: str) -> Bound:
    from bounds.kit import live

    return live.promised()[name]


@dataclass(frozen=True, eq=False)
class File:
    """One file, and what it says."""

    row: Row

    @cached_property
    def subjects(self) -> Mapping[str, Subject]:
        """The algorithms by their names."""
        return {name: self._subject(name, row) for name, row in self.row["subjects"].items()}

    def _subject(self, name: str, row: Row) -> Subject:
        facts = row["facts"] | {"theories": tuple(row["facts"]["theories"])}
        return Subject(**facts, range=Limit(*row["range"]), finder=_Finder(self, name, row))

    @cached_property
    def promised(self) -> Mapping[str, Bound]:
        """What holds for one random iterate."""
        rows = self.row["promised"].items()
        return {name: self.stated(row, partial(_live_promise, name)) for name, row in rows}

    def formula(self, places: list[int], kind: Kind = "float") -> Formula:
        """Return a formula from the places of its texts."""
        names, result, *lines = (self.row["texts"][place] for place in places)
        return Formula(kind, tuple(names.split()), tuple(lines), result)

    def stated(self, row: Row, live: Callable[[], Bound]) -> Stated:
        """Return a statement, which ``live`` returns itself."""
        sides, value = self.formula(row["sides"]), self.formula(row["value"])
        enclosed = self.formula(row["enclosed"], "interval")
        return Stated(row["name"], tuple(row["strict"]), sides, value, enclosed, live)


@dataclass(frozen=True, eq=False)
class _Finder:
    file: File
    name: str
    row: Row

    @property
    def live(self) -> Subject:
        return _live_subject(self.name, self.row["facts"]["inner_steps"])

    def obstacle(self, theory: Theory, reachable: bool, sigma: float) -> str:
        return str(self.row["obstacles"][f"{theory} {reachable:d}{sigma > 0:d}"])

    def theorem(self) -> Theorem | None:
        row = self.row["recorded"]
        if row is None:
            return None
        least, accuracy = (self.file.formula(row[name]) for name in ("least", "accuracy"))
        limit = Limit(*row["inner"])
        return Theorem(**row["numbers"], inner=limit, needs=row["needs"], least=least, accuracy=accuracy)

    def choosing(self) -> Choosing:
        row = self.row["choosing"]
        bound = self.file.stated(row, lambda: self.live.choosing.bound)
        return Choosing(bound, self.file.formula(row["parts"]))

    def rule_of(self, statement: str) -> str | None:
        return self._rules.get(statement)

    @cached_property
    def _rules(self) -> dict[str, str]:
        rows = self.row["ways"].items()
        named = ((key, (row["guarantee"]["name"], *row["others"])) for key, row in rows)
        return {name: key.split()[0] for key, names in named for name in names}

    def way(self, rule: str, finite: bool, levels: bool) -> Way:
        return _way(self, rule, finite, levels)


@cache
def _way(finder: _Finder, rule: str, finite: bool, levels: bool) -> Way:
    def live() -> Way:
        return finder.live.way(rule, finite, levels)

    row, formula = finder.row["ways"].get(f"{rule} {finite:d}{levels:d}"), finder.file.formula
    if row is None:
        return live()
    return Way(
        rule=rule,
        kind=row["kind"],
        iterations=formula(row["iterations"]),
        limit=row["limit"] and formula(row["limit"]),
        curve=formula(row["curve"]),
        signal=Signal(formula(row["signal"]), live),
        still=row["still"] and formula(row["still"]),
        guarantee=finder.file.stated(row["guarantee"], lambda: live().guarantee),
    )
