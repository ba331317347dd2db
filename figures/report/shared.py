"""What many statements of a page share, said once: the parts of their formulas and the steps of their proofs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

_NAME = re.compile(r"<math[^>]*><mrow>(.*?)<mo>=</mo>", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """A part of a formula: its number on the page, its name and its equation in MathML, and what it means."""

    number: int
    name: str
    mathml: str
    meaning: str


@dataclass(frozen=True)
class Step:
    """A step of a proof: its number on the page, what it says, and who decided it."""

    number: int
    name: str
    verdict: str


@dataclass
class Shared:
    """The parts and the steps of a page, each once, numbered as they come."""

    parts: dict[tuple[str, str], Part] = field(default_factory=dict)
    steps: dict[tuple[str, str], Step] = field(default_factory=dict)

    def parts_of(self, told: Mapping[str, Any]) -> tuple[Part, ...]:
        """Return the parts of one statement's formula."""
        return tuple(self._part(one["mathml"], one["meaning"]) for one in told["where"])

    def _part(self, mathml: str, meaning: str) -> Part:
        found = _NAME.match(mathml)
        name = f"<math><mrow>{found[1]}</mrow></math>" if found else mathml
        return self.parts.setdefault((mathml, meaning), Part(len(self.parts) + 1, name, mathml, meaning))

    def steps_of(self, told: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
        """Return the steps of one statement's proof as stretches of numbers, first to last."""
        return stretches(self._step(one["name"], one["verdict"]) for one in told["ledger"]["steps"])

    def _step(self, name: str, verdict: str) -> int:
        return self.steps.setdefault((name, verdict), Step(len(self.steps) + 1, name, verdict)).number


def stretches(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return whole numbers as stretches without a gap, in order."""
    known = sorted(set(numbers))
    gaps = [(last, after) for last, after in pairwise(known) if after > last + 1]
    starts = [*known[:1], *(after for _, after in gaps)]
    return tuple(zip(starts, [*(last for last, _ in gaps), *known[-1:]], strict=True))
