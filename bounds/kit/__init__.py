"""What a recommendation takes from the theory, without computer algebra where that is safe.

The theory's objects are sympy's, and to import both takes longer than a plan. So what the search needs of them,
names, limits and formulas as Python text, is written to ``formulas/`` by ``python -m bounds.kit``, from the same
objects and by the same printer that the search would use them through: the two give the same plans bit for bit.

:func:`source` is the one place that decides which of the two is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bounds.members import sources as places

if TYPE_CHECKING:
    from bounds.kit.facts import Bound, Kit, Subject
    from bounds.plan import Plan

OF_FORMULAS = ("bounds.parts", "bounds.codegen", "bounds.theory")
"""Modules without which no formula of the theory is there to be altered."""


def source() -> Kit:
    """Return what is on disk, where that says what the theory would say; else the theory itself.

    That is: nobody else's theory is named or installed, what is on disk was made from the modules that are there
    now, and none that has or makes a formula has been imported: what is in memory may be altered.
    """
    if len(places(__name__)) == 1 and not any(name in sys.modules for name in OF_FORMULAS):
        from bounds.kit import stored

        if found := stored.current():
            return found
    from bounds.kit import live

    return live


def needed() -> tuple[str, ...]:
    """Return the modules that helper processes had better be forked with: the theory, where it is asked."""
    from bounds.kit import stored

    return () if isinstance(source(), stored.Stored) else (f"{__name__}.live",)


def usual() -> str:
    """Return the name of the algorithm where none is asked for; nobody else's theory is imported for it."""
    from bounds.kit import stored

    if found := stored.current():
        return found.usual
    from bounds.theory.algorithms.maml import MAML

    return MAML.name


def names() -> tuple[str, ...]:
    """Return the names of the algorithms, those of other packages last."""
    return source().names()


def subject(name: str, inner_steps: int = 1) -> Subject:
    """Return an algorithm with so many inner steps.

    Raises
    ------
    InputError
        When there is none of this name, or it is not known with so many steps.
    """
    return source().subject(name, inner_steps)


def with_steps(inner_steps: int) -> Mapping[str, Subject]:
    """Return the algorithms that are known with so many inner steps, by their names."""
    known = {name: subject(name) for name in names()}
    return {
        name: subject(name, inner_steps)
        for name, one in known.items()
        if one.after or one.inner_steps == inner_steps
    }


def of(plan: Plan) -> Subject:
    """Return the algorithm of a plan, with its number of inner steps."""
    return subject(plan.algorithm, plan.inner_steps)


def rule_of(plan: Plan) -> str:
    """Return the name of a plan's step rule: that of its statement, or else what the plan says itself."""
    found = of(plan).finder.rule_of(plan.statement)
    if found is None:
        from bounds.theory.algorithms import way_of

        found = way_of(plan).rule.name
    return found


def promised() -> Mapping[str, Bound]:
    """Return what holds for one random iterate: under ``any`` step, and under the ``constant`` one."""
    return source().promised()
