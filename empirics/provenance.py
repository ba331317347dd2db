"""What a stored result was made with."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from empirics.importing import working_directory_importable


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, of this project and of the libraries that decide its numbers."""
    names = ("fosp", "numpy", "torch", "pandas", "pyarrow")
    return {"python": platform.python_version()} | {name: _version(name) for name in names}


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def fingerprint(name: str) -> str | None:
    """Return the SHA-256 of the module file behind ``package.module:attribute``; None for other names.

    A user's problem or algorithm can change while its name stays: the file is part of its identity.
    """
    module, separator, attribute = name.partition(":")
    if not separator or not attribute.isidentifier():
        return None
    try:
        with working_directory_importable():
            found = find_spec(module)
    except (ImportError, ValueError):
        return None
    if found is None or found.origin is None or not Path(found.origin).is_file():
        return None
    return hashlib.sha256(Path(found.origin).read_bytes()).hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"
