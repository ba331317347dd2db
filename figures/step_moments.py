r"""Moments of the random step size and the spread of L~, against B' and D_beta."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory import smoothness, step_rules
from figures import parts, style, theory
from figures.columns import LEVEL
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

PLACE = 12
NAME = "step-moments"
SPEC = "ripple:dim=2,n_tasks=8,sigma=2,sigma_tilde=2,rho=4"
ALPHA, DRAWS, SEED, BLOCK = 1 / 6, 20_000, 0, 2_000
SIZES = (1, 2, 4, 8, 16, 32, 64)
SWEEPS = {"B_prime": {"D_beta": 8}, "D_beta": {"B_prime": 4}}


def data(evidence: Evidence) -> pd.DataFrame:
    r"""Draw moments of :math:`\tilde\beta(w)L(w)` at the starting point, and what the theory says of them.

    Columns: sweep, x, quantity (mean, square, deviation), kind (measured, derived low, derived, recorded),
    value, lo, hi, n, seed, problem. Recorded values only where the recorded batch condition holds.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for sweep, other in SWEEPS.items():
        for size in SIZES:
            sizes = {**other, sweep: size}
            common = {"sweep": sweep, "x": size, "n": DRAWS, "seed": SEED, "problem": SPEC}
            rows += [common | row for row in (*_measured(sizes), *_theory(sizes))]
    return pd.DataFrame(rows)


def _scale(size: float) -> float:
    """Return the paper's L(w) at a mean gradient norm."""
    c = theory.constants(SPEC, ALPHA)
    return theory.number(smoothness.RECORDED_SMOOTHNESS, L=c.L, rho=c.rho, alpha=ALPHA, mean_norm=size)


def _mean_norm() -> float:
    import torch

    problem = theory.problem(SPEC)
    tasks = torch.arange(problem.n_tasks)
    return float(problem.gradient(tasks, problem.start).norm(dim=-1).mean())


def _sizes_of_gradients(B_prime: int, D_beta: int) -> np.ndarray:
    import numpy as np
    import torch

    problem, rng = theory.problem(SPEC), np.random.default_rng([SEED, B_prime, D_beta])
    means = []
    for _ in range(DRAWS // BLOCK):
        tasks = rng.integers(problem.n_tasks, size=(BLOCK, B_prime))
        batch = torch.from_numpy(problem.sample(rng, tasks, D_beta))
        gradient = problem.gradient(torch.from_numpy(tasks), problem.start, batch)
        means.append(gradient.norm(dim=-1).mean(-1).numpy())
    return np.concatenate(means)


def _measured(sizes: dict[str, int]) -> list[dict[str, Any]]:
    import numpy as np

    from validate.statistics import mean_interval

    mean_norm = _mean_norm()
    scale, zero = _scale(mean_norm), _scale(0.0)
    per_norm = (scale - zero) / mean_norm
    relative = (zero + per_norm * _sizes_of_gradients(**sizes)) / scale
    samples = {
        "mean": 1 / relative,
        "square": 1 / relative**2,
        "deviation": (relative - relative.mean()) ** 2,
    }
    rows = []
    for quantity, sample in samples.items():
        interval = mean_interval(sample, 1 - LEVEL)
        ends = np.array([interval.estimate, interval.lower, interval.upper])
        ends = np.sqrt(ends) if quantity == "deviation" else ends
        rows.append(
            {"quantity": quantity, "kind": "measured", "value": ends[0], "lo": ends[1], "hi": ends[2]}
        )
    return rows


def _theory(sizes: dict[str, int]) -> list[dict[str, Any]]:
    c = theory.constants(SPEC, ALPHA)
    values = {**c.to_dict(), "alpha": ALPHA, "mean_norm": _mean_norm(), **sizes}
    scale = _scale(_mean_norm())
    rows = [
        {"quantity": quantity, "kind": kind, "value": theory.number(name, **values) * scale**power}
        for quantity, kind, name, power in _STATEMENTS
    ]
    spread = theory.part(step_rules.PAPER_SQUARE, "r", **values)
    return [*rows, {"quantity": "deviation", "kind": "derived", "value": spread}]


_STATEMENTS = (
    ("mean", "derived low", step_rules.PAPER_MEAN, 1),
    ("mean", "derived", step_rules.PAPER_MEAN_UPPER, 1),
    ("mean", "recorded", step_rules.RECORDED_MEAN, 1),
    ("square", "derived", step_rules.PAPER_SQUARE, 2),
    ("square", "recorded", step_rules.RECORDED_SQUARE, 2),
)
_PANELS = {
    "mean": r"$E\,\tilde\beta\cdot L(w)$",
    "square": r"$E\,\tilde\beta^2\cdot L(w)^2$",
    "deviation": r"sd of $\tilde L(w)/L(w)$",
}
TITLES = {"mean": "mean step", "square": "mean squared step", "deviation": "spread of the smoothness"}
_SWEPT = {
    "B_prime": style.Series(r"$x=B'$, $D_\beta=8$", style.BLUE, "-", "o"),
    "D_beta": style.Series(r"$x=D_\beta$, $B'=4$", style.VERMILION, (0, (4, 1.2)), "s"),
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw one panel per moment, both sweeps in each."""
    figure, axes = parts.canvas(style.PAGE, 2.6, columns=len(_PANELS))
    for index, ((quantity, label), ax) in enumerate(zip(_PANELS.items(), axes, strict=True)):
        _panel(ax, parts.only(frame, quantity=quantity))
        ax.set_xlabel("batch size $x$")
        ax.set_ylabel(label)
        parts.letter(ax, parts.numbered(index, len(axes), TITLES[quantity]))
    axes[2].set_yscale("log")
    parts.plain_numbers(axes[2].yaxis)
    parts.legend(figure, columns=3)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_xscale("log", base=2)
    parts.plain_powers(ax.xaxis)
    for sweep, look in _SWEPT.items():
        mine = parts.only(rows, sweep=sweep)
        for kind in ("derived", "derived low"):
            bound = style.Series(f"derived bound, {look.label}", look.color, look.linestyle)
            parts.curve(ax, parts.only(mine, kind=kind), bound, "x", linewidth=0.9)
        parts.measured(ax, parts.only(mine, kind="measured"), look, "x", label=f"measured, {look.label}")
    recorded = parts.only(rows, kind="recorded", sweep="B_prime").dropna(subset=["value"])
    parts.curve(ax, recorded, style.RECORDED, "x")


def caption(frame: pd.DataFrame) -> str:
    """Say what was drawn."""
    return (
        "Moments of the paper's step β̃(w) = 1/L̃(w), L̃ = 4L + 2ρα mean‖g̃_j‖ over B′ tasks with D_β samples, "
        f"at the starting point, relative to L(w) = 4L + 2ρα E‖∇f_i(w)‖: n = {frame['n'].iloc[0]:,} draws each "
        f"(seed {frame['seed'].iloc[0]}), {LEVEL:.0%} intervals, αL = {ALPHA:.3g}. Lines: the derived bounds μ₁ "
        "and μ̄₁ (a), μ₂ (b) and r (c) at the same batch sizes; dotted: the recorded 0.8 and 25/8, where the "
        f"recorded batch conditions hold. {parts.problems(frame)}"
    )


FIGURE = Figure(NAME, "The random step size", data, draw, caption)
