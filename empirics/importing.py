"""Import what a user names: modules of the working directory are found too, in every process.

The working directory comes last on the module path, so that a file there never stands in for a module of
Python, of this project or of an installed package.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from bounds.errors import InputError
from bounds.importing import spelt, working_directory_importable
from empirics.sources import PACKAGES, sources

OURS = "empirics"
_NAME = "must be a name of this program's, or package.module:name that can be imported"
_AT_IMPORT: WeakKeyDictionary[ModuleType, dict[str, str]] = WeakKeyDictionary()


def split(name: str) -> tuple[str, str] | None:
    """Return the module and the attribute of ``package.module:attribute``; None for any other name."""
    module, separator, attribute = name.strip().partition(":")
    if separator and attribute.isidentifier() and all(part.isidentifier() for part in module.split(".")):
        return module, attribute
    return None


def foreign(name: str) -> bool:
    """Whether a name is code to import that is not this project's own: nobody else may name it for a user."""
    code = split(name)
    return code is not None and code[0].split(".")[0] not in PACKAGES


def import_named(argument: str, name: str) -> object:
    """Return what ``package.module:attribute`` names, and note the source files that it is made from.

    Raises
    ------
    InputError
        When there is no such thing, it cannot be imported for whatever reason, or a file of the working directory
        has the name of an installed module.
    """
    module, attribute = split(name) or ("", "")
    if remedy := spelt(name):
        raise InputError(argument, name, _NAME, remedy)
    if not module:
        remedy = f"write {name.strip()}:NAME, what in it" if name.strip().isidentifier() else ""
        raise InputError(argument, name, _NAME, remedy)
    with working_directory_importable():
        _refuse_hidden(argument, name, module)
        try:
            found = importlib.import_module(module)
            _AT_IMPORT.setdefault(found, sources(module))
            return getattr(found, attribute)
        except (Exception, SystemExit) as error:
            raise InputError(argument, name, _NAME, told(error)) from error


def told(error: BaseException) -> str:
    """Return an exception of somebody's code in a few words: its type and what it says."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def running_half(argument: str, path: str) -> Any:
    """Return what an object of the theory names: ours as it is, that of others as :func:`import_named` does."""
    module, attribute = split(path) or ("", "")
    if module.partition(".")[0] == OURS:
        return getattr(importlib.import_module(module), attribute)
    return import_named(argument, path)


def made_by(factory: Callable[[], Any], argument: str, name: str) -> Any:
    """Return what a user's factory makes; what goes wrong in it is refused by its name, as ``argument``."""
    try:
        with working_directory_importable():
            return factory()
    except InputError as error:
        raise InputError(argument, name, f"the factory refuses its own input: {error}") from error
    except (Exception, SystemExit) as error:
        raise InputError(argument, name, f"the factory failed with {told(error)}") from error


def sources_behind(module: str) -> dict[str, str] | None:
    """Return the SHA-256 of each of the user's files that a module draws on, by module; None without any."""
    with working_directory_importable():
        return sources(module) or None


def require_unedited(argument: str, name: str) -> None:
    """Refuse to compute with a module whose files were edited after this process imported it.

    Raises
    ------
    InputError
        When a file has changed: the numbers would be those of the old text under the name of the new.
    """
    module, _ = split(name) or ("", "")
    loaded = sys.modules.get(module)
    before = _AT_IMPORT.get(loaded) if loaded else None
    if before is not None and before != (after := sources_behind(module) or {}):
        edited = sorted({key for key, _ in before.items() ^ after.items()})
        allowed = f"draws on {', '.join(edited)}, edited after this process had imported it"
        raise InputError(argument, name, allowed, "start a new process")


def _refuse_hidden(argument: str, name: str, module: str) -> None:
    """Say so when the user's own file cannot be meant, because another module has its name."""
    top = module.partition(".")[0]
    ours = [Path.cwd() / f"{top}.py", Path.cwd() / top / "__init__.py"]
    origin = getattr(find_spec(top), "origin", None)
    mine = [file for file in ours if file.is_file()]
    if mine and (origin is None or Path(origin).resolve() not in {file.resolve() for file in ours}):
        allowed = f"names {origin or 'a module of Python'}, not {mine[0].name} of the working directory"
        raise InputError(argument, name, allowed, "give the file another name")
