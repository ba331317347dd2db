"""Input checks of the simulator, in one place."""

from __future__ import annotations

from typing import Any

import torch

from bounds.errors import InputError
from bounds.levels import chance
from bounds.parts import ROUNDING
from bounds.plan import Plan, StepRule
from bounds.reading import counted


def integer(name: str, value: Any, least: int, remedy: str = "") -> int:
    """Return ``value`` as an int, or raise InputError when it is not an integer >= ``least``."""
    number = counted(value, least)
    if number is None:
        raise InputError(name, value, f"must be an integer >= {least}, of at most 64 bits", remedy)
    return number


def device(name: str) -> None:
    """Raise InputError when torch cannot compute there in double precision."""
    try:
        kind = torch.empty(0, dtype=torch.float64, device=name).device.type
    except (RuntimeError, TypeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            "device", name, "must be a device of this torch, like cpu or cuda", reason
        ) from error
    if kind == "meta":
        raise InputError("device", name, "holds shapes and no numbers", "take cpu or cuda")


def step_rule(plan: Plan) -> tuple[StepRule, float]:
    """Return the step rule and the step factor; raise InputError when the plan has none."""
    if plan.step_rule is None or plan.step_factor is None:
        raise InputError("plan", plan.algorithm, "must have a step rule and a step factor", plan.reason)
    if plan.step_rule.kind not in ("sampled", "self-scaled", "constant"):
        raise InputError("step_rule", plan.step_rule.kind, "must be sampled, self-scaled or constant")
    return plan.step_rule, plan.step_factor


def same_tasks(plan: Plan, n_tasks: int) -> None:
    """Raise InputError when a plan draws different tasks out of another number than the problem has."""
    if plan.tasks != "with replacement" and plan.n_tasks != n_tasks:
        allowed = f"is what the plan counts on; the problem has {n_tasks} tasks"
        raise InputError("n_tasks", plan.n_tasks, allowed, f"recommend with n_tasks={n_tasks}")


def runnable(plan: Plan, exact: bool) -> None:
    """Raise InputError unless the plan has everything that a run needs."""
    rule, _ = step_rule(plan)
    if exact:
        return
    integer("B", plan.B, 1, plan.reason)
    if plan.depth:
        integer("depth", plan.depth, 0)
        if plan.rate is None or not 0 < chance(plan.depth, plan.rate) <= 1 + ROUNDING:
            allowed = f"must be > 0, with a chance of a level of at most 1 at depth {plan.depth}"
            raise InputError("rate", plan.rate, allowed)
    if rule.kind == "sampled":
        integer("B_prime", plan.B_prime, 1, "the sampled step draws its own tasks")
        integer("D_beta", plan.D_beta, 1, "the sampled step draws its own samples")
