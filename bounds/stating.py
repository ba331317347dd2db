"""Short ways to state a bound: units by name, unevaluated extrema, and whose statement it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from bounds.bound import Provenance, Statement
from bounds.standing import DERIVED, HYPOTHESIS, OPEN, ORDER, Chapter, Standing
from bounds.units import PURE, Unit, unit

GRADIENT = unit(1, -1)
GRADIENT_SQUARED = unit(2, -2)
HESSIAN = unit(1, -2)
OBJECTIVE = unit(1)
INNER_STEP = unit(-1, 2)
PRODUCT = unit(2, -3)
ABSTRACT, NOTES, IMPLEMENTATION, RECALL, MEMORY = "abstract", "notes", "implementation", "recall", "memory"
"""Where a recorded statement is known from, see :data:`bounds.bound.MARKS`."""


def smaller(*values: object) -> sp.Expr:
    """Return the minimum, as written: sympy does not try to decide which one it is."""
    return sp.Min(*values, evaluate=False)


def larger(*values: object) -> sp.Expr:
    """Return the maximum, as written."""
    return sp.Max(*values, evaluate=False)


@dataclass(frozen=True)
class Source:
    """Whose statements: the prefix of their names, and what they are; called, it states one.

    A theory file says its own, and states with it: ``OTHERS = Source("others", "Other and Others'", "recorded")``.

    Attributes
    ----------
    prefix : str
        What the names of its statements begin with, before the first dot.
    words : str
        What stands before the ``source`` of a statement and is completed by it.
    provenance : {"recorded", "cross-checked", "derived"}
    chapter : {"recorded", "lemmas", "theorems"}
        Where a reader finds its statements, unless they say otherwise.
    usual, order : Standing
        How a statement stands unless it says otherwise: one with a constant, and one up to a constant.
    marks : tuple of str
        Where all of a record is known from, unless a statement says otherwise.
    """

    prefix: str
    words: str
    provenance: Provenance
    chapter: Chapter = "recorded"
    usual: Standing = HYPOTHESIS
    order: Standing = OPEN
    marks: tuple[str, ...] = ()

    def named(self, name: str) -> str:
        """Return the full name of one of its statements."""
        return f"{self.prefix}.{name}"

    def __call__(
        self, name: str, title: str, subject: str, expression: object, unit: Unit, source: str, **rest: Any
    ) -> Statement:
        """State something; ``source`` completes the words, ``rest`` are the other fields of a statement."""
        own = {
            "standing": self.order if rest.get("up_to_constant") else self.usual,
            "chapter": self.chapter,
            "marks": self.marks,
        }
        return Statement(
            name=self.named(name),
            title=title,
            subject=subject,
            expression=sp.sympify(expression),
            unit=unit,
            source=f"{self.words} {source}",
            provenance=self.provenance,
            **own | rest,
        )


recorded = Source("paper", "the paper's", "recorded")
"""What the paper has, as recorded; the ``marks`` of each statement say who has seen it."""
standing_in = Source("paper", "ours, in place of the paper's", "derived", usual=DERIVED, order=DERIVED)
"""What is ours and takes the place of a statement of the paper that is not in the record."""
derived = Source("sharp", "derived here:", "derived", "lemmas", usual=DERIVED, order=ORDER)
"""What is derived here; ``source`` names the argument."""


__all__ = [
    "ABSTRACT",
    "GRADIENT",
    "GRADIENT_SQUARED",
    "HESSIAN",
    "IMPLEMENTATION",
    "INNER_STEP",
    "MEMORY",
    "NOTES",
    "OBJECTIVE",
    "PRODUCT",
    "PURE",
    "RECALL",
    "Source",
    "derived",
    "larger",
    "recorded",
    "smaller",
    "standing_in",
]
