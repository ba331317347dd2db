"""Whether the statement derived here is at least as sharp as the recorded one, on their whole common domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from bounds.bound import Statement
from bounds.catalogue import statement, statements
from bounds.derivation.claim import Claim
from bounds.derivation.tools import hypotheses

Finding = Literal["dominates", "fails somewhere", "undecided"]


@dataclass(frozen=True)
class Comparison:
    """What was found for one pair, and a point where the derived statement is not sharper, if there is one.

    ``where`` of what is undecided is why nobody can decide it, where that is known.
    """

    recorded: str
    derived: str
    finding: Finding
    where: str = ""
    recorded_range: str = ""
    derived_range: str = ""


@cache
def pairs() -> Mapping[str, Statement]:
    """Return the derived statements that sharpen a recorded one, by the name of the recorded one."""
    return MappingProxyType({st.sharpens.name: st for st in statements().values() if st.sharpens is not None})


def sharper_than(st: Statement) -> Statement | None:
    """Return the derived statement that sharpens a recorded one, if there is one."""
    return pairs().get(st.name)


@cache
def compare(name: str) -> Comparison:
    """Decide one pair exactly, on the whole common domain; what the prover cannot read is undecided."""
    from bounds.derivation.smt import prove

    first, second = statement(name), pairs()[name]
    try:
        answer, point = prove(claim(first, second), common(first, second))
    except (TypeError, ValueError, ZeroDivisionError) as error:
        answer, point = "unknown", str(error)
    finding: dict[str, Finding] = {"proved": "dominates", "refuted": "fails somewhere"}
    return Comparison(
        name,
        second.name,
        finding.get(answer, "undecided"),
        " ".join(point.split()),
        *map(_range, (first, second)),
    )


def claim(first: Statement, second: Statement) -> Claim:
    """Return the claim that the second is at least as sharp: smaller above, larger below."""
    below = first.relation == r"\ge"
    return Claim(first.expression, second.expression) if below else Claim(second.expression, first.expression)


def common(first: Statement, second: Statement) -> tuple[Claim, ...]:
    """Return both domains and the definitions of both."""
    parts = dict.fromkeys((*first.where, *second.where))
    named = tuple(Claim(d.symbol, d.expression, "=") for d in parts)
    return (*named, *hypotheses(first), *hypotheses(second))


def _range(st: Statement) -> str:
    return "; ".join(f"{c.name}: {c}" for c in st.domain)
