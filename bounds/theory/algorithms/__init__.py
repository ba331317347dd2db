"""The algorithms: one file each, found by what the file offers."""

from __future__ import annotations

from functools import cache

from bounds.bound import Statement
from bounds.members import members, sources
from bounds.theory import complexity, one_step, recorded, step_factor
from bounds.theory.algorithm import Algorithm

PLACE = 70


def statements(algorithm: Algorithm) -> tuple[Statement, ...]:
    """Return all that the theory says of an algorithm: the record, and what is derived from its four parts."""
    return (
        *recorded.statements(algorithm),
        *one_step.statements(algorithm.name, algorithm.parts),
        *complexity.statements(algorithm),
        *step_factor.statements(algorithm),
    )


@cache
def algorithms() -> dict[str, Algorithm]:
    """Return the algorithms by their names."""
    return {one.name: one for one in members(sources(__name__), Algorithm)}
