"""Total samples to epsilon: the paper's plan, the sharp one, and that with a multilevel inner batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import columns, parts, style
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from bounds.plan import Algorithm

PLACE = 10
NAME = "samples"
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
NOISES = (0.3, 3.0, 30.0)
TARGETS = (0.1, 0.03, 0.01, 0.003, 0.001)
"""Noises and targets at which it is said what the levels save; the other constants are 1."""
LEVELS = "multilevel"
_LOOKS: dict[tuple[Algorithm, str], style.Series] = {
    (MAML.name, "paper"): style.Series("MAML, the paper's plan", style.PURPLE, (0, (1, 1.2)), "D"),
    (HF_MAML.name, "sharp"): style.Series("HF-MAML, sharp plan", style.GREEN, (0, (5, 1.2, 1, 1.2)), "^"),
    (MAML.name, "sharp"): style.Series("MAML, sharp plan", style.BLUE, "-", "o"),
    (MAML.name, LEVELS): style.Series("MAML, multilevel", style.VERMILION, (0, (4, 1.2)), "s"),
}
_NOISE_LOOKS = (
    style.Series(r"$\tilde\sigma = 0.3$", style.GREY, "-", "o"),
    style.Series(r"$\tilde\sigma = 3$", style.BLUE, (0, (5, 1.2, 1, 1.2)), "^"),
    style.Series(r"$\tilde\sigma = 30$", style.VERMILION, (0, (4, 1.2)), "s"),
)


def data(evidence: Evidence) -> pd.DataFrame:
    """Total samples of the recommended plan for each epsilon, and the exponent over the smallest two decades.

    The theory is paper, sharp (a plain inner batch), or multilevel. Columns: algorithm, theory, quantity (samples,
    iterations, per iteration, exponent, saved), x = 1/epsilon, value, lo, hi, sigma_tilde.
    """
    import pandas as pd

    from bounds import Constants, recommend

    constants, rows = Constants(**CONSTANTS), []
    for algorithm, kind in _LOOKS:
        for epsilon in EPSILONS:
            how: dict[str, Any] = {
                "theory": "paper" if kind == "paper" else "sharp",
                "depth": None if kind == LEVELS else 0,
            }
            plan = recommend(constants, epsilon, algorithm, alpha=REACH / constants.L, **how)
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
    return pd.concat([frame, _exponents(frame), _saved()], ignore_index=True)


def _saved() -> pd.DataFrame:
    """Total samples with a plain inner batch over those of the recommended plan."""
    import pandas as pd

    from bounds import Constants, recommend

    rows = []
    for noise in NOISES:
        constants = Constants(L=1.0, rho=1.0, sigma=1.0, sigma_tilde=noise, sigma_H=1.0, Delta=1.0)
        for epsilon in TARGETS:
            plain, best = (
                recommend(constants, epsilon, MAML.name, alpha=REACH, depth=depth) for depth in (0, None)
            )
            rows.append(
                {
                    "algorithm": MAML.name,
                    "theory": LEVELS,
                    "quantity": "saved",
                    "sigma_tilde": noise,
                    "x": 1 / epsilon,
                    "value": float(plain.total_samples or 0) / float(best.total_samples or 1),
                }
            )
    return pd.DataFrame(rows)


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for (algorithm, kind), points in parts.only(frame, quantity="samples").groupby(["algorithm", "theory"]):
        keys = {"algorithm": algorithm, "theory": kind, "quantity": "exponent", "x": float("nan")}
        rows.append(keys | columns.exponent(points.nlargest(SMALLEST + 1, "x")))
    return pd.DataFrame(rows)


def draw(frame: pd.DataFrame) -> Picture:
    """Draw total samples against 1/epsilon, one line per plan, its exponent in the legend; and what is saved."""
    figure, (ax, right) = parts.canvas(style.COLUMN, 4.2, rows=2, height_ratios=(3, 2))
    parts.logarithmic(ax)
    for offset, ((algorithm, kind), look) in enumerate(_LOOKS.items()):
        rows = parts.only(frame, algorithm=algorithm, theory=kind)
        slope = parts.only(rows, quantity="exponent")["value"].iloc[0]
        label = rf"{look.label}: $\varepsilon^{{-{slope:.2f}}}$"
        line = parts.only(rows, quantity="samples")
        parts.curve(ax, line, look, "x", label=label, marker=look.marker, markevery=(offset, 3), markersize=3)
    parts.slope_guide(ax, (1.5e4, 1e14), 6, 5, style.BLUE)
    parts.slope_guide(ax, (2.5e3, 10**19.8), 6, 6, style.PURPLE)
    parts.letter(ax, "(a) samples to the target")
    parts.letter(right, "(b) saved by levels")
    ax.set_xlabel(r"$1/\varepsilon$")
    ax.set_ylabel("total samples")
    ax.legend(loc="upper left")
    for noise, look in zip(NOISES, _NOISE_LOOKS, strict=True):
        line = parts.only(frame, quantity="saved", sigma_tilde=noise)
        parts.curve(right, line, look, "x", label=look.label, marker=look.marker, markersize=3)
    parts.logarithmic(right)
    right.set_xlabel(r"$1/\varepsilon$")
    right.set_ylabel("plain over multilevel")
    right.legend(loc="upper left")
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say which constants, and over which range the exponents were fitted."""
    constants = ", ".join(f"{name} = {value:g}" for name, value in CONSTANTS.items())
    fits = parts.only(frame, quantity="exponent")
    exponents = "; ".join(
        f"{_LOOKS[row['algorithm'], row['theory']].label}: {row['value']:.2f} [{row['lo']:.2f}, {row['hi']:.2f}]"
        for _, row in fits.iterrows()
    )
    return (
        "Total samples K (B (D_in + D_o + D_h) + B′ D_β) of the recommended plan, K its iterations, against 1/ε, "
        f"from the bounds alone (no run, no seed), at {constants}, αL = {REACH:.3g}. Exponents over the smallest "
        f"{SMALLEST // 4} decades of ε, with the range of the local slopes: {exponents}. Below, what the levels "
        f"save of the samples (in expectation) at L = ρ = Δ = σ = σ_H = 1 and the same αL: {_told(frame)}."
    )


def _told(frame: pd.DataFrame) -> str:
    """Say for each noise what is saved at each target."""
    saved = parts.only(frame, quantity="saved")
    texts = []
    for noise in NOISES:
        line = parts.only(saved, sigma_tilde=noise)
        factors = ", ".join(
            f"{y:.3g} at ε = {1 / x:g}" for x, y in zip(line["x"], line["value"], strict=True)
        )
        texts.append(f"σ̃ = {noise:g}: {factors}")
    return "; ".join(texts)


FIGURE = Figure(NAME, "Samples to reach epsilon", data, draw, caption)
