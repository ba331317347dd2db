"""Find modules of the working directory, for names that a user typed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

FILE = ".py"


@contextmanager
def working_directory_importable() -> Iterator[None]:
    """Let modules of the working directory be found while the block runs, after all others."""
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        yield
    finally:
        del sys.path[len(sys.path) - 1 - sys.path[::-1].index(here)]


def spelt(name: str) -> str:
    """Return how to write the module where a file was named, with or without ``:attribute``; empty for no file."""
    text, separator, attribute = name.strip().partition(":")
    if not text.endswith(FILE) and not {"/", "\\"} & set(text):
        return ""
    parts = PurePath(text.replace("\\", "/").removesuffix(FILE)).parts
    if not all(part.isidentifier() for part in parts):
        return f"a module has dots between its folders and no {FILE}, and is found from the working directory"
    return f"write {'.'.join(parts)}{separator}{attribute}, the module and not its file"
