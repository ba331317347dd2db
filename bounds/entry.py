"""What is typed after ``python -m``: read before anything is done, so that ``--help`` only helps."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any


def arguments(
    module: str, told: str | None, words: Mapping[str, Mapping[str, Any]], argv: Sequence[str] | None = None
) -> argparse.Namespace:
    """Return the words of an entry point; ``--help`` prints what it does, and anything strange is refused.

    Parameters
    ----------
    module : str
        As it is typed: ``bounds.ledger``.
    told : str
        What the module says of itself.
    words : mapping
        The words that it takes, in order, each with the keywords of ``add_argument``.
    argv : sequence of str, optional
        Default: what was typed.
    """
    parser = argparse.ArgumentParser(f"python -m {module}", description=(told or "").partition("\n\n")[0])
    for name, options in words.items():
        parser.add_argument(name, **options)
    return parser.parse_args(argv)
