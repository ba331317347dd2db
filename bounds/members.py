"""What a folder offers: one file adds a statement, a problem family, a claim, a figure, a command. No registry.

Each module of a folder is imported, and its members of a kind are collected: module-level instances of the kind,
tuples of them, or the subclasses of a class that it defines. People outside add folders or modules of their own
(see :func:`sources`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeVar

from bounds.errors import InputError, said
from bounds.importing import spelt, working_directory_importable
from bounds.installed import may_offer

THEORY = "FOSP_THEORY"
"""Environment variable with the packages or modules of others, by commas; helper processes inherit it."""
GROUP = "fosp.theories"
"""Entry-point group in which an installed package names its own."""

Kind = TypeVar("Kind")


def sources(package: str) -> tuple[str, ...]:
    """Return where members are looked for: a package of this project first, then what others add."""
    return (package, *_others())


def _others() -> tuple[str, ...]:
    named = [name.strip() for name in os.environ.get(THEORY, "").split(",")]
    return tuple(dict.fromkeys(name for name in (*named, *_installed()) if name))


@cache
def _installed() -> tuple[str, ...]:
    if not may_offer(GROUP):
        return ()
    from importlib.metadata import entry_points

    return tuple(point.value for point in entry_points(group=GROUP))


def members(places: tuple[str, ...], kind: type[Kind]) -> tuple[Kind, ...]:
    """Return the instances of a kind that the modules offer, by the module's ``PLACE``, then as written.

    Parameters
    ----------
    places : tuple of str
        Packages, whose modules are all imported, or single modules.
    kind : type

    Raises
    ------
    InputError
        When a module cannot be imported, or asks for members while it is, or two modules offer one object: then
        the member was imported where the module should have been.
    """
    found: dict[int, tuple[str, Kind]] = {}
    for module in _modules(places):
        for one in _offered(module, kind):
            owner, _ = found.setdefault(id(one), (module.__name__, one))
            if owner != module.__name__:
                allowed = f"is offered by {owner} too; import the module, not its member"
                raise InputError("module", module.__name__, allowed)
    return tuple(one for _, one in found.values())


def classes(places: tuple[str, ...], base: type[Any]) -> tuple[type[Any], ...]:
    """Return the subclasses of a class that the modules define themselves, in the order of :func:`members`."""
    found = (
        value
        for module in _modules(places)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    )
    return tuple(dict.fromkeys(found))


@cache
def _modules(places: tuple[str, ...]) -> tuple[ModuleType, ...]:
    """Import the modules of the places, those of one package in the order of their ``PLACE`` and name."""
    found = [module for place in places for module in sorted(_within(_import(place)), key=_order)]
    for module in found:
        _refuse_half(module)
    return tuple(found)


def _refuse_half(module: ModuleType) -> None:
    """Raise ``InputError`` for a module that is still being imported: what stands further down would be lost."""
    if getattr(module.__spec__, "_initializing", False):
        allowed = "asks for what all modules offer while it is itself being imported"
        taken = "from bounds.theory import smoothness, smoothness.RECORDED_SMOOTHNESS"
        remedy = f"take one statement from its module: {taken}"
        raise InputError("theory", module.__name__, allowed, remedy)


def _order(module: ModuleType) -> tuple[float, str]:
    return getattr(module, "PLACE", float("inf")), module.__name__


def _within(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for entry in iter_modules(getattr(module, "__path__", ())):
        if entry.name != "__main__":
            yield from _within(_import(f"{module.__name__}.{entry.name}"))


def _import(name: str) -> ModuleType:
    try:
        with working_directory_importable():
            return import_module(name)
    except (Exception, SystemExit) as error:
        told = spelt(name) or said(error)
        raise InputError("theory", name, "must be a package or module that can be imported", told) from error


def _offered(module: ModuleType, kind: type[Any]) -> Iterator[Any]:
    for value in vars(module).values():
        if isinstance(value, kind):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, kind))
