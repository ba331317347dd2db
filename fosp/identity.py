"""Whose packages are these? A file or another project's package may have a name of ours and hide it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

OWN = ("bounds", "empirics", "validate", "figures")
STRANGERS = {"validate": "configobj ships one of the same name"}


def hidden() -> str:
    """Return in one line which package of ours another file hides, and what to do; empty when none does.

    Nothing is imported: Python is asked what ``import`` would find.
    """
    home = Path(__file__).resolve().parents[1]
    for name in OWN:
        found = _file(name)
        if found is not None and not found.resolve().is_relative_to(home / name):
            return _line(name, found)
    return ""


def _file(name: str) -> Path | None:
    """Return the file that ``import name`` would read; None where there is none, or nobody can say."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin)


def _line(name: str, file: Path) -> str:
    shipped = f" ({STRANGERS[name]})" if name in STRANGERS else ""
    folder = file.parents[1] if file.name == "__init__.py" else file.parent
    near = folder.resolve() in (Path.cwd().resolve(), Path(sys.path[0] or ".").resolve())
    other = "start from another folder" if near else "install fosp in an environment of its own"
    return f"import {name} = {str(file)!r}: hides this project's package {name!r}{shipped}; rename it, or {other}"
