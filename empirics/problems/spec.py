"""Which families there are, and specifications: ``family:key=value,...`` or ``package.module:factory`` and back.

One file of this folder, or of a package of others, adds a family.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from inspect import isabstract
from typing import Any, cast

from bounds import arguments
from bounds.errors import InputError, nearest
from bounds.importing import spelt
from bounds.members import classes, sources
from bounds.reading import integer, real
from empirics.importing import import_named, made_by, split
from empirics.problems.base import Problem


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family: its name, the kind of value, and the default as it is typed."""

    name: str
    kind: str
    default: str


@dataclass(frozen=True)
class Family:
    """A problem family as ``fosp problems`` lists it."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]


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
    return types.MappingProxyType(named)


def _can_be_typed(kind: Any) -> bool:
    """Whether a class names itself a family and has a default for every parameter."""
    if "family" not in vars(kind) or isabstract(kind) or not is_dataclass(kind):
        return False
    given = [one for one in fields(kind) if one.init]
    return all(one.default is not MISSING or one.default_factory is not MISSING for one in given)


def describe(family: type[Problem]) -> Family:
    """Return the name, the first line of the docstring and the parameters of a family."""
    hints = typing.get_type_hints(family)
    summary = (family.__doc__ or "").strip().splitlines()[0]
    return Family(
        family.family,
        summary,
        tuple(Parameter(f.name, _kind(hints[f.name]), _show(f.default)) for f in _parameters(family)),
    )


def canonical(problem: Problem) -> str:
    """Return ``family:key=value,...``: size and seed always, and every parameter that is not its default."""
    given = [
        f"{f.name}={_show(getattr(problem, f.name))}"
        for f in _parameters(type(problem))
        if f.name in ("dim", "n_tasks", "seed") or getattr(problem, f.name) != f.default
    ]
    return f"{problem.family}:{','.join(given)}"


def families() -> tuple[Family, ...]:
    """Return every family with its parameters, in the order of the documentation, those of others last."""
    return tuple(describe(cls) for cls in found().values())


def from_spec(text: str) -> Problem:
    """Build the problem that a specification names.

    Parameters
    ----------
    text : str
        ``family:key=value,...`` (numbers may be fractions, ``1/6``) or ``package.module:factory``.

    Raises
    ------
    bounds.errors.InputError
        When no such problem exists or a parameter is out of its range.

    Examples
    --------
    >>> from_spec("ripple:seed=3,sigma=1/2").spec
    'ripple:dim=10,n_tasks=50,seed=3,sigma=0.5'
    """
    problem = made(arguments.text("text", text, "must be a specification: family:key=value,..."))
    if not isinstance(problem, Problem):
        model = isinstance(problem, tuple) or hasattr(problem, "tasks")
        remedy = "a model and its tasks are for: fosp recommend, estimate, measure" if model else ""
        raise InputError("problem", text, f"must return a Problem, not {type(problem).__name__}", remedy)
    return problem


def made(text: str) -> object:
    """Return the problem that a specification names, or whatever else a factory of somebody's returns.

    Raises
    ------
    InputError
        Unknown family or parameter, a value of the wrong kind or out of range, or a factory that cannot be
        imported or fails.
    """
    head, _, tail = text.strip().partition(":")
    known = found()
    if head in known:
        return known[head](**_arguments(text, tail, known[head]))
    allowed = f"must start with a family ({', '.join(known)}) or be package.module:factory"
    if remedy := spelt(text):
        raise InputError("problem", text, allowed, remedy)
    if split(text):
        return _from_factory(text)
    raise InputError("problem", text, allowed, nearest(head, known))


def _arguments(text: str, tail: str, family: type[Problem]) -> dict[str, Any]:
    hints, names = typing.get_type_hints(family), [f.name for f in _parameters(family)]
    given: dict[str, Any] = {}
    for item in filter(None, (part.strip() for part in tail.split(","))):
        key, separator, value = (part.strip() for part in item.partition("="))
        if not separator or key not in names:
            allowed = f"{item!r} must be key=value with a key of {', '.join(names)}"
            raise InputError("problem", text, allowed, nearest(key, names))
        if key in given:
            raise InputError("problem", text, f"{key} must be given once")
        given[key] = _read(key, value, hints[key])
    return given


def _from_factory(text: str) -> object:
    factory = import_named("problem", text.strip())
    problem = made_by(factory, "problem", text) if callable(factory) else factory
    return problem.named(text) if isinstance(problem, Problem) else problem


def _parameters(family: type[Problem]) -> list[Field[Any]]:
    return [f for f in fields(cast(Any, family)) if f.init and f.default is not MISSING]


def _read(key: str, text: str, hint: Any) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if type(None) in options and text.lower() == "none":
        return None
    kind = options[0]
    try:
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return _READERS[kind](text)
    except (ValueError, KeyError) as error:
        raise InputError(key, text, f"must be {_kind(hint)}") from error


def _finite(text: str) -> float:
    value = real(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not finite")
    return value


_READERS: Mapping[type, Callable[[str], Any]] = {float: _finite, int: integer, str: str}


def _kind(hint: Any) -> str:
    names = {int: "an integer", float: "a number", bool: "true or false", str: "a name", type(None): "none"}
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return " or ".join(names.get(option, f"a {option.__name__}, which cannot be typed") for option in options)


def _show(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)
