"""A verdict: what the data say about one claim, with the interval they say it by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Status(StrEnum):
    """The five things that can be said of a claim."""

    CONSISTENT = "CONSISTENT"
    VIOLATED = "VIOLATED"
    INCONCLUSIVE = "INCONCLUSIVE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    FAILED = "FAILED"


def part_of(claim: str, whole: str) -> bool:
    """Whether a claim is another one or a part of it, whose name begins with that one's and a dot."""
    return f"{claim}.".startswith(f"{whole}.")


RELATIONS: Mapping[str, str] = MappingProxyType({"<=": "at most", ">=": "at least", "==": "equal"})
"""How a statement compares what is measured with its bound."""


def room(relation: str, value: float, bound: float) -> float:
    """Return the slack of a number: below 1 it is on the wrong side of the bound, whatever the relation.

    That is ``bound / value`` for at most, ``value / bound`` for at least. An equality has none, nor has a negative
    number or one of which nothing is known: NaN.
    """
    over, under = (bound, value) if relation == RELATIONS["<="] else (value, bound)
    if relation == RELATIONS["=="] or not (over >= 0 and under >= 0):
        return math.nan
    if under == 0:
        return math.nan if over == 0 else math.inf
    return over / under if under < math.inf else 0.0 if over < math.inf else math.nan


def slacks(
    relation: str, value: float, ends: tuple[float, float], bound: float
) -> tuple[float, tuple[float, float]]:
    """Return the slack of a number, and its interval from that of the number, which is >= 0; NaN for none."""
    slack = room(relation, value, bound)
    found = [slack if math.isnan(slack) else room(relation, max(end, 0.0), bound) for end in ends]
    known = not any(map(math.isnan, found))
    return slack, (min(found), max(found)) if known else (math.nan, math.nan)


@dataclass(frozen=True)
class Verdict:
    """One row of the report.

    ``statistic`` is what was measured, ``interval`` its confidence interval at ``level`` (that of one look; the
    share of this check follows from it), made by ``method``; ``sure``: the end on which VIOLATED rests holds at
    every number of observations, not only in the limit of many; ``bound`` what the statement says about it,
    ``slack`` is the room that is left, with ``slack_interval``: see :func:`room`; ``n`` counts independent
    replicates; ``setting`` says at which inner step and for which target or batches it was measured; ``seed`` is
    the key of its random streams; ``provided`` says which constants of the bound are only declared or estimated,
    or refuted (empty: certified). ``relation`` says how the statement compares the two: at most, at least or equal
    (empty in results of older versions).
    """

    claim: str
    statement: str
    algorithm: str
    problem: str
    status: Status
    statistic: float
    interval: tuple[float, float]
    level: float
    bound: float
    slack: float
    slack_interval: tuple[float, float]
    n: int
    detail: str
    setting: str = ""
    seed: int = 0
    provided: str = ""
    method: str = ""
    sure: bool = False
    relation: str = ""

    def belongs_to(self, claim: str) -> bool:
        """Whether it is about a claim, ``step``, or about a part of it, ``step.mean``."""
        return part_of(self.claim, claim)

    @property
    def erratum(self) -> str:
        """Identifier of the erratum that it is about; empty when it is about none."""
        from bounds.errata import ERRATA

        return next((key for key, one in ERRATA.items() if self.claim == one.claim), "")

    @property
    def said(self) -> str:
        """The verdict in a word.

        An erratum that was found again refutes the statement as recorded, or shows that its order is loose.
        """
        if self.status is not Status.CONSISTENT or not self.erratum:
            return self.status.value
        from bounds import statement

        return "record loose" if statement(self.statement).standing.kind == "order" else "record refuted"

    @property
    def provenance(self) -> str:
        """Where the statement comes from: recorded, cross-checked or derived."""
        from bounds import statement

        return statement(self.statement).provenance

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON-ready data."""
        plain = {"status": self.status.value, "interval": list(self.interval), "provenance": self.provenance}
        return asdict(self) | plain
