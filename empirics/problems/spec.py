"""Specifications: ``family:key=value,...`` or ``package.module:factory`` to a problem and back."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, cast

from bounds.errors import InputError, nearest
from bounds.importing import spelt
from bounds.reading import integer, real
from empirics.importing import import_named, made_by
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


def parse(text: str, families: Mapping[str, type[Problem]]) -> Problem:
    """Build the problem that ``text`` specifies.

    Raises
    ------
    InputError
        As :func:`made`, and when a factory returns something else than a problem.
    """
    found = made(text, families)
    if not isinstance(found, Problem):
        model = isinstance(found, tuple) or hasattr(found, "tasks")
        remedy = "a model and its tasks are for: fosp recommend, estimate, measure" if model else ""
        raise InputError("problem", text, f"must return a Problem, not {type(found).__name__}", remedy)
    return found


def made(text: str, families: Mapping[str, type[Problem]]) -> object:
    """Return the problem that ``text`` specifies, or whatever else a factory of somebody's returns.

    Raises
    ------
    InputError
        Unknown family or parameter, a value of the wrong kind or out of range, or a factory that cannot be
        imported or fails.
    """
    head, _, tail = text.strip().partition(":")
    if head in families:
        return families[head](**_arguments(text, tail, families[head]))
    allowed = f"must start with a family ({', '.join(families)}) or be package.module:factory"
    if remedy := spelt(text):
        raise InputError("problem", text, allowed, remedy)
    if tail.isidentifier() and all(part.isidentifier() for part in head.split(".")):
        return _from_factory(text, head, tail)
    raise InputError("problem", text, allowed, nearest(head, families))


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


def _from_factory(text: str, module: str, name: str) -> object:
    factory = import_named("problem", f"{module}:{name}")
    found = made_by(factory, "problem", text) if callable(factory) else factory
    return found.named(text) if isinstance(found, Problem) else found


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
