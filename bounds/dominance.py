"""Whether the statement derived here is at least as sharp as the recorded one, on their whole common domain."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from bounds.bound import Statement
from bounds.catalogue import statement
from bounds.derivation.claim import Claim
from bounds.derivation.smt import prove
from bounds.derivations.tools import hypotheses

Finding = Literal["dominates", "fails somewhere", "undecided"]

PAIRS = MappingProxyType(
    {
        "paper.gradient-relation": "sharp.gradient-relation",
        "paper.second-moment": "sharp.second-moment",
        "paper.smoothness": "sharp.smoothness",
        "paper.quadratic-bound": "sharp.quadratic-bound",
        "paper.difference.bias": "sharp.difference.bias",
        "paper.step.mean": "sharp.step.paper.mean",
        "paper.step.square": "sharp.step.paper.square",
        "paper.inner.bias": "sharp.inner.bias",
        "paper.inner.second-moment": "sharp.inner.second-moment.task",
        "paper.test-adaptation": "sharp.test-adaptation",
    }
)


@dataclass(frozen=True)
class Comparison:
    """What was found for one pair, and a point where the derived statement is not sharper, if there is one."""

    recorded: str
    derived: str
    finding: Finding
    where: str = ""
    recorded_range: str = ""
    derived_range: str = ""


@cache
def compare(name: str) -> Comparison:
    """Decide one pair exactly with z3, on the whole common domain."""
    first, second = statement(name), statement(PAIRS[name])
    answer, point = prove(claim(first, second), common(first, second))
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
