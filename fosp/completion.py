"""Completion in a shell, by argcomplete: ``eval "$(register-python-argcomplete fosp)"``.

Nothing of this is imported unless a shell asks.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

ASKED = "_ARGCOMPLETE"
"""The environment variable by which a shell asks."""
Names = Callable[..., list[str]]


def asked() -> bool:
    """Return whether a shell asks for completions, and nobody for work."""
    return ASKED in os.environ


def answer(parser: argparse.ArgumentParser) -> None:
    """Tell the shell what may come next, and leave."""
    import argcomplete

    argcomplete.autocomplete(parser)


def by(action: argparse.Action, names: Names) -> None:
    """Let the value of an argument be completed from names that are looked up when a shell asks."""
    action.completer = names  # type: ignore[attr-defined]  # where argcomplete looks


def listed(names: Names) -> Names:
    """Return the completer of a list of names with commas: those that are there stay, and are offered no more."""

    def completer(prefix: str, **more: Any) -> list[str]:
        before = prefix.rpartition(",")[0]
        there = before.split(",")
        return [f"{before},{name}" if before else name for name in names(**more) if name not in there]

    return completer


def statements(**_: Any) -> list[str]:
    """Return the names of the statements, as the ledger has them: nothing heavy is imported for a key press."""
    import json
    from importlib.resources import files

    text = files("bounds").joinpath("ledger.json").read_text(encoding="utf-8")
    return list(json.loads(text)["statements"])


def problems(**_: Any) -> list[str]:
    """Return the names of the problem families."""
    from empirics.problems import families

    return [family.name for family in families()]


def claims(**_: Any) -> list[str]:
    """Return the names of the claims."""
    from validate.claim import claims as known

    return list(known())


def figures(**_: Any) -> list[str]:
    """Return the names of the figures."""
    from figures import names

    return list(names())


def directories(prefix: str, **_: Any) -> list[str]:
    """Return the directories whose names begin like this: a run is one, and no file is."""
    from argcomplete.completers import DirectoriesCompleter

    return list(DirectoriesCompleter()(prefix))
