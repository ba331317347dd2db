"""What a command is, and which there are: one file of :mod:`fosp.commands` each, and those of other packages."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple


class Command(NamedTuple):
    """One command of ``fosp``.

    A module that offers one at its top level, as ``COMMAND = Command(...)``, adds it; its ``PLACE`` orders it.

    Attributes
    ----------
    name : str
        What is typed.
    summary : str
        One sentence, for the help; of a longer text the first line.
    arguments : callable
        Adds the arguments to a parser. It imports nothing heavy.
    run : callable
        Does the work on the parsed arguments and returns the exit code.
    """

    name: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def own() -> tuple[Command, ...]:
    """Return the commands of this project; nothing outside :mod:`fosp` is imported."""
    from fosp import commands as folder

    modules = [import_module(f"{folder.__name__}.{name}") for name in _modules(folder.__path__)]
    return tuple(module.COMMAND for module in sorted(modules, key=lambda module: module.PLACE))


def _modules(path: Sequence[str]) -> list[str]:
    """Return the modules of a package; :mod:`pkgutil` takes three times as long, and knows zip files too."""
    try:
        names = (file.name for place in path for file in Path(place).iterdir())
        return sorted(name.removesuffix(".py") for name in names if name.endswith(".py") and name[0] != "_")
    except NotADirectoryError:
        from pkgutil import iter_modules

        return [entry.name for entry in iter_modules(path)]


def everyones() -> tuple[Command, ...]:
    """Return the commands of this project in order, then those of other packages that were named.

    Raises
    ------
    InputError
        When a package cannot be imported, or brings a command whose name is taken.
    """
    from bounds.errors import InputError
    from bounds.members import members, sources

    found = members(sources("fosp.commands"), Command)
    names = [command.name for command in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError("theory", name, "is the name of two commands", "rename one of them")
    return found
