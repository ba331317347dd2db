"""A part of many cases for every day, all of them in the whole suite."""

from collections.abc import Iterable
from typing import Any

import pytest


def first(number: int, cases: Iterable[Any]) -> list[Any]:
    """Mark all cases but the first ones as slow."""
    return _marked(cases, lambda place: place < number)


def every(step: int, cases: Iterable[Any]) -> list[Any]:
    """Mark all cases but every so many as slow."""
    return _marked(cases, lambda place: place % step == 0)


def _marked(cases, kept):
    return [
        case if kept(place) else pytest.param(case, marks=pytest.mark.slow)
        for place, case in enumerate(cases)
    ]
