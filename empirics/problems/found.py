"""Which families there are: one file of this folder, or of a package of others, adds one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from inspect import isabstract
from types import MappingProxyType
from typing import Any

from bounds.errors import InputError
from bounds.members import classes, sources
from empirics.problems.base import Problem


def found() -> Mapping[str, type[Problem]]:
    """Return every family by its name: the problems that can be typed, ``family:key=value,...``.

    Raises
    ------
    InputError
        When two families have one name.
    """
    return _found(sources("empirics.problems"))


@cache
def _found(places: tuple[str, ...]) -> Mapping[str, type[Problem]]:
    named: dict[str, type[Problem]] = {}
    for family in filter(_can_be_typed, classes(places, Problem)):
        if family.family in named:
            raise InputError("theory", family.family, "is the name of two problem families", "rename one")
        named[family.family] = family
    return MappingProxyType(named)


def _can_be_typed(kind: Any) -> bool:
    """Whether a class names itself a family and has a default for every parameter."""
    if "family" not in vars(kind) or isabstract(kind) or not is_dataclass(kind):
        return False
    given = [one for one in fields(kind) if one.init]
    return all(one.default is not MISSING or one.default_factory is not MISSING for one in given)
