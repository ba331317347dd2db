"""The figures of a run, for a page: those that were drawn of it before, else what it supports, drawn now.

A picture is put in as an image, never as markup: whatever a file of a run directory holds, no script in it runs
and nothing is fetched.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bounds.errors import InputError
from figures.evidence import INDEX, Evidence, MissingRunsError, existing
from figures.figure import Figure, figures
from validate.verdict import part_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_PLAIN = " !$()*+,-./:;=?@_~"
"""What may stand in an address in an attribute as it is."""
LARGEST = 300_000
"""Bytes of a picture that is taken as it was drawn; a larger one is drawn again as pixels."""


@dataclass(frozen=True)
class Picture:
    """A figure in a page: its data as a URI, its caption, and the claims that are seen in it."""

    name: str
    title: str
    uri: str
    caption: str
    shows: tuple[str, ...]

    def is_about(self, claim: str) -> bool:
        """Whether the comparisons of a claim are to be seen in it."""
        return any(part_of(claim, shown) for shown in self.shows)


def pictures(run: Path, *, trust: bool, say: Callable[[str], Any] = str) -> tuple[list[Picture], str]:
    """Return the pictures of a run, and why there are not more; empty when nothing is in the way."""
    drawn = {name: found for name, figure in figures().items() if (found := _drawn_before(figure, run))}
    wanted = [figure for name, figure in figures().items() if figure.shows and name not in drawn]
    try:
        evidence = existing(run, trust=trust)
    except InputError as error:
        return list(drawn.values()), f"no figure was drawn: {error}"
    fresh = {one.name: one for one in _drawn_now(wanted, evidence, say)}
    return [(drawn | fresh)[name] for name in figures() if name in drawn | fresh], ""


def _drawn_before(figure: Figure, run: Path) -> Picture | None:
    """Return the picture that lies in the directory, unless an earlier run left it there."""
    file = run / "figures" / f"{figure.name}.svg"
    try:
        later = file.stat().st_mtime_ns >= (run / INDEX).stat().st_mtime_ns
        data = file.read_bytes()
        caption = file.with_suffix(".txt").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return _picture(figure, data, "svg+xml", caption) if later and len(data) <= LARGEST else None


def _drawn_now(wanted: list[Figure], evidence: Evidence, say: Callable[[str], Any]) -> Iterator[Picture]:
    from figures import style, trust

    for figure in wanted:
        say(f"figure {figure.name}")
        try:
            frame = figure.data(evidence)
        except MissingRunsError:
            continue
        caption = trust.told(figure, evidence, frame)
        with style.applied():
            canvas = figure.draw(frame)
            data, kind = _saved(canvas, "svg"), "svg+xml"
            if len(data) > LARGEST:
                data, kind = _saved(canvas, "png"), "png"
        yield _picture(figure, data, kind, caption)


def _saved(canvas: Canvas, kind: str) -> bytes:
    from figures.saving import UNDATED

    file = BytesIO()
    canvas.savefig(file, format=kind, dpi=150, metadata=UNDATED[kind])
    return file.getvalue()


def _picture(figure: Figure, data: bytes, kind: str, caption: str) -> Picture:
    return Picture(figure.name, figure.title, _uri(data, kind), caption, figure.shows)


def _uri(data: bytes, kind: str) -> str:
    """Return a picture as an address that holds it; text is shorter as text."""
    if kind == "png":
        return f"data:image/png;base64,{b64encode(data).decode()}"
    text = re.sub(r"\s+", " ", data.decode("utf-8", "replace"))
    return f"data:image/{kind},{quote(text, safe=_PLAIN)}"
