"""The algorithms: one file each, found by what the file offers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bounds.bound import Statement
from bounds.errors import InputError
from bounds.members import members, sources
from bounds.plan import Plan
from bounds.reading import counted
from bounds.theory import complexity, one_step, recorded, step_factor
from bounds.theory.algorithm import Algorithm
from bounds.theory.inner_steps import MOST
from bounds.theory.step_rules import RULE, SAMPLED

PLACE = 70


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return all that the theory says of an algorithm: the record, and what is derived from its four parts."""
    return (
        *recorded.statements(algorithm),
        *one_step.statements(algorithm),
        *complexity.statements(algorithm),
        *step_factor.statements(algorithm),
    )


def algorithms() -> Mapping[str, Algorithm]:
    """Return the algorithms by their names, those of other packages last."""
    return _algorithms(sources(__name__))


@cache
def _algorithms(places: tuple[str, ...]) -> Mapping[str, Algorithm]:
    return MappingProxyType({one.name: one for one in members(places, Algorithm)})


def names() -> tuple[str, ...]:
    """Return what may be typed for an algorithm."""
    return tuple(algorithms())


def runnable() -> tuple[str, ...]:
    """Return the names of the algorithms that can be run: those with a running half."""
    return tuple(name for name, one in algorithms().items() if one.direction)


def algorithm(name: str, inner_steps: int = 1) -> Algorithm:
    """Return one algorithm, with so many inner steps.

    Raises
    ------
    InputError
        When there is none of this name, or it is not known with so many steps.
    """
    found = algorithms().get(name)
    if found is None:
        raise InputError("algorithm", name, f"must be one of {', '.join(names())}")
    if inner_steps == found.inner_steps:
        return found
    if counted(inner_steps) is None or inner_steps > MOST:
        raise InputError("inner_steps", inner_steps, f"must be a whole number from 1 to {MOST}")
    if found.after is None:
        raise InputError("inner_steps", inner_steps, f"{name} is known with {found.inner_steps} only")
    return found.after(inner_steps)


def of(plan: Plan) -> Algorithm:
    """Return the algorithm of a plan, with its number of inner steps."""
    return algorithm(plan.algorithm, plan.inner_steps)


def theorem(quantity: str, name: str, rule: str = SAMPLED.name) -> Statement:
    """Return ``guarantee``, ``floor`` or ``iterations`` of an algorithm under a step rule."""
    return complexity.theorem(quantity, algorithm(name), RULE[rule])
