r"""Iterations to an epsilon-FOSP against 1/epsilon, with the bounds and the fitted exponent."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from bounds.theory import recorded
from bounds.theory.algorithms import of
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import columns, parts, style, theory
from figures.columns import LEVEL
from figures.evidence import Evidence, MissingRunsError
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from bounds import Plan
    from bounds.plan import Algorithm
    from validate.experiment import Experiment

PLACE = 3
NAME = "iterations"
KIND = "iterations"
ALPHA = 0.1
RAMP = "ramp, exact tasks: the bound is needed"
NOISY = "plateau, stochastic, $\\sigma=1$"
SLOPES = (0.2, 0.12, 0.07, 0.04)
EPSILONS = (0.12, 0.085, 0.06, 0.042, 0.03)
REPLICATES, HORIZON = 16, 6000
PAPER_STEP_FACTOR = 1 / 12
RAMP_SERIES: dict[str, tuple[Algorithm, Literal["constant", "paper"]]] = {
    "constant step": (MAML.name, "constant"),
    "FO-MAML, constant step": (FO_MAML.name, "constant"),
    "HF-MAML, constant step": (HF_MAML.name, "constant"),
    "the paper's step": (MAML.name, "paper"),
}


def experiments() -> list[Experiment]:
    """All three with exact tasks on ramps whose slope is epsilon, and at their plans on the plateau problem."""
    return [e for epsilon in SLOPES for e in _ramp(epsilon)] + [e for eps in EPSILONS for e in _noisy(eps)]


def _ramp(epsilon: float) -> list[Experiment]:
    from empirics import problems
    from validate.experiment import Experiment

    problem: Any = problems.from_spec(f"ramp:epsilon={epsilon},Delta=1,rho=1")
    constants = replace(problem.constants(ALPHA), M=problem.steepness)
    made = []
    for series, (algorithm, step) in RAMP_SERIES.items():
        plan = _tight(constants, epsilon, algorithm, step)
        made.append(
            Experiment(
                name=f"{NAME}/ramp/{series}/{epsilon:g}", kind=KIND, problem=problem, plan=plan, exact=True,
                labels={"panel": RAMP, "epsilon": epsilon, "series": series},
            )
        )  # fmt: skip
    return made


def _tight(constants: Any, epsilon: float, algorithm: Algorithm, step: str) -> Plan:
    """Take c = 1/12; MAML without noise need give up nothing of its squared mean direction (theta -> 0)."""
    from bounds import recommend

    how: dict[str, Any] = {"theory": "paper"} if step == "paper" else {"theory": "sharp", "step": step}
    plan = recommend(constants, epsilon, algorithm, alpha=ALPHA, depth=0, **how)
    theta = 1e-9 if algorithm == MAML.name else plan.theta
    changed = plan.with_(step_factor=PAPER_STEP_FACTOR, theta=theta)
    bound = theory.value(theory.related(changed, "iterations"), changed)
    return changed.with_(iterations=math.ceil(bound))


def _noisy(epsilon: float) -> list[Experiment]:
    from empirics import problems
    from validate.budget import plans
    from validate.experiment import Experiment

    problem = problems.from_spec("plateau:dim=2,sigma=1,sigma_tilde=0.3,Delta=1")
    found = plans(problem.constants(ALPHA), epsilon, alpha=ALPHA, step="sampled", depth=0)
    return [
        Experiment(
            name=f"{NAME}/plateau/{algorithm}/{epsilon:g}", kind=KIND, problem=problem, plan=plan,
            replicates=REPLICATES, iterations=min(HORIZON, int(plan.iterations or HORIZON)), stream=NAME,
            labels={"panel": NOISY, "epsilon": epsilon, "series": algorithm},
        )
        for algorithm, plan in found.items()
    ]  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Median hitting times with intervals, the bounds at each run's own plan, and fitted exponents.

    Columns: panel, series, algorithm, quantity (measured, derived, recorded, exponent), x = 1/epsilon, value,
    lo, hi, censored, horizon, n, seed, problem. A value at the horizon with all runs censored is a lower bound.
    """
    import pandas as pd

    rows = _chosen(evidence.of_kind(KIND))
    if not rows:
        raise MissingRunsError(
            "runs at three or more epsilon on one problem", "fosp figures --only iterations"
        )
    frame = pd.DataFrame([line for row in rows for line in (_time(evidence, row), *_bounds(row))])
    frame = frame.sort_values("x", kind="stable", ignore_index=True)
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def _chosen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the two panels with most values of epsilon, if they have three or more."""
    counts: dict[str, set[float]] = {}
    for row in rows:
        counts.setdefault(_panel_name(row), set()).add(row["epsilon"])
    best = sorted(counts, key=lambda name: -len(counts[name]))[:2]
    return [row for row in rows if _panel_name(row) in best and len(counts[_panel_name(row)]) >= 3]


def _panel_name(row: dict[str, Any]) -> str:
    paper = ", the paper's plan" if row["labels"].get("theory") == "paper" else ""
    levels = ", multilevel" if theory.plan_of(row).depth else ""
    return str(row["labels"].get("panel") or row["problem"]) + paper + levels


def _common(row: dict[str, Any]) -> dict[str, Any]:
    keys = {"panel": _panel_name(row), "series": row["labels"].get("series", row["algorithm"])}
    keys |= {
        "algorithm": row["algorithm"],
        "x": 1 / row["epsilon"],
        "n": 1 if row["exact"] else row["replicates"],
    }
    empty = {"lo": math.nan, "hi": math.nan, "censored": 0, "horizon": row["iterations"]}
    return keys | empty | {"seed": row["seed"], "problem": row["problem"]}


def _time(evidence: Evidence, row: dict[str, Any]) -> dict[str, Any]:
    from validate.statistics import hitting_quantile, hitting_times

    times = hitting_times(evidence.frame(row), row["epsilon"])
    late = int((~times["hit"]).sum())
    if row["exact"]:
        return _common(row) | {
            "quantity": "measured",
            "value": float(times["time"].iloc[0]),
            "censored": late,
        }
    interval = hitting_quantile(times["time"], times["hit"], 0.5, 1 - LEVEL)
    reached = math.isfinite(interval.estimate)
    value = interval.estimate if reached else float(row["iterations"])
    ends = {"lo": interval.lower, "hi": interval.upper} if reached else {}
    return _common(row) | {"quantity": "measured", "value": value, "censored": late} | ends


def _bounds(row: dict[str, Any]) -> list[dict[str, Any]]:
    plan = theory.plan_of(row)
    numbers, own = {}, of(plan)
    if own.recorded is not None:
        numbers["recorded"] = theory.at_problem(recorded.iterations(own), row, **_large(plan))
    if plan.feasible:
        numbers["derived"] = theory.value(theory.related(plan, "iterations"), plan)
    return [_common(row) | {"quantity": name, "value": y} for name, y in numbers.items()]


def _large(plan: Plan) -> dict[str, float]:
    """Return batches so large that the recorded minimum is its first entry, as the record means it."""
    noise = {name: max(getattr(plan.constants, name), 1e-9) for name in ("sigma", "sigma_tilde")}
    return dict.fromkeys(("B", "D_o", "D_in", "D_h"), 1e30) | noise


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    fitted = []
    reached = parts.only(frame, quantity="measured")
    for _, points in reached.groupby(["panel", "series"], sort=False):
        if len(points) < 3 or points["censored"].any():
            continue
        spread = ((points["hi"] - points["lo"]) / 4).clip(lower=1.0)
        known = spread.notna().all() and (spread < math.inf).all()
        found = columns.exponent(points, spread=spread if known else None)
        fitted.append(points.iloc[0].to_dict() | {"quantity": "exponent", "x": math.nan} | found)
    return pd.DataFrame(fitted)


_MEASURED = {
    "constant step": style.Series("MAML, constant step", style.SKY, "-", "v"),
    "FO-MAML, constant step": style.Series("FO-MAML, constant step", style.YELLOW, "-", "x"),
    "HF-MAML, constant step": style.Series("HF-MAML, constant step", style.GREY, "-", "+"),
    "the paper's step": style.Series("MAML, the paper's step", style.ORANGE, "-", "D"),
} | style.by_algorithm()
_BOUNDS = {
    "derived": style.Series(r"derived bound $K(\varepsilon)$ at the same step", style.BLACK, (0, (6, 2))),
    "recorded": style.Series(r"recorded order (constant open)", style.PURPLE, ":"),
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw one panel per problem: measured times as markers (arrows: not reached), bounds as lines."""
    panels = sorted(set(frame["panel"]), key=lambda name: (name != RAMP, name))
    figure, axes = parts.canvas(style.PAGE, 3.0, columns=len(panels))
    for index, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        rows = parts.only(frame, panel=panel)
        _panel(ax, rows)
        if panel == RAMP:
            _slope(ax)
        parts.letter(ax, parts.numbered(index, len(panels), panel))
        ax.set_xlabel(r"$1/\varepsilon$")
        ax.text(0.02, 0.98, _sentence(rows), transform=ax.transAxes, va="top", fontsize=7, linespacing=1.4)
    axes[0].set_ylabel(r"iterations to $\|\nabla F(w_k)\|\leq\varepsilon$")
    parts.legend(figure, columns=3)
    return figure


