"""Import what a user names: modules of the working directory are found too, in every process."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from bounds.errors import InputError


@contextmanager
def working_directory_importable() -> Iterator[None]:
    """Put the working directory first on the import path while the block runs."""
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)


def named(text: str, module: str, attribute: str, argument: str = "problem") -> Any:
    """Return what ``module:attribute`` names.

    Raises
    ------
    InputError
        When the module cannot be imported, for whatever reason, or has no such attribute.
    """
    try:
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:
        allowed = "must be a name of this program's, or package.module:name that can be imported"
        raise InputError(argument, text, allowed, told(error)) from error


def told(error: BaseException) -> str:
    """Return an exception of somebody's code in a few words: its type and what it says."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
