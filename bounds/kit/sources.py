"""What the kit on disk follows from, as one hash: with any other content of these files it is not read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

HOME = Path(__file__).parents[1]
"""The package ``bounds``."""
SOURCES = "sources"
"""The name of the hash in :func:`made_from`; beside it stands the checksum of each file by its number of steps."""
FOLDERS = ("theory", "derivation", "kit")
MODULES = (
    "arithmetic", "bound", "codegen", "evaluation", "fields", "given", "holding", "levels", "members", "occurring",
    "parts", "reading", "rendering/notation", "standing", "stating", "symbols", "taken", "units",
)  # fmt: skip
"""Files outside the folders that a formula passes through."""


def digest(data: bytes) -> str:
    """Return the checksum of a file."""
    return hashlib.sha256(data).hexdigest()


def made_from() -> Path:
    """Return the file that says what the kit was made from."""
    return HOME / "kit" / "formulas" / "made-from.json"


def file(steps: int) -> Path:
    """Return the file of the kit for a number of inner steps."""
    return HOME / "kit" / "formulas" / f"{steps}.json"


@cache
def fingerprint() -> str:
    """Return the hash of all that decides what the kit says, and of the version of sympy that writes formulas.

    Raises
    ------
    OSError
        When a file cannot be read: in a zip file, say.
    """
    whole = hashlib.sha256()
    for name, path in _files():
        data = path.read_bytes()
        whole.update(f"{name} {len(data)}\n".encode())
        whole.update(data)
    return whole.hexdigest()


def _files() -> Iterator[tuple[str, Path]]:
    """Yield every file with a name that is the same on every machine."""
    paths = [HOME / f"{name}.py" for name in MODULES]
    for folder in FOLDERS:
        paths += sorted((HOME / folder).rglob("*.py"))
    for path in paths:
        yield path.relative_to(HOME).as_posix(), path
    yield "sympy/release.py", _sympy()


def _sympy() -> Path:
    """Return the file that has the version of sympy; sympy itself is not imported."""
    spec = find_spec("sympy")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("sympy")
    return Path(spec.origin).with_name("release.py")
