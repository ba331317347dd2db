"""One look for every figure: colours, line styles, markers, widths, fonts, and nothing that dates a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

COLUMN = 3.25
PAGE = 6.75

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#666666"
LIGHT = "#BBBBBB"

RC: dict[str, Any] = {
    "font.family": "serif",
    "font.serif": ["STIXGeneral"],
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "legend.labelspacing": 0.3,
    "legend.borderaxespad": 0.3,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "errorbar.capsize": 1.5,
    "figure.dpi": 100,
    "savefig.dpi": 300,
    "svg.hashsalt": "fosp",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Series:
    """How one named thing is drawn, the same in every figure, distinct without colour as well."""

    label: str
    color: str
    linestyle: Any
    marker: str = ""

    def line(self, **changes: Any) -> dict[str, Any]:
        """Return keywords for ``Axes.plot``: a line without markers."""
        return {"color": self.color, "linestyle": self.linestyle, "label": self.label} | changes

    def points(self, **changes: Any) -> dict[str, Any]:
        """Return keywords for ``Axes.plot`` or ``errorbar``: markers without a line, white inside."""
        look = {"color": self.color, "linestyle": "none", "marker": self.marker, "label": self.label}
        return look | {"markerfacecolor": "white", "markeredgewidth": 0.9} | changes


MAML = Series("MAML", BLUE, "-", "o")
FO_MAML = Series("FO-MAML", VERMILION, (0, (4, 1.2)), "s")
HF_MAML = Series("HF-MAML", GREEN, (0, (5, 1.2, 1, 1.2)), "^")
SPARE = ((PURPLE, "D"), (ORANGE, "v"), (SKY, "P"), (GREY, "X"))
"""Colours and markers of the algorithms of other packages, in turn."""

RECORDED = Series("bound, recorded", PURPLE, (0, (1, 1.2)))
TARGET = Series(r"target $\varepsilon$", GREY, (0, (1, 2)))


def by_algorithm() -> dict[str, Series]:
    """Return the look of every algorithm that can be run, by its name."""
    from bounds.theory import algorithms
    from bounds.theory.algorithms import fo_maml, hf_maml, maml

    ours = {maml.MAML.name: MAML, fo_maml.FO_MAML.name: FO_MAML, hf_maml.HF_MAML.name: HF_MAML}
    others = [name for name in algorithms.runnable() if name not in ours]
    looks = zip(others, cycle(SPARE))
    return ours | {
        name: Series(algorithms.algorithm(name).written, color, (0, (2, 1.2)), marker)
        for name, (color, marker) in looks
    }


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save inside this: matplotlib's defaults plus :data:`RC`, whatever the user's own settings are."""
    from matplotlib import style

    with style.context(["default", RC], after_reset=True):
        yield
