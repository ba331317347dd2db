"""Statements as text at points where they have a value; at any other point the statement itself is asked.

So refusals, and limits where something is divided by 0, are the statement's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bounds import arithmetic, given
from bounds.arithmetic import Formula
from bounds.holding import holds
from bounds.kit.facts import Bound, Values, Way

_FAILS = (ArithmeticError, ValueError, TypeError)


@dataclass(frozen=True, eq=False)
class Stated:
    """A :class:`bounds.kit.facts.Bound` from its formulas.

    Attributes
    ----------
    name : str
    strict : tuple of bool
        Which conditions of the domain are strict.
    sides : Formula
        Both sides of each condition.
    value, enclosed : Formula
        The right-hand side, in floats and in intervals.
    live : callable
        Returns the statement.
    """

    name: str
    strict: tuple[bool, ...]
    sides: Formula
    value: Formula
    enclosed: Formula
    live: Callable[[], Bound]

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names of the quantities that it needs."""
        return self.value.names

    def __call__(self, **values: float) -> Any:
        """Return the right-hand side; raise ``DomainError`` outside the domain."""
        found = self._inside(values, self._number)
        return self.live()(**values) if found is None else found

    def enclose(self, **values: float) -> tuple[float, float]:
        """Return an outward-rounded enclosure of it."""
        found = self._inside(values, self._ends)
        return self.live().enclose(**values) if found is None else found

    def at(self, values: Values) -> tuple[float, str]:
        """Return the right-hand side and ``""``; or NaN and why there is none."""
        found = self._inside(values, self._number)
        return self.live().at(values) if found is None else (float(found), "")

    def _number(self, chosen: Values) -> Any:
        return self.value.function(*map(float, chosen.values()))

    def _ends(self, chosen: Values) -> tuple[float, float]:
        return arithmetic.enclosure(self.enclosed.function, chosen)

    def _inside(self, values: Values, evaluate: Callable[[Values], Any]) -> Any:
        """Return what there is at a point, None where it is no usual one."""
        try:
            chosen = given.singles(self.name, self.symbols, values)
            if not all(0 <= value < math.inf for value in chosen.values()):
                return None
            sides = self.sides.function(*chosen.values())
            pairs = zip(sides[::2], sides[1::2], self.strict, strict=True)
            found = evaluate(chosen) if all(holds(*pair) for pair in pairs) else None
        except _FAILS:
            return None
        return None if isinstance(found, complex) else found


@dataclass(frozen=True, eq=False)
class Signal:
    """All named parts of the theorem on the iterations, from a formula whose result is the list of their names."""

    formula: Formula
    live: Callable[[], Way]

    def __call__(self, values: Values) -> Mapping[str, float]:
        """Return the parts at values, by their names."""
        try:
            found = self.formula.function(*(float(values[name]) for name in self.formula.names))
        except _FAILS:
            return self.live().signal(values)
        if complex in map(type, found):
            return self.live().signal(values)
        return dict(zip(self.formula.result[1:-1].split(", "), found, strict=True))
