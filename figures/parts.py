"""The few shapes that figures are put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from figures import style

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure


def canvas(
    width: float, height: float, columns: int = 1, rows: int = 1, **grid: Any
) -> tuple[Figure, list[Axes]]:
    """Return a figure that is not tied to pyplot, and its panels in reading order."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, **grid)
    return figure, list(axes.flat)


def letter(axes: Axes, text: str) -> None:
    """Write a panel's title, to the left, as journals do."""
    axes.set_title(text, loc="left")


def logarithmic(axes: Axes, base: float = 10) -> None:
    """Make both axes of a panel logarithmic, x to a base."""
    axes.set_xscale("log", base=base)
    axes.set_yscale("log")


def numbered(index: int, panels: int, title: str) -> str:
    """Return a panel's title, with its letter where there are several."""
    return title if panels == 1 else f"({'abcdefgh'[index]}) {title}"


def curve(
    axes: Axes, rows: pd.DataFrame, look: style.Series, x: str, y: str = "value", **changes: Any
) -> None:
    """Draw a line of the table, with columns lo and hi filled also its band. Without rows, nothing at all.

    A value without a neighbour makes no line: it is drawn as a short dash.
    """
    if not rows[y].notna().any():
        return
    axes.plot(rows[x], rows[y], **look.line(**changes))
    known = rows[y].notna()
    alone = rows[known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)]
    if len(alone):
        axes.plot(alone[x], alone[y], color=look.color, linestyle="none", marker="_", markersize=9)
    if "lo" in rows and rows["lo"].notna().any():
        axes.fill_between(rows[x], rows["lo"], rows["hi"], color=look.color, alpha=0.22, linewidth=0)


def measured(
    axes: Axes, rows: pd.DataFrame, look: style.Series, x: str, y: str = "value", **changes: Any
) -> None:
    """Draw measured points with their intervals, if there are any; white markers stand out in grey too."""
    if not rows[y].notna().any():
        return
    below = (rows[y] - rows["lo"]).clip(lower=0).fillna(0)
    above = (rows["hi"] - rows[y]).clip(lower=0).fillna(0)
    axes.errorbar(rows[x], rows[y], yerr=[below, above], elinewidth=0.8, **look.points(**changes))


def sweep(axes: Axes, rows: pd.DataFrame, curves: Mapping[str, style.Series], **points: Any) -> None:
    """Draw the theory against x as lines, by quantity, and what was measured as markers, by algorithm."""
    logarithmic(axes)
    for quantity, look in curves.items():
        curve(axes, only(rows, quantity=quantity), look, "x")
    for algorithm, look in style.by_algorithm().items():
        found = only(rows, algorithm=algorithm, quantity="measured")
        if len(found):
            measured(axes, found, look, "x", **points)


def only(frame: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Return the rows whose columns have these values."""
    keep = frame
    for column, value in wanted.items():
        keep = keep[keep[column] == value]
    return keep


def two_digits(value: float) -> str:
    """Return a number with two digits, and no minus before a zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def problems(frame: pd.DataFrame) -> str:
    """Return the sentence of a caption that names the problems behind a table, in its order."""
    named = list(dict.fromkeys(frame["problem"].dropna()))
    return f"Problem{'s' if len(named) > 1 else ''}: {'; '.join(named)}."


def legend(
    figure: Figure, columns: int, panels: Sequence[Axes] = (), side: str = "center", **look: Any
) -> None:
    """One legend below all panels, or below the panels that are given, every label once."""
    entries: dict[str, Any] = {}
    for axes in panels or figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    where = f"outside lower {side}"
    figure.legend(list(entries.values()), list(entries), ncols=columns, loc=where, **look)


def thinned(count: int, points: int = 240) -> np.ndarray:
    """Return iterations 1..count-1, evenly spread on a logarithmic axis, first and last among them."""
    import numpy as np

    if count <= 2:
        return np.arange(count)
    return np.unique(np.geomspace(1, count - 1, points).round().astype(int))


def plain_numbers(axis: Axis) -> None:
    """Label a short logarithmic axis 5, 10, 20 instead of powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def slope_guide(
    axes: Axes, start: tuple[float, float], stretch: float, power: float, color: str = style.GREY
) -> None:
    """Draw a triangle of a claimed power law from ``start`` over a factor ``stretch`` of x, and name the power."""
    (x0, y0), x1 = start, start[0] * stretch
    y1 = y0 * stretch**power
    axes.plot([x0, x1, x1, x0], [y0, y0, y1, y0], color=color, linewidth=0.7)
    axes.annotate(
        f"{power:g}", (x1, (y0 * y1) ** 0.5), (3, 0), textcoords="offset points", va="center", fontsize=7,
        color=color,
    )  # fmt: skip


def plain_powers(axis: Axis) -> None:
    """Label a logarithmic axis of base two 1, 4, 16, 64."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.set_major_locator(LogLocator(base=4))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
