"""Everything public under one name, and the command line: parse, call, print.

``from fosp import Constants, recommend, statement, problems, simulate, check`` needs none of the generic names
``bounds``, ``empirics`` and ``validate``, which a folder of one's own may have too. A name is imported when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what __getattr__ finds, told to type checkers and editors
    from bounds import *  # noqa: F403 - the names of its __all__
    from empirics import *  # noqa: F403 - the names of its __all__
    from validate import *  # noqa: F403 - the names of its __all__

_ROOMS = ("bounds", "empirics", "validate")
_COMMANDS = {"measure": "measure_gradient"}
"""What a command calls by another name than its own."""


def __getattr__(name: str) -> Any:
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is None:
        if line := import_module("fosp.identity").hidden():
            raise ImportError(line)
        for room in map(import_module, _ROOMS):
            if _COMMANDS.get(name, name) in room.__all__:
                return getattr(room, _COMMANDS.get(name, name))
    raise AttributeError(f"module 'fosp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(name for room in map(import_module, _ROOMS) for name in room.__all__)
