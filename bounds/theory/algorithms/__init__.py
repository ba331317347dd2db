"""The algorithms: one file each, found by what the file offers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bounds.bound import Statement
from bounds.errors import InputError, unknown
from bounds.members import members, sources
from bounds.reading import counted
from bounds.standing import several
from bounds.theory import complexity, one_step, recorded, selection, step_factor
from bounds.theory.algorithm import Algorithm
from bounds.theory.inner_steps import MOST
from bounds.theory.step_rules import PAPER, RULE, SAMPLED

if TYPE_CHECKING:
    from bounds.plan import Plan


PLACE = 70


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return all that the theory says of an algorithm: the record, and what is derived from its four parts."""
    return (
        *recorded.statements(algorithm),
        *one_step.statements(algorithm),
        *complexity.statements(algorithm),
        selection.chosen(algorithm),
        *(step_factor.statements(algorithm) if algorithm.inner_steps == 1 else ()),
    )


def algorithms() -> Mapping[str, Algorithm]:
    """Return the algorithms by their names, those of other packages last."""
    return _algorithms(sources(__name__))


def listed(algorithm: Algorithm, steps: int) -> tuple[Statement, ...]:
    """Return what is said of an algorithm, and the main statements on it with so many inner steps."""
    if algorithm.after is None:
        return statements(algorithm)
    several = algorithm.with_steps(steps)
    main = (complexity.theorem(what, several, several.rules[SAMPLED.name]) for what in complexity.QUANTITIES)
    return (*statements(algorithm), *one_step.statements(several), *main)


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
        raise unknown("algorithm", name, names())
    if counted(inner_steps) is None or inner_steps > MOST:
        raise InputError("inner_steps", inner_steps, f"must be a whole number from 1 to {MOST}")
    return found.with_steps(inner_steps)


def with_steps(inner_steps: int) -> Mapping[str, Algorithm]:
    """Return the algorithms that are known with so many inner steps, by their names."""
    known = {name: one for name, one in algorithms().items() if inner_steps == one.inner_steps or one.after}
    return {name: algorithm(name, inner_steps) for name in known}


def after_steps(name: str) -> Statement | None:
    """Return the statement of this name on an algorithm with several inner steps; None when there is none.

    Only algorithms whose names are part of it are built.
    """
    known = ((one, N) for one in algorithms().values() if one.after for N in range(2, MOST + 1))
    meant = (one.with_steps(N) for one, N in known if several(one.name, N) in name)
    return next((st for one in meant if (st := _named(name, one)) is not None), None)


def _named(name: str, algorithm: Algorithm) -> Statement | None:
    known = complexity.found(name, algorithm)
    if known is not None:
        return complexity.theorem(known[0], algorithm, *known[1])
    others = (*one_step.statements(algorithm), selection.chosen(algorithm))
    return next((st for st in others if st.name == name), None)


def of(plan: Plan) -> Algorithm:
    """Return the algorithm of a plan, with its number of inner steps."""
    return algorithm(plan.algorithm, plan.inner_steps)


def way_of(plan: Plan) -> complexity.Way:
    """Return a plan's step rule and ways to sample: those of its statement, or else what it says itself."""
    own = of(plan)
    known = complexity.found(plan.statement, own)
    if known is not None:
        return known[1]
    usual = plan.step_rule.kind if plan.step_rule else SAMPLED.name
    return complexity.Way(own.rules[PAPER.name if plan.theory == "paper" else usual], levels=plan.depth > 0)


def theorem(quantity: str, name: str, rule: str = SAMPLED.name) -> Statement:
    """Return ``guarantee``, ``floor`` or ``iterations`` of an algorithm under a step rule."""
    return complexity.theorem(quantity, algorithm(name), RULE[rule])
