"""What a decider found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Answer = Literal["proved", "refuted", "unknown"]


@dataclass(frozen=True)
class Outcome:
    """The verdict on one step.

    ``decided`` needs all three: the claim proved, the hypotheses satisfiable, and every control refuted. A
    ``definition`` compares an expression with itself, or restates a hypothesis: it shows nothing, but notices when
    one of two is altered.
    """

    claim: Answer
    satisfiable: bool
    controls: tuple[Answer, ...]
    detail: dict[str, Any] = field(default_factory=dict, compare=False)
    definition: bool = False

    @property
    def decided(self) -> bool:
        """Whether the step holds, is not vacuous, and is not loose."""
        return (
            self.claim == "proved"
            and self.satisfiable
            and bool(self.controls)
            and set(self.controls) == {"refuted"}
        )

    @property
    def status(self) -> str:
        """One word: decided, definition, refuted, vacuous, loose, or unknown."""
        if self.claim != "proved":
            return self.claim
        if not self.satisfiable:
            return "vacuous"
        if self.decided:
            return "definition" if self.definition else "decided"
        return "loose" if "proved" in self.controls or not self.controls else "unknown"
