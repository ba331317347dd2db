"""Whose package is it? Another project ships a top-level package with a name of ours."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

STRANGERS = {"validate": "configobj"}


def require_own(name: str) -> None:
    """Refuse to go on with a stranger's package under a name of ours.

    Raises
    ------
    InputError
        When ``import name`` gives a package that is not this project's.
    """
    from bounds.errors import InputError

    package = import_module(name)
    if not hasattr(package, "check"):
        where = str(Path(package.__file__ or "?").parent)
        allowed = f"is not this project's package {name!r}; {STRANGERS[name]} ships one of the same name"
        remedy = "install fosp in an environment of its own"
        raise InputError(f"import {name}", where, allowed, remedy)
