"""Choose the decider of a step."""

from __future__ import annotations

from dataclasses import replace

from bounds.derivation import identity, smt, sturm
from bounds.derivation.outcome import Outcome
from bounds.derivation.restating import compares_itself
from bounds.derivation.step import Step


def decide(step: Step, timeout_ms: int = smt.TIMEOUT_MS) -> Outcome:
    """Return the verdict on a step; an expression that the method cannot read is ``unknown``.

    What compares an expression with itself is a definition, whoever decides it.
    """
    found = _decided(step, timeout_ms)
    return replace(found, definition=found.definition or compares_itself(step.claim))


def _decided(step: Step, timeout_ms: int) -> Outcome:
    try:
        if step.decide is not None:
            found: Outcome = step.decide(step)
            return found
        if step.method == "identity":
            return identity.decide(step)
        if step.method == "sturm":
            return sturm.decide(step)
        return smt.decide(step, timeout_ms)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        return Outcome("unknown", False, (), {"error": str(error)})
