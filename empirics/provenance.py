"""What a stored result was made with."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from functools import cache
from importlib import metadata


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python, of this project and of the libraries that decide its numbers."""
    names = ("fosp", "numpy", "torch", "pandas", "pyarrow")
    return {"python": platform.python_version()} | {name: _version(name) for name in names}


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"
