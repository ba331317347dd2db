"""Whether any installed package may offer something under a name, looked up without reading what each is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path

_FOLDERS = (".dist-info", ".egg-info")
_FILE = "entry_points.txt"


def may_offer(group: str) -> bool:
    """Return False where no distribution has entry points of a group; ``importlib.metadata`` says which ones have.

    That one takes half as long to import as a plan to be made, and hardly anybody has any.
    """
    if any(hasattr(one, "find_distributions") and not _looks_in_folders(one) for one in sys.meta_path):
        return True
    try:
        return any(group.encode() in text for place in sys.path for text in _texts(str(place) or "."))
    except (OSError, ValueError):
        return True


def _looks_in_folders(finder: object) -> bool:
    """Whether a finder is Python's, or the one of the library of the same name that takes its place."""
    return finder is PathFinder or type(finder).__module__ == "importlib_metadata"


def _texts(place: str) -> Iterator[bytes]:
    """Yield what the distributions in a folder offer; OSError for what is none (a zip file), or is closed."""
    try:
        names = [one.name for one in Path(place).iterdir()]
    except FileNotFoundError:
        return
    egg = place.lower().endswith(".egg")
    for name in names:
        if name.lower().endswith(_FOLDERS) or (egg and name.lower() == "egg-info"):
            try:
                yield Path(place, name, _FILE).read_bytes()
            except OSError:
                continue
