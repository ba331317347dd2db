"""What is no step at all: the weights as they were, or a gradient handed back in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from validate.audit.asking import Call
from validate.audit.defects import Defect, defect
from validate.audit.fitting import Answers
from validate.audit.known import name_of, sentence
from validate.audit.repeating import Outside
from validate.audit.search import Clues, search


def no_step(single: Answers, beta: Outside | None, calls: Sequence[Call], steps: int) -> Defect | None:
    """Return what is wrong with code that makes no step; None for code that makes one.

    Parameters
    ----------
    single : Answers
        On single tasks, with beta = 1.
    beta : Outside, optional
    calls : sequence of Call
        All that were made.
    steps : int
        Inner steps that are meant.
    """
    if not any(bool(call.moved.any()) for call in calls):
        return defect("no-step", f"in {len(calls)} calls the weights came back as they were")
    if beta is None or beta.kind != "ignored":
        return None
    gradient = replace(single, G=single.sheet.w - single.G)
    fits = search(gradient, Clues(), steps, depth=0)
    if not fits:
        return None
    told = (
        f"what it hands back is the same for every beta, and as a direction {sentence(name_of(fits[0].form))}"
    )
    return defect("gradient-returned", told)
