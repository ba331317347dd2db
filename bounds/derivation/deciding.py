"""Choose the decider of a step."""

from __future__ import annotations

from bounds.derivation import identity, smt, sturm
from bounds.derivation.outcome import Outcome
from bounds.derivation.step import Step


def decide(step: Step, timeout_ms: int = smt.TIMEOUT_MS) -> Outcome:
    """Return the verdict on a step; an expression that the method cannot read is ``unknown``."""
    try:
        if step.decide is not None:
            return step.decide(step)
        if step.method == "identity":
            return identity.decide(step)
        if step.method == "sturm":
            return sturm.decide(step)
        return smt.decide(step, timeout_ms)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        return Outcome("unknown", False, (), {"error": str(error)})
