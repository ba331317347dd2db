"""Which of the user's own files a module draws on: itself and what it imports, the imports of those, and so on.

The files are read, not run. Modules of Python, of installed packages and of this project are left out: their
versions stand for them.
"""

from __future__ import annotations

import ast
import hashlib
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGES = ("bounds", "empirics", "validate", "figures", "fosp")
"""The import packages of this project."""


def sources(module: str) -> dict[str, str]:
    """Return the SHA-256 of each user's file that a module draws on, by the name of its module.

    Imports inside functions and conditions count; a module that is only named at run time, as in
    ``importlib.import_module(name)``, is not seen.
    """
    found: dict[str, str] = {}
    waiting, seen = list(_with_parents(module)), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        spec = _find(name)
        if spec is None or not spec.origin or not of_the_user(spec.origin):
            continue
        content = Path(spec.origin).read_bytes()
        found[name] = hashlib.sha256(content).hexdigest()
        if spec.origin.endswith(".py"):
            package = name if spec.submodule_search_locations is not None else name.rpartition(".")[0]
            waiting += _imports(content, package)
    return dict(sorted(found.items()))


def of_the_user(origin: str) -> bool:
    """Whether a file is neither Python's, nor an installed package's, nor this project's."""
    path = Path(origin).resolve()
    return path.is_file() and not any(path.is_relative_to(place) for place in _not_the_users())


def written_in(package: str, function: Any) -> bool:
    """Whether a function's code lies in a package; a decorator may give it any ``__module__``."""
    home = getattr(function, "__globals__", {}).get("__name__", "")
    return str(home).startswith(f"{package}.")


@cache
def _not_the_users() -> tuple[Path, ...]:
    own = Path(__file__).resolve().parents[1]
    libraries = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    ours = (own / name for name in PACKAGES)
    return (*ours, *(Path(place).resolve() for place in libraries))


def _find(name: str) -> ModuleSpec | None:
    """Find a module without importing the packages it lies in."""
    top, *rest = name.split(".")
    if top in sys.stdlib_module_names:
        return None
    try:
        spec = find_spec(top)
        for number in range(len(rest)):
            if spec is None or spec.submodule_search_locations is None:
                return None
            full = ".".join([top, *rest[: number + 1]])
            spec = PathFinder.find_spec(full, list(spec.submodule_search_locations))
    except (ImportError, ValueError):
        return None
    return spec


@lru_cache(maxsize=256)
def _imports(content: bytes, package: str) -> tuple[str, ...]:
    """Return all that the text may import: modules, the packages they lie in, and names that may be modules."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return ()
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            found = [base, *(f"{base}.{alias.name}" for alias in node.names)] if base else []
        else:
            continue
        names |= dict.fromkeys(each for name in found for each in _with_parents(name))
    return tuple(names)


def _base(node: ast.ImportFrom, package: str) -> str:
    """Return the absolute name of the module that ``from ... import`` reads."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    return (".".join(parts[: number + 1]) for number in range(len(parts)))