def _sentence(rows: pd.DataFrame) -> str:
    lines = [
        f"{_MEASURED[row['series']].label}: exponent {row['value']:.2f} [{row['lo']:.2f}, {row['hi']:.2f}]"
        for _, row in parts.only(rows, quantity="exponent").iterrows()
    ]
    return "\n".join(lines)


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    parts.logarithmic(ax)
    for quantity, look in _BOUNDS.items():
        for series, line in parts.only(rows, quantity=quantity).groupby("series", sort=False):
            shown = line if quantity == "derived" or series in (MAML.name, "constant step") else line[:0]
            parts.curve(ax, shown, look, "x", linewidth=1.0)
    for series, look in _MEASURED.items():
        points = parts.only(rows, series=series, quantity="measured")
        if len(points):
            _times(ax, points, look)
    bottom, top = ax.get_ylim()
    ax.set_ylim(bottom, top * (top / bottom) ** 0.28)
    parts.plain_numbers(ax.xaxis)


def _slope(ax: Axes) -> None:
    """Draw the slope that is claimed of the times themselves: with exact tasks, on the ramps."""
    left, right = ax.get_xlim()
    corner = (left * (right / left) ** 0.62, ax.get_ylim()[0] * 1.6)
    parts.slope_guide(ax, corner, (right / left) ** 0.22, 2)


