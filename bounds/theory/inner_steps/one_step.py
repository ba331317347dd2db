"""One step on F with N inner steps: how much each step rule makes it fall; in the list those for two steps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bounds.bound import Statement
from bounds.theory.inner_steps import curves, recorded
from bounds.theory.one_step import DESCENT, descent_of

PLACE = 83


@cache
def descents(N: int) -> Mapping[str, Statement]:
    """Return how much one step makes F with N inner steps fall, by the step rule."""
    if N == 1:
        return DESCENT
    rules = curves.rules(N)
    return MappingProxyType({name: descent_of(rule, N, rules) for name, rule in rules.items()})


STATEMENTS = tuple(descents(recorded.SHOWN).values())
