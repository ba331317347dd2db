"""Write a figure: pictures, the data behind it, and its caption, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds import arguments
from bounds.errors import unknown
from bounds.files import atomically

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PICTURES = ("svg", "pdf", "png")
UNDATED: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "fosp"},
    "pdf": {"CreationDate": None, "ModDate": None, "Creator": "fosp", "Producer": None},
    "png": {"Software": None},
}
"""The metadata with which a picture of a kind has no date in it."""


def check_formats(formats: Sequence[str]) -> tuple[str, ...]:
    """Return the picture formats as asked, or say which exist."""
    asked = arguments.names("formats", formats, f"of {', '.join(PICTURES)}")
    wrong = [f for f in asked if f not in PICTURES]
    if wrong or not asked:
        raise unknown("format", wrong[0] if wrong else None, PICTURES)
    return asked


def save_picture(figure: Figure, stem: Path, formats: Sequence[str] = PICTURES) -> list[Path]:
    """Write ``stem`` with each extension; equal figures give equal bytes. Call inside ``style.applied()``.

    The layout is settled before: each time a figure is saved it would go on from where the last one left it.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")

    def writer(kind: str) -> Callable[[Path], None]:
        return lambda path: figure.savefig(path, format=kind, metadata=UNDATED[kind])

    return [
        atomically(stem.with_name(f"{stem.name}.{kind}"), writer(kind)) for kind in check_formats(formats)
    ]


def save_data(frame: pd.DataFrame, stem: Path) -> list[Path]:
    """Write the tidy table behind a figure as CSV (every digit) and as Parquet."""
    return [
        atomically(
            stem.with_name(f"{stem.name}.csv"), lambda p: frame.to_csv(p, index=False, lineterminator="\n")
        ),
        atomically(stem.with_name(f"{stem.name}.parquet"), lambda p: frame.to_parquet(p, index=False)),
    ]
