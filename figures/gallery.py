"""One page with every figure, its caption, and the command that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bounds.entry import arguments
from bounds.files import write_bytes, write_text
from figures.figure import figures, number

if TYPE_CHECKING:
    from figures.build import Made

HEAD = "# Gallery\n\nEvery figure with its caption and the command that makes it; `make figures` makes them all.\n"


def write(made: Sequence[Made], out: Path) -> Path:
    """Write ``gallery.md`` beside the pictures."""
    return write_text(out / "gallery.md", page([(entry.name, out) for entry in made], ""))


def page(entries: Sequence[tuple[str, Path]], folder: str) -> str:
    """Return the page as Markdown, from the names of figures and where their captions lie."""
    return HEAD + "\n".join(_entry(name, out, folder) for name, out in entries)


def _entry(name: str, out: Path, folder: str) -> str:
    caption = (out / f"{name}.txt").read_text(encoding="utf-8").strip()
    head = figures()[name].title
    place = f"Figure {number(name)}"
    text = caption.removeprefix(f"{place}. {head}. ")
    return (
        f"\n## {head}\n\n![{head}]({folder}{name}.png)\n\n**{place}.** {escaped(text)}\n\n"
        f"```sh\nfosp figures --only {name}\n```\n"
    )


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return text.replace("*", r"\*").replace("_", r"\_").replace("$", r"\$")


def publish(out: Path, docs: Path) -> Path:
    """Copy the pictures of a complete set of figures into the guide, and write its gallery page."""
    for name in figures():
        write_bytes(docs / "gallery" / f"{name}.png", (out / f"{name}.png").read_bytes())
    return write_text(docs / "gallery.md", page([(name, out) for name in figures()], "gallery/"))


if __name__ == "__main__":
    typed = arguments("figures.gallery", __doc__, {"figures": {"type": Path}, "docs": {"type": Path}})
    publish(typed.figures, typed.docs)
