"""Files are written whole or not at all, and what a killed process left behind can be told and removed."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

LOCK = ".lock"
"""Name of the lock file in a run directory."""
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}\.tmp")


def atomically(path: Path, write: Callable[[Path], Any]) -> Path:
    """Let ``write`` fill a temporary file beside ``path``, then rename it: readers never see half a file.

    The file and the directory's entry for it are on the disk when this returns. A killed process leaves at
    most a temporary file, which :func:`collect` removes.

    Parameters
    ----------
    path : Path
        The file to write; missing directories are made.
    write : callable
        Is given the temporary file, which exists and is empty.

    Raises
    ------
    OSError
        When the disk is full or the place cannot be written; ``path`` is then as it was.
    """
    make_directory(path.parent)
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        write(temporary)
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write a text file, which ends with exactly one newline."""
    return atomically(path, lambda file: file.write_text(text.rstrip("\n") + "\n", encoding="utf-8"))


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a binary file."""
    return atomically(path, lambda file: file.write_bytes(data))


def make_directory(path: Path) -> None:
    """Make a directory and those above it, each on the disk before the next."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    _sync(path.parent)


def require_writable(directory: Path) -> None:
    """Raise an OSError unless files can be made in a directory; what is tried has no name, or a leftover's."""
    with tempfile.TemporaryFile(dir=directory, prefix=".check.", suffix=f".{secrets.token_hex(8)}.tmp"):
        pass


def move(path: Path, to: Path) -> None:
    """Rename a file, so that it is under one of the two names at any time."""
    path.replace(to)
    for folder in {to.parent, path.parent}:
        _sync(folder)


def collect(directory: Path) -> None:
    """Remove the temporary files that killed processes left; only for the one that holds the lock."""
    for path in list(directory.iterdir()) if directory.is_dir() else ():
        if _TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def is_leftover(path: Path) -> bool:
    """Whether a killed process of this project left the file: a temporary one, or the lock."""
    return path.name == LOCK or _TEMPORARY.fullmatch(path.name) is not None


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    """Have the disk hold what was written; a system that cannot open directories keeps them itself."""
    try:
        with _opened(path) as descriptor:
            os.fsync(descriptor)
    except PermissionError:
        if not path.is_dir():
            raise
