r"""Figure 1: :math:`\|\nabla F(w_k)\|` against k for the three algorithms, at small and at large heterogeneity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from figures import parts, style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME = "convergence"
NEEDS = ("convergence",)
COVERAGE = 0.9


def draw(frame: pd.DataFrame) -> Figure:
    """Draw one panel per problem: runs with bands, and the levels that the theory names."""
    panels = list(dict.fromkeys(frame["panel"]))
    figure, axes = parts.canvas(style.PAGE, 2.5, columns=len(panels), sharex=True, sharey=True)
    for panel, ax in zip(panels, axes, strict=True):
        _panel(ax, parts.only(frame, panel=panel))
        parts.letter(ax, f"({'abcd'[panels.index(panel)]}) {panel}")
        ax.set_xlabel(r"iteration $k$")
    axes[0].set_ylabel(r"$\|\nabla F(w_k)\|$")
    parts.legend(figure, axes, columns=4, loc="outside lower center")
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    for algorithm, look in style.BY_ALGORITHM.items():
        runs = parts.only(rows, algorithm=algorithm, quantity="grad_norm")
        if len(runs):
            parts.curve(ax, runs, look, "iteration")
    for quantity, look in _LEVELS.items():
        level = parts.only(rows, quantity=quantity)
        for algorithm in dict.fromkeys(level["algorithm"]):
            parts.curve(ax, parts.only(level, algorithm=algorithm), look, "iteration")


_LEVELS: dict[str, Any] = {
    "guarantee": style.DERIVED,
    "plateau": style.EXACT,
    "floor": style.FLOOR,
    "epsilon": style.TARGET,
}