def _times(ax: Axes, points: pd.DataFrame, look: style.Series) -> None:
    """Markers for times; where half the runs ended first, an arrow says that the median is later."""
    late = points[(points["censored"] > 0) & (points["value"] >= points["horizon"])]
    parts.measured(ax, points.drop(late.index), look, "x", markersize=4.5)
    ax.plot(late["x"], late["value"], color=look.color, marker=r"$\uparrow$", linestyle="none", markersize=7)


def caption(frame: pd.DataFrame) -> str:
    """Say what was measured and what the lines are."""
    runs = parts.only(frame, quantity="measured")
    triangle = "; triangle: slope 2, claimed for the ramp" if RAMP in set(frame["panel"]) else ""
    return (
        "First k with ‖∇F(w_k)‖ ≤ ε. Markers: exact runs (n = 1, all tasks, exact derivatives), or the "
        f"Kaplan–Meier median over n = {runs['n'].max()} runs (seed {runs['seed'].iloc[0]}) with {LEVEL:.0%} "
        "intervals; arrows: more than half of the runs were stopped at this horizon without reaching ε. "
        "Dashed: the derived bound K(ε) on the mean number of iterations, at the plan of each run; dotted: "
        f"the recorded order Δ(L + ρα(σ + ε))/ε² with its open constant set to 1{triangle}. Exponents: of the "
        f"median time in 1/ε, with {LEVEL:.0%} intervals (for exact runs the range of the local slopes). "
        f"{parts.problems(runs)}"
    )


FIGURE = Figure(
    NAME,
    "Iterations to an epsilon-FOSP",
    data,
    draw,
    caption,
    experiments,
    shows=("iterations", "rate.iterations"),
)
