"""Whose packages are these? A file or another project's package may have a name of ours and hide it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

OWN = {"bounds": "recommend", "empirics": "simulate", "validate": "check", "figures": "make"}
"""Our packages, each with a name that it offers."""
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
        if found is not None and f'"{OWN[name]}"' not in found.read_text(encoding="utf-8", errors="replace"):
            return _overwritten(name, found)
    return ""


def _file(name: str) -> Path | None:
    """Return the file that ``import name`` would read; None where there is none, or nobody can say."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    return None if spec is None or spec.origin is None else Path(spec.origin)


def _overwritten(name: str, file: Path) -> str:
    """Say that another distribution has put its package in the place of ours, and which."""
    from importlib.metadata import packages_distributions

    others = sorted(set(packages_distributions().get(name, ())) - {"fosp"})
    whose = f", and {' and '.join(others)} has one" if others else ""
    remedy = "install fosp in an environment of its own"
    return f"import {name} = {str(file)!r}: is not this project's package {name!r}{whose}; {remedy}"


def _line(name: str, file: Path) -> str:
    shipped = f" ({STRANGERS[name]})" if name in STRANGERS else ""
    folder = file.parents[1] if file.name == "__init__.py" else file.parent
    near = folder.resolve() in (Path.cwd().resolve(), Path(sys.path[0] or ".").resolve())
    other = "start from another folder" if near else "install fosp in an environment of its own"
    return f"import {name} = {str(file)!r}: hides this project's package {name!r}{shipped}; rename it, or {other}"
