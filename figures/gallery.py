"""One page with every figure, its caption, and the command that makes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from figures.saving import save_text

if TYPE_CHECKING:
    from figures.build import Made

HEAD = "# Figures\n\nEvery figure with its caption and the command that makes it; `make figures` makes them all.\n"


def write(made: Sequence[Made], out: Path) -> Path:
    """Write ``gallery.md`` beside the pictures."""
    return save_text(page(made, ""), out / "gallery.md")


def page(made: Sequence[Made], folder: str) -> str:
    """Return the page as Markdown; pictures are looked for under ``folder``."""
    return HEAD + "\n".join(_entry(figure, folder) for figure in made)


def _entry(figure: Made, folder: str) -> str:
    caption = next(file for file in figure.files if file.suffix == ".txt").read_text(encoding="utf-8").strip()
    title, _, rest = caption.partition(". ")
    head, _, text = rest.partition(". ")
    alternative = head.replace("]", "")
    return (
        f"\n## {figure.number}. {head}\n\n![{alternative}]({folder}{figure.name}.png)\n\n"
        f"**{title}.** {head}. {text}\n\n```sh\nfosp figures --only {figure.name}\n```\n"
    )
