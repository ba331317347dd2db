"""``fosp --theory package.module COMMAND``: what other people's packages add, for this process and its helpers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bounds.errors import InputError

THEORY = "FOSP_THEORY"
"""Environment variable with the packages or modules of others, as in ``bounds.members``."""
OPTION = "--theory"


def take(argv: Sequence[str]) -> None:
    """Name the packages that were typed before the command in the environment, which helper processes inherit.

    Raises
    ------
    InputError
        When a name is empty.
    """
    from bounds.errors import InputError

    known = [name for name in os.environ.get(THEORY, "").split(",") if name.strip()]
    names = [name.strip() for text in typed(argv) for name in text.split(",")]
    if "" in names:
        raise InputError("theory", ",".join(names), "must name packages or modules, with commas between")
    os.environ[THEORY] = ",".join(dict.fromkeys((*known, *names)))


def named(argv: Sequence[str]) -> bool:
    """Return whether any package of others is named, in the environment or before the command."""
    return bool(typed(argv) or os.environ.get(THEORY, "").strip(" ,"))


def refusal(error: InputError) -> str:
    """Say which package cannot be used, and why."""
    from bounds.errors import shown

    return f"{OPTION} = {shown(error.value)}: {error.allowed}{'; ' + error.remedy if error.remedy else ''}"


def typed(argv: Sequence[str]) -> list[str]:
    """Return the values of ``--theory`` before the command; the commands have options of the same name."""
    found, words = [], iter(argv)
    for word in words:
        name, separator, value = word.partition("=")
        if not word.startswith("-"):
            break
        if name == OPTION:
            found.append(value if separator else next(words, ""))
    return found
