"""The figures in the order in which they are numbered: the one place that knows a number."""

from __future__ import annotations

NAMES = (
    "convergence",
    "plateau",
    "iterations",
    "batch-sizes",
    "k-shot",
    "displacement",
    "slack",
    "plateau-map",
    "cost",
    "samples",
    "table1",
    "step-moments",
)


def number(name: str) -> int:
    """Return the number of a figure, from 1."""
    return NAMES.index(name) + 1
