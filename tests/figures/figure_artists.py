"""What a figure shows, read back from its artists."""

from __future__ import annotations

import numpy as np


def points(figure):
    """Every (x, y) that a line or a marker of the figure has, rounded to ten digits."""
    pairs = [line.get_xydata() for axes in figure.axes for line in axes.get_lines()]
    return {_key(x, y) for x, y in np.concatenate(pairs)}


def bands(figure):
    """Every y that the edge of a band or of an error bar has."""
    found = set()
    for axes in figure.axes:
        for collection in axes.collections:
            for path in collection.get_paths():
                found |= {_digits(y) for y in path.vertices[:, 1]}
    return found


def dashes(axes):
    """Every y that has a short dash of its own."""
    return {float(y) for line in axes.get_lines() if line.get_marker() == "_" for y in line.get_ydata()}


def missing(frame, figure, x="x"):
    """The rows of the table that the figure does not show."""
    shown = points(figure)
    rows = frame[np.isfinite(frame[x].astype(float)) & np.isfinite(frame["value"].astype(float))]
    return [row for _, row in rows.iterrows() if _key(row[x], row["value"]) not in shown]


def _key(x, y):
    return _digits(x), _digits(y)


def _digits(value):
    return float(f"{float(value):.10g}")
