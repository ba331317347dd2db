"""All statements, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bounds.bound import Statement
from bounds.errors import InputError, unknown
from bounds.members import members, sources
from bounds.theory import algorithms, complexity
from bounds.theory.algorithm import Algorithm
from bounds.theory.inner_steps import lemmas
from bounds.theory.inner_steps.recorded import SHOWN

if TYPE_CHECKING:
    from bounds.plan import Plan


PACKAGE = "bounds.theory"


def statements() -> Mapping[str, Statement]:
    """Return every statement of the theory by its name, the paper's first, those on each algorithm last.

    The statements on an algorithm follow from its four parts: they are made here, not when the algorithm is.

    Raises
    ------
    InputError
        When two statements have one name.
    """
    return _statements(sources(PACKAGE))


@cache
def _statements(places: tuple[str, ...]) -> Mapping[str, Statement]:
    own = members(places, Statement)
    of_algorithms = (st for one in members(places, Algorithm) for st in algorithms.listed(one, SHOWN))
    named: dict[str, Statement] = {}
    for st in sorted((*own, *of_algorithms), key=lambda st: st.chapter != "recorded"):
        if st.name in named:
            raise InputError("statement", st.name, "is stated twice; a statement's name is its own")
        named[st.name] = st
    return MappingProxyType(named)


def stated(one: str | Statement) -> Statement:
    """Return a statement, or the one that has a name."""
    return one if isinstance(one, Statement) else statement(one)


def name_of(one: str | Statement) -> str:
    """Return the name of a statement, or the name itself."""
    return one.name if isinstance(one, Statement) else one


def related(plan: Plan, quantity: str) -> Statement:
    """Return ``guarantee``, ``floor`` or ``iterations`` for a plan's algorithm, step rule and way of drawing."""
    return complexity.theorem(quantity, algorithms.of(plan), *algorithms.way_of(plan))


def statement(name: str) -> Statement:
    """Return one statement.

    Raises
    ------
    InputError
        When there is no statement of this name; the message lists the nearest names.
    """
    if not isinstance(name, str):
        raise unknown("name", name, statements())
    found = statements().get(name) or algorithms.after_steps(name) or lemmas.named(name)
    if found is None:
        raise unknown("statement", name, statements())
    return found
