"""The verdicts as rows of a page: numbers as they are read, equal answers together, a strip for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from validate.telling import looseness
from validate.verdict import Verdict

DECADES = 3.0
"""How far below the bound a strip reaches; above it one decade."""


@dataclass(frozen=True)
class Row:
    """One verdict of the table; ``group`` numbers the question, ``first`` is the tightest of equal answers."""

    verdict: Verdict
    tone: str
    group: int
    first: bool
    alike: int
    measured: str
    interval: str
    bound: str
    slack: str
    strip: Strip | None


@dataclass(frozen=True)
class Strip:
    """The measured interval over the bound on a logarithmic line, in per cent of its width; 75 is the bound.

    ``side`` says where the statement says that the number lies: below, above or there.
    """

    low: float
    high: float
    middle: float
    side: str


TONES: Mapping[str, str] = {
    "CONSISTENT": "good",
    "record refuted": "found",
    "record loose": "found",
    "VIOLATED": "bad",
    "FAILED": "bad",
    "INCONCLUSIVE": "open",
    "NOT_APPLICABLE": "none",
}
RELATIONS = {"at most": "≤", "at least": "≥", "equal": "="}


def rows(verdicts: Sequence[Verdict]) -> list[Row]:
    """Return the rows in order; several CONSISTENT answers to one question are a group."""
    groups: dict[tuple[object, ...], list[Verdict]] = {}
    for place, verdict in enumerate(verdicts):
        groups.setdefault(_question(verdict, place), []).append(verdict)
    numbers = {question: number for number, question in enumerate(groups)}
    firsts = {question: min(members, key=looseness) for question, members in groups.items()}
    keys = [_question(verdict, place) for place, verdict in enumerate(verdicts)]
    return [
        _row(v, numbers[key], firsts[key] is v, len(groups[key]))
        for v, key in zip(verdicts, keys, strict=True)
    ]


def _question(v: Verdict, place: int) -> tuple[object, ...]:
    alone = None if v.said == "CONSISTENT" else place
    return v.claim, v.statement, v.algorithm, v.problem, v.setting, alone


def _row(v: Verdict, group: int, first: bool, alike: int) -> Row:
    ends = "–" if any(map(math.isnan, v.interval)) else f"{show(v.interval[0])} to {show(v.interval[1])}"
    return Row(
        v, TONES[v.said], group, first, alike, show(v.statistic), ends, show(v.bound), show(v.slack), strip(v)
    )


def show(value: float) -> str:
    """Return a number with four digits and a true minus."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.4g}".replace("-", "−").replace("e+", "e")


def strip(v: Verdict) -> Strip | None:
    """Return where the interval lies beside the bound; None where one of them has no logarithm."""
    if not (0 < v.bound < math.inf and v.statistic > 0 and v.interval[1] > 0):
        return None
    low, high, middle = (_place(value, v.bound) for value in (*v.interval, v.statistic))
    return Strip(low, high, middle, {"at most": "below", "at least": "above"}.get(v.relation, "there"))


def _place(value: float, bound: float) -> float:
    if not value > 0:
        return 0.0
    decades = DECADES + 1 if math.isinf(value) else math.log10(value) - math.log10(bound) + DECADES
    return round(100 * min(max(decades / (DECADES + 1), 0.0), 1.0), 2)
