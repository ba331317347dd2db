"""Total samples to epsilon, the paper's plan against the sharp plan, with their exponents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import parts, style
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from bounds.plan import Algorithm, Theory

PLACE = 10
NAME = "samples"
LEVEL = 0.95
CONSTANTS: dict[str, Any] = {
    "L": 1.0,
    "rho": 1.0,
    "sigma": 0.3,
    "sigma_tilde": 0.3,
    "sigma_H": 0.3,
    "Delta": 1.0,
}
REACH = 1 / 6
EPSILONS = tuple(10 ** (-k / 4) for k in range(2, 21))
SMALLEST = 8
_LOOKS: dict[tuple[Algorithm, Theory], style.Series] = {
    (MAML.name, "paper"): style.Series("MAML, the paper's plan", style.PURPLE, (0, (1, 1.2)), "D"),
    (HF_MAML.name, "sharp"): style.Series("HF-MAML, sharp plan", style.GREEN, (0, (5, 1.2, 1, 1.2)), "^"),
    (MAML.name, "sharp"): style.Series("MAML, sharp plan", style.BLUE, "-", "o"),
}


def data(evidence: Evidence) -> pd.DataFrame:
    """Total samples of the recommended plan for each epsilon, and the exponent over the smallest two decades.

    Columns: algorithm, theory, quantity (samples, iterations, per iteration, exponent), x = 1/epsilon, value,
    lo, hi.
    """
    import pandas as pd

    from bounds import Constants, recommend

    constants, rows = Constants(**CONSTANTS), []
    for algorithm, kind in _LOOKS:
        for epsilon in EPSILONS:
            plan = recommend(constants, epsilon, algorithm, kind, alpha=REACH / constants.L)
            numbers = {"samples": plan.total_samples, "iterations": plan.iterations}
            numbers["per iteration"] = plan.samples_per_iteration
            rows += [
                {
                    "algorithm": algorithm,
                    "theory": kind,
                    "quantity": name,
                    "x": 1 / epsilon,
                    "value": float(y or 0),
                }
                for name, y in numbers.items()
            ]
    frame = pd.DataFrame(rows)
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from validate.statistics import fit_exponent

    rows = []
    for (algorithm, kind), points in parts.only(frame, quantity="samples").groupby(["algorithm", "theory"]):
        last = points.nlargest(SMALLEST + 1, "x")
        fit = fit_exponent(last["x"], last["value"], 1 - LEVEL).interval
        ends = {"value": fit.estimate, "lo": fit.lower, "hi": fit.upper}
        rows.append(
            {"algorithm": algorithm, "theory": kind, "quantity": "exponent", "x": float("nan")} | ends
        )
    return pd.DataFrame(rows)


def draw(frame: pd.DataFrame) -> Picture:
    """Draw total samples against 1/epsilon, one line per plan, its exponent in the legend."""
    figure, (ax,) = parts.canvas(style.COLUMN, 2.5)
    ax.set_xscale("log")
    ax.set_yscale("log")
    for offset, ((algorithm, kind), look) in enumerate(_LOOKS.items()):
        rows = parts.only(frame, algorithm=algorithm, theory=kind)
        slope = parts.only(rows, quantity="exponent")["value"].iloc[0]
        label = rf"{look.label}: $\varepsilon^{{-{slope:.2f}}}$"
        line = parts.only(rows, quantity="samples")
        parts.curve(ax, line, look, "x", label=label, marker=look.marker, markevery=(offset, 3), markersize=3)
    parts.slope_guide(ax, (2e3, 1e3), 8, 5)
    parts.slope_guide(ax, (20, 1e18), 8, 6)
    ax.set_xlabel(r"$1/\varepsilon$")
    ax.set_ylabel("total samples")
    ax.legend(loc="upper left")
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say which constants, and over which range the exponents were fitted."""
    constants = ", ".join(f"{name} = {value:g}" for name, value in CONSTANTS.items())
    fits = parts.only(frame, quantity="exponent")
    exponents = "; ".join(
        f"{_LOOKS[row['algorithm'], row['theory']].label}: {row['value']:.2f} [{row['lo']:.2f}, "
        f"{row['hi']:.2f}]"
        for _, row in fits.iterrows()
    )
    return (
        "Total samples K (B (D_in + D_o + D_h) + B′ D_β) of the recommended plan against 1/ε, from the "
        "bounds "
        f"alone (no run, no seed), at {constants}, αL = {REACH:.3g}. Exponents over the smallest "
        f"{SMALLEST // 4} decades of ε, with the range of the local slopes: {exponents}."
    )


FIGURE = Figure(NAME, "Samples to reach epsilon", data, draw, caption)
