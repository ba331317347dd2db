"""HF-MAML's probe: whether the theory admits the lengths that were seen."""

from __future__ import annotations

import math

from bounds import Plan, statement

MORE = 1.1
"""Iterations that another probe may cost, as a factor."""


def guarantee(plan: Plan, length: float) -> float:
    """Return what the plan guarantees with a probe of another length and a tenth more iterations.

    That is at most the target for every admissible probe: the plan's own, shorter ones, and those a little longer
    that cost no more than this. Infinity where nothing is guaranteed.
    """
    longer = plan.with_(iterations=math.ceil(MORE * (plan.iterations or 0)))
    values = longer.values() | {"probe_length": length}
    bound, outside = statement(plan.statement).at(values)
    return math.inf if outside else bound
