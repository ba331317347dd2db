"""What a counterexample shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Enclosure = tuple[float, float]


@dataclass(frozen=True)
class Evidence:
    """A counterexample: exact parameters, and enclosures of what was measured and what was recorded.

    ``shows`` is true when the enclosures are disjoint, on the side that refutes the record.
    """

    instance: Mapping[str, str]
    measured: Enclosure
    recorded: Enclosure
    shows: bool
    checks: Mapping[str, bool]

    def __post_init__(self) -> None:
        object.__setattr__(self, "shows", bool(self.shows))
        object.__setattr__(self, "checks", {name: bool(ok) for name, ok in self.checks.items()})
