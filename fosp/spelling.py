"""Terminals and files that lack a symbol get it spelled out: alpha for α, where the encoding has no α."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TextIO

HANDLER = "fosp.spelled"


def use(*streams: TextIO) -> None:
    """Let these streams spell out what they cannot write; nothing they print raises an error."""
    codecs.register_error(HANDLER, _spell)
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from bounds.rendering.spelling import spelled

    return spelled(error.object[error.start : error.end]), error.end


def fits(text: str) -> bool:
    """Return whether standard output can write a text as it is."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def fitted(text: str) -> str:
    """Return a text as standard output will show it, so that columns can be measured."""
    from bounds.rendering.spelling import spelled

    return text if fits(text) else "".join(letter if fits(letter) else spelled(letter) for letter in text)
