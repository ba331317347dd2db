r"""FO-MAML's plateau over (alpha L, rho sigma/L^2), predicted and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bounds.theory import plateau as stops
from bounds.theory.algorithms.fo_maml import FO_MAML
from figures import parts, style, theory
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from validate.experiment import Experiment

PLACE = 8
NAME = "plateau-map"
KIND = "plateau-map"
REACHES = (0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1)
CURVATURES = (0.75, 1.0, 1.5, 3.0, 6.0, 20.0, 100.0)
ITERATIONS = 1500
SMALLEST = 1e-16
"""Relative difference below which two floats are taken to be one: round-off."""


def experiments() -> list[Experiment]:
    """FO-MAML with exact tasks on trapezoids tuned to each (alpha L, R)."""
    return [_at(x, R) for x in REACHES for R in CURVATURES]


def _at(x: float, R: float) -> Experiment:
    from bounds import recommend
    from empirics import problems
    from validate.experiment import Experiment

    problem: Any = problems.from_spec(f"trapezoid:alpha={x},R={R}")
    constants = problem.constants(x)
    plan = recommend(constants, 1.0, FO_MAML.name, alpha=x, step="sampled", depth=0)
    plan = plan.with_(step_factor=0.8, iterations=ITERATIONS)
    here = {"L": constants.L, "sigma": constants.sigma, "alpha": x, "R": R, "m": problem.m}
    predicted = theory.number(stops.TRAPEZOID, **here)
    return Experiment(
        name=f"{NAME}/x={x:g}/R={R:g}", kind=KIND, problem=problem, plan=plan, exact=True,
        labels={"x": x, "R": R}, predicted={"plateau": predicted},
    )  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Return the predicted and the measured plateau in units of alpha L sigma.

    Columns: x = alpha L, R = rho sigma/L^2, predicted, measured, difference (of the two, relative), upper,
    problem.
    """
    import pandas as pd

    from validate.claims.curves import curves

    what, lines = "FO-MAML with exact tasks on a grid of problems", []
    for row in evidence.required(KIND, what, "fosp figures --only plateau-map"):
        c = theory.constants(row["problem"], row["alpha"])
        unit = row["alpha"] * c.L * c.sigma
        measured, predicted = (
            float(curves(evidence.frame(row))[0, -1]) / unit,
            row["predicted"]["plateau"] / unit,
        )
        lines.append(
            {
                "x": row["labels"]["x"],
                "R": row["labels"]["R"],
                "predicted": predicted,
                "measured": measured,
                "difference": abs(measured / predicted - 1),
                "upper": theory.at_problem(stops.FO_STOP, row) / unit,
                "problem": row["problem"],
            }
        )
    return pd.DataFrame(lines)


def draw(frame: pd.DataFrame) -> Picture:
    """Draw the predicted map, and how far the measured one is from it; values in the cells."""
    figure, (left, right) = parts.canvas(style.PAGE, 2.7, columns=2, sharey=True)
    predicted = frame.pivot(index="R", columns="x", values="predicted")
    image = _map(left, predicted, [f"{value:.2f}" for value in predicted.to_numpy().flat], "cividis", 0, 1)
    figure.colorbar(image, ax=left, label=r"plateau$\,/\,(\alpha L\sigma)$", shrink=0.9)
    small = frame.assign(exponent=np.log10(frame["difference"].to_numpy(float).clip(SMALLEST)))
    exponents = small.pivot(index="R", columns="x", values="exponent")
    values = exponents.to_numpy(float)
    told = [f"$10^{{{value:.0f}}}$" for value in values.flat]
    low, high = float(np.floor(values.min())), float(np.ceil(values.max()))
    image = _map(right, exponents, told, "cividis", low, max(high, low + 1))
    figure.colorbar(image, ax=right, label=r"$\log_{10}$ of the relative difference", shrink=0.9)
    parts.letter(left, "(a) predicted")
    parts.letter(right, "(b) measured, against predicted")
    left.set_ylabel(r"$R=\rho\sigma/L^2$")
    return figure


def _map(ax: Axes, table: pd.DataFrame, told: list[str], colors: str, low: float, high: float) -> Any:
    """Draw one table as a map, a text in each cell."""
    image = ax.imshow(table, origin="lower", aspect="auto", cmap=colors, vmin=low, vmax=high)
    ax.set_xticks(range(table.shape[1]), [f"{float(x):g}" for x in table.columns])
    ax.set_yticks(range(table.shape[0]), [f"{float(R):g}" for R in table.index])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    for ((i, j), value), text in zip(np.ndenumerate(table.to_numpy(float)), told, strict=True):
        color = "black" if value > (low + high) / 2 else "white"
        ax.text(j, i, text, ha="center", va="center", fontsize=6.5, color=color)
    ax.set_xlabel(r"$\alpha L$")
    return image


def caption(frame: pd.DataFrame) -> str:
    """Say what was run, and how well the maps agree."""
    return (
        "FO-MAML's plateau ‖∇F(w*)‖ in units of αLσ over αL and R = ρσ/L², on the trapezoid family tuned to "
        "each cell: (a) the closed form, (b) |measured/predicted − 1|, rounded to powers of ten, with "
        f"‖∇F(w_k)‖ after {ITERATIONS:,} exact iterations as measured (n = 1 per cell, all tasks, no noise, no "
        f"seed). Largest relative difference: {frame['difference'].max():.1e}. No point at which FO-MAML stops "
        f"exceeds 1 + αL (at most {frame['upper'].max():.2f} here)."
    )


FIGURE = Figure(NAME, "Map of FO-MAML's plateau", data, draw, caption, experiments)
