"""A proof for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import Any

WIDTH = 100


def text(found: Mapping[str, Any]) -> str:
    """Return a proof, told in Unicode, as lines: what is used, then each part with its steps.

    ``found`` is what :func:`bounds.rendering.proof.told` makes of it.
    """
    return "\n".join(_lines(found))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield found["heading"]
    if not found["parts"]:
        yield "  there is nothing to show"
    for one in found["notation"]:
        yield _wrapped(f"{one['symbol']}: {one['meaning']}", 4)
    for place, part in enumerate(found["parts"], 1):
        yield ""
        yield from _part(part, place)
    yield ""


def _part(part: Mapping[str, Any], place: int) -> Iterator[str]:
    if part["formula"]:
        yield f"  ({place})"
        yield indented(part["formula"], 4)
    else:
        yield f"  ({place}) the statement"
    about = " ".join(filter(None, (f"({part['meaning']})" if part["meaning"] else "", part["idea"])))
    if about:
        yield _wrapped(about, 4)
    if not part["lines"]:
        yield "    the same steps show it"
    for line in part["lines"]:
        yield from _LINES[line["kind"]](line)


def _fact(line: Mapping[str, Any]) -> Iterator[str]:
    yield _wrapped(f"fact, {line['reason']}: {line['fact']} ({line['how']})", 4)


def _definition(line: Mapping[str, Any]) -> Iterator[str]:
    yield _wrapped(f"written out as it stands, with nothing to decide ({line['reason']})", 4)


def _step(line: Mapping[str, Any]) -> Iterator[str]:
    for word, one in zip(("if", *["and"] * len(line["given"])), line["given"], strict=False):
        yield _beside(word, one)
    yield _beside("then" if line["given"] else "it holds that", line["claim"])
    yield _wrapped(f"{line['reason']} ({line['how']})", 8)


_LINES = {"fact": _fact, "definition": _definition, "step": _step}


def _beside(word: str, drawn: str) -> str:
    return f"    {word} {drawn}" if "\n" not in drawn else f"    {word}\n{indented(drawn, 8)}"


def _wrapped(words: str, by: int) -> str:
    return fill(
        words, WIDTH, initial_indent=" " * by, subsequent_indent=" " * (by + 2), break_on_hyphens=False
    )


def indented(drawn: str, by: int) -> str:
    """Return a text with its lines moved to the right."""
    return "\n".join(" " * by + line if line else "" for line in drawn.splitlines())
