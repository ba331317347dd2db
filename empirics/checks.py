"""Input checks of problems, models and the simulator, in one place."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from bounds import arguments
from bounds.arguments import count as count
from bounds.errors import InputError, reason
from bounds.holding import ROUNDING
from bounds.levels import chance
from bounds.plan import Plan, StepRule
from bounds.reading import counted, finite

SMALLEST, LARGEST = 1e-100, 1e100
"""Sizes between which squares and ratios of parameters stay numbers."""


def number(
    name: str,
    value: Any,
    least: float = 0.0,
    most: float = math.inf,
    open_below: bool = False,
    open_above: bool = True,
    remedy: str = "",
) -> float:
    """Return ``value`` as a finite float in ``[least, most)``, or raise InputError.

    Parameters
    ----------
    name, value
        The argument as the user knows it, and what was given.
    least, most : float
        Ends of the allowed range.
    open_below, open_above : bool
        Whether that end itself is excluded.
    remedy : str
        What to do about it, for the message.
    """
    allowed = f"must be a finite number {'>' if open_below else '>='} {least:g}"
    if most < math.inf:
        allowed += f" and {'<' if open_above else '<='} {most:g}"
    given = finite(value)
    if given is None:
        raise InputError(name, value, allowed, remedy)
    if given != 0 and not (SMALLEST <= abs(given) <= LARGEST):
        size = f"must be 0 or between {SMALLEST:g} and {LARGEST:g} in size, so that its square is a number"
        raise InputError(name, value, size, "measure in other units")
    above = given > least if open_below else given >= least
    below = given < most if open_above else given <= most
    if not (above and below):
        raise InputError(name, value, allowed, remedy)
    return given


def positive(name: str, value: Any) -> float:
    """Return ``value`` as a finite float > 0, or raise InputError."""
    return number(name, value, open_below=True)


def step(alpha: Any, L: float) -> float:
    """Return the inner step if it is in ``(0, 1/L]``, or raise InputError."""
    return number("alpha", alpha, most=1 / L, open_below=True, open_above=False, remedy=f"1/L is {1 / L:g}")


def points(name: str, value: Any, allowed: str = "must be an array of numbers") -> Tensor:
    """Return numbers, in whatever holds them, as a tensor of float64, or raise InputError."""
    if "complex" in str(getattr(value, "dtype", "")):
        raise InputError(name, value, allowed, "complex ones are none")
    try:
        return torch.as_tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InputError(name, value, allowed, reason(error)) from error


def seed(value: Any) -> int:
    """Return a seed, a whole number >= 0, or raise InputError."""
    return count("seed", value, 0)


def problem(value: Any) -> None:
    """Raise InputError for what neither is a problem nor stands in for one."""
    parts = ("dim", "n_tasks", "gradient", "hessian_vector", "sample")
    if isinstance(value, type) or not all(hasattr(value, name) for name in parts):
        raise InputError("problem", value, "must be a problem", _made_of(value))


def named(problem: Any) -> Any:
    """Return what names a problem in a refusal: its specification; what is none stands for itself."""
    spec = getattr(problem, "spec", None)
    return spec if isinstance(spec, str) else problem


def _made_of(value: Any) -> str:
    if isinstance(value, str):
        return "problems.from_spec(...) makes one of a specification"
    if isinstance(value, type):
        return f"it is a class: {value.__name__}(...) makes one"
    return "of fosp.problems, or of a class that derives from Problem"


# ---- what a model is estimated with: numbers of any size ---------------------------------------------


def above_zero(name: str, value: Any) -> None:
    """Raise InputError when a value is no finite number > 0."""
    if not ((finite(value) or 0.0) > 0):
        raise InputError(name, value, "must be a finite number > 0")


def whole(name: str, value: Any) -> None:
    """Raise InputError when a value is no whole number >= 1."""
    if counted(value) is None:
        raise InputError(name, value, "must be a whole number >= 1")


def seconds(value: Any) -> None:
    """Raise InputError when a time is no number > 0; it may be infinite."""
    if not ((arguments.real(value) or 0) > 0):
        raise InputError("seconds", value, "must be a number > 0")


# ---- what a run needs --------------------------------------------------------------------------------


def direction(value: Any) -> None:
    """Raise InputError for what cannot be called as a direction is."""
    arguments.function("direction", value, "oracle", "w", "alpha")


def device(name: str) -> None:
    """Raise InputError when torch cannot compute there in double precision."""
    arguments.kind(
        "device", name, (str, int, torch.device), "must be a device of this torch, like cpu or cuda"
    )
    try:
        kind = torch.empty(0, dtype=torch.float64, device=name).device.type
    except (RuntimeError, TypeError, ValueError, AssertionError) as error:
        told = str(error).splitlines()[0]
        raise InputError("device", name, "must be a device of this torch, like cpu or cuda", told) from error
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
    count("B", plan.B, remedy=plan.reason)
    if plan.depth:
        count("depth", plan.depth, 0)
        if plan.rate is None or not 0 < chance(plan.depth, plan.rate) <= 1 + ROUNDING:
            allowed = f"must be > 0, with a chance of a level of at most 1 at depth {plan.depth}"
            raise InputError("rate", plan.rate, allowed)
    if rule.kind == "sampled":
        count("B_prime", plan.B_prime, remedy="the sampled step draws its own tasks")
        count("D_beta", plan.D_beta, remedy="the sampled step draws its own samples")
