"""A statement at a plan."""

from __future__ import annotations

from bounds.bound import Statement
from bounds.catalogue import stated
from bounds.plan import Plan


def evaluate(one: str | Statement, plan: Plan) -> tuple[float, str]:
    """Return the value of a statement about the problem at a plan, and why it does not apply (or "")."""
    return stated(one).at(plan.problem_values())
