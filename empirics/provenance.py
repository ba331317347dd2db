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


def require_same_versions(made_with: dict[str, str]) -> None:
    """Raise RuntimeError when this process has other versions than the one that asks."""
    own = versions()
    for name in ("fosp", "numpy", "torch"):
        if own[name] != made_with[name]:
            raise RuntimeError(f"the worker has {name} {own[name]}, the caller {made_with[name]}")


def now() -> str:
    """Return the time in UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"
