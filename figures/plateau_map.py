r"""FO-MAML's plateau over (alpha L, rho sigma/L^2), predicted and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory import plateau as stops
from bounds.theory.algorithms.fo_maml import FO_MAML
from figures import parts, style, theory
from figures.evidence import Evidence, Missing
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from validate.experiment import Experiment

PLACE = 8
NAME = "plateau-map"
KIND = "plateau-map"
REACHES = (0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1)
CURVATURES = (0.75, 1.0, 1.5, 3.0, 6.0, 20.0, 100.0)
ITERATIONS = 1500


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

    rows = evidence.of_kind(KIND)
    if not rows:
        raise Missing("FO-MAML with exact tasks on a grid of problems", "fosp figures --only plateau-map")
    lines = []
    for row in rows:
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
    """Draw the predicted and the measured map side by side, values in the cells."""
    import numpy as np

    figure, axes = parts.canvas(style.PAGE, 2.7, columns=2, sharey=True)
    for index, (quantity, ax) in enumerate(zip(("predicted", "measured"), axes, strict=True)):
        table = frame.pivot(index="R", columns="x", values=quantity)
        image = ax.imshow(table, origin="lower", aspect="auto", cmap="cividis", vmin=0, vmax=1)
        ax.set_xticks(range(table.shape[1]), [f"{float(x):g}" for x in table.columns])
        ax.set_yticks(range(table.shape[0]), [f"{float(R):g}" for R in table.index])
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
        for (i, j), value in np.ndenumerate(table.to_numpy(float)):
            ax.text(
                j,
                i,
                f"{value:.2f}",
                ha="center",
                va="center",
                fontsize=6.5,
                color="black" if value > 0.5 else "white",
            )
        ax.set_xlabel(r"$\alpha L$")
        parts.letter(ax, f"({'ab'[index]}) {quantity}")
    axes[0].set_ylabel(r"$R=\rho\sigma/L^2$")
    figure.colorbar(image, ax=axes, label=r"plateau$\,/\,(\alpha L\sigma)$", shrink=0.9)
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say what was run, and how well the maps agree."""
    return (
        "FO-MAML's plateau ‖∇F(w*)‖ in units of αLσ over αL and R = ρσ/L², on the trapezoid family tuned "
        "to each "
        f"cell: (a) the closed form, (b) ‖∇F(w_k)‖ after {ITERATIONS:,} exact iterations (n = 1 per cell, "
        "all tasks, "
        f"no noise, no seed). Largest relative difference: {frame['difference'].max():.1e}. No point at "
        "which FO-MAML "
        f"stops exceeds 1 + αL (at most {frame['upper'].max():.2f} here)."
    )


FIGURE = Figure(NAME, "Map of FO-MAML's plateau", data, draw, caption, experiments)
