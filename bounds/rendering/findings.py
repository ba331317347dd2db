"""What was found of a step, in words: who decided it, or that nobody did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bounds.derivation.restating import compares_itself
from bounds.derivation.step import Step

_WHO = {
    "smt": "by the solver z3 over the real numbers",
    "identity": "by the normal forms of both sides",
    "sturm": "by a Sturm sequence",
    "subdivision": "by interval subdivision with outward rounding",
    "exact": "in exact arithmetic",
}
_REDUCED = "both sides reduce to the same expression"
_FAILED = {
    "refuted": "REFUTED {who}: it does not follow",
    "vacuous": "NOT DECIDED, vacuous: nothing meets what is given, so anything would follow",
    "loose": "NOT DECIDED, loose: {tighter} it holds too",
    "unknown": "NOT DECIDED {who}: neither shown nor refuted",
}
"""What is said of a step that is not decided, by its status."""


def found_by(step: Step, found: Mapping[str, Any]) -> str:
    """Say what was found of a step, and by whom: of what is not decided never that it is."""
    tighter = "with a thousandth less room" if step.controls is None else "when it is tightened"
    if found["status"] == "definition":
        same = compares_itself(step.claim)
        return "both sides are one expression" if same else "one of the conditions, restated"
    if found["status"] != "decided":
        return _FAILED[found["status"]].format(who=_WHO[step.method], tighter=tighter)
    boxes = found["detail"].get("boxes")
    words = f"decided {_WHO[step.method]}" if step.method != "identity" else _REDUCED
    words += f" ({boxes} boxes)" if boxes else ""
    return words if step.claim.relation == "=" else f"{words}; refuted {tighter}"
