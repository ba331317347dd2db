"""A statement at a plan."""

from __future__ import annotations

from bounds import statement
from bounds.plan import Plan


def evaluate(name: str, plan: Plan) -> tuple[float, str]:
    """Return the value of a statement about the problem at a plan, and why it does not apply (or "")."""
    return statement(name).at(plan.problem_values())
