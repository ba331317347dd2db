"""Short ways to state a bound: units by name, unevaluated extrema, and the two provenances."""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Statement
from bounds.standing import HYPOTHESIS, OPEN, ORDER
from bounds.units import PURE, Unit, unit

GRADIENT = unit(1, -1)
GRADIENT_SQUARED = unit(2, -2)
HESSIAN = unit(1, -2)
OBJECTIVE = unit(1)
INNER_STEP = unit(-1, 2)
PRODUCT = unit(2, -3)
ABSTRACT, NOTES, IMPLEMENTATION, RECALL = "abstract", "notes", "implementation", "recall"
"""Where a recorded statement is known from, see :data:`bounds.bound.MARKS`."""


def smaller(*values: object) -> sp.Expr:
    """Return the minimum, as written: sympy does not try to decide which one it is."""
    return sp.Min(*values, evaluate=False)


def larger(*values: object) -> sp.Expr:
    """Return the maximum, as written."""
    return sp.Max(*values, evaluate=False)


def recorded(
    name: str,
    title: str,
    subject: str,
    expression: object,
    unit: Unit,
    source: str,
    *,
    marks: tuple[str, ...],
    **rest: Any,
) -> Statement:
    """State what the paper has, as recorded; ``source`` completes "the paper's", ``marks`` say who has seen it.

    Unless it is said otherwise it stands as an order, or as a hypothesis.
    """
    own = {"standing": OPEN if rest.get("up_to_constant") else HYPOTHESIS}
    return Statement(
        name=f"paper.{name}",
        title=title,
        subject=subject,
        expression=sp.sympify(expression),
        unit=unit,
        source=f"the paper's {source}",
        provenance="recorded",
        marks=marks,
        chapter="recorded",
        **own | rest,
    )


def standing_in(
    name: str, title: str, subject: str, expression: object, unit: Unit, source: str, **rest: Any
) -> Statement:
    """State what is ours and takes the place of a statement of the paper that is not in the record."""
    return Statement(
        name=f"paper.{name}",
        title=title,
        subject=subject,
        expression=sp.sympify(expression),
        unit=unit,
        source=f"ours, in place of the paper's {source}",
        provenance="derived",
        chapter="recorded",
        **rest,
    )


def derived(
    name: str, title: str, subject: str, expression: object, unit: Unit, source: str, **rest: Any
) -> Statement:
    """State what is derived here; ``source`` names the argument."""
    own = {"standing": ORDER} if rest.get("up_to_constant") else {}
    return Statement(
        name=f"sharp.{name}",
        title=title,
        subject=subject,
        expression=sp.sympify(expression),
        unit=unit,
        source=f"derived here: {source}",
        provenance="derived",
        **own | rest,
    )


__all__ = [
    "ABSTRACT",
    "GRADIENT",
    "GRADIENT_SQUARED",
    "HESSIAN",
    "IMPLEMENTATION",
    "INNER_STEP",
    "NOTES",
    "OBJECTIVE",
    "PRODUCT",
    "PURE",
    "RECALL",
    "derived",
    "larger",
    "recorded",
    "smaller",
    "standing_in",
]
