r"""Figure 3: iterations to an epsilon-FOSP against 1/epsilon, with the bounds and the fitted exponent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from figures import parts, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME = "iterations"
NEEDS = ("iterations",)
_LOOKS = {"recorded": style.RECORDED, "derived": style.DERIVED}


def draw(frame: pd.DataFrame) -> Figure:
    """Draw one panel per problem: measured times as markers (open triangles: censored), bounds as lines."""
    panels = list(dict.fromkeys(frame["panel"]))
    figure, axes = parts.canvas(style.PAGE, 2.7, columns=len(panels), sharey=True)
    for index, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        _panel(ax, parts.only(frame, panel=panel))
        parts.letter(ax, f"({'abc'[index]}) {panel}")
        ax.set_xlabel(r"$1/\epsilon$")
    axes[0].set_ylabel(r"iterations to $\|\nabla F(w_k)\|\leq\epsilon$")
    parts.legend(figure, axes, columns=4, loc="outside lower center")
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    for quantity, look in _LOOKS.items():
        for _, line in parts.only(rows, quantity=quantity).groupby("algorithm", sort=False):
            parts.curve(ax, line, look, "x")
    for algorithm, look in style.BY_ALGORITHM.items():
        points = parts.only(rows, algorithm=algorithm, quantity="measured")
        if len(points):
            _times(ax, points, look)


def _times(ax: Axes, points: pd.DataFrame, look: style.Series) -> None:
    """Markers for times; where runs ended first, an arrow says that the time is at least this."""
    parts.measured(ax, points[points["censored"] == 0], look, "x")
    late = points[points["censored"] > 0]
    ax.plot(late["x"], late["value"], color=look.color, marker=r"$\uparrow$", linestyle="none", markersize=6)
