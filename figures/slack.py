"""Where the slack goes, from what was measured to the recorded bound, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.maml import MAML
from figures import asking, parts, style, theory
from figures.columns import LEVEL
from figures.evidence import Evidence
from figures.figure import Figure
from validate.slack import STAGES, ladder, markdown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from empirics.problems.base import Problem
    from validate.experiment import Experiment

PLACE = 7
NAME = "slack"
KIND = "slack"
ALPHA, REPLICATES = 0.1, 8
PROBLEMS = {
    "ripple": "ripple:dim=2,n_tasks=8",
    "plateau": "plateau:dim=2,sigma=0.3,sigma_tilde=0.3,Delta=1",
    "quadratic": "quadratic:dim=2,n_tasks=8",
    "ramp": "ramp:dim=2,n_tasks=4,sigma=0.3,sigma_tilde=0.3,epsilon=0.05,Delta=1",
}
EPSILON, SIZES = 0.1, {"B": 64, "D_in": 64, "D_o": 8, "D_h": 8, "iterations": 3000}
STEPS = {step: text.replace("Delta", r"$\Delta$") for step, text in STAGES.items() if step != "measured"}


def experiments() -> list[Experiment]:
    """MAML with the paper's step and moderate batches on one problem of each kind."""
    from empirics import problems

    return [_at(problems.from_spec(spec), ALPHA, EPSILON, panel) for panel, spec in PROBLEMS.items()]


def on(problem: Problem) -> list[Experiment]:
    """MAML with the paper's step and the same batches on one problem."""
    alpha = ALPHA / problem.constants().L
    return [_at(problem, alpha, asking.target(problem, alpha), problem.family)]


def _at(problem: Problem, alpha: float, epsilon: float, panel: str) -> Experiment:
    from bounds import recommend
    from validate.experiment import Experiment

    constants = problem.constants(alpha)
    plan = recommend(constants, 10 * epsilon, MAML.name, "paper", alpha=alpha)
    plan = plan.with_(constants=constants, epsilon=epsilon, **SIZES)
    return Experiment(
        name=f"{NAME}/{panel}", kind=KIND, problem=problem, plan=plan, replicates=REPLICATES,
        stream=NAME, labels={"panel": panel},
    )  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Return the ladder of bounds of each run, see :mod:`validate.slack`.

    Columns: panel, step (measured, worst, descent, noise, decrease, recorded), value, lo, hi, factor (over the
    step before), n, seed, epsilon, problem.
    """
    import pandas as pd

    what = "MAML with the paper's step at given batches"
    rows = evidence.required(KIND, what, "fosp figures --only slack")
    return pd.DataFrame([line for row in rows for line in _ladder(evidence, row)])


def _ladder(evidence: Evidence, row: dict[str, Any]) -> list[dict[str, Any]]:
    plan, own = theory.plan_of(row), theory.constants(row["problem"], row["alpha"])
    common = {"panel": row["labels"]["panel"], "n": row["replicates"], "seed": row["seed"]}
    common |= {"epsilon": plan.epsilon, "problem": row["problem"]}
    return [common | line for line in ladder(evidence.frame(row), plan, own, LEVEL)]


def texts(frame: pd.DataFrame) -> dict[str, str]:
    """Return the table of factors as Markdown, by file extension."""
    return {".md": markdown(frame)}


_SHADES = {
    "worst": ("white", "xxxx"),
    "descent": ("#F2F2F2", "////"),
    "noise": ("#D0D0D0", ""),
    "decrease": ("#8C8C8C", ""),
    "recorded": (style.PURPLE, "...."),
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw one ladder per problem: each bar goes from the bound before it to its own, over what was measured."""
    panels = [str(name) for name in dict.fromkeys(frame["panel"])]
    figure, axes = parts.canvas(style.PAGE, 2.2, columns=len(panels), sharey=True, sharex=True)
    for index, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        rows = parts.only(frame, panel=panel)
        _bars(ax, rows)
        whole = rows["factor"].to_numpy(float).prod()
        title = f"{panel}, ×{whole:.3g} in all"
        parts.letter(ax, parts.numbered(index, len(panels), title))
    _limits(axes[0], frame)
    figure.supxlabel(r"bound over the measured $E\Vert\nabla F(w_R)\Vert$", fontsize=8)
    axes[0].set_yticks(range(len(STEPS)), list(STEPS.values()))
    axes[0].invert_yaxis()
    return figure


def _bars(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_xscale("log")
    measured = parts.only(rows, step="measured")["value"].iloc[0]
    before = 1.0
    for position, (step, (color, hatch)) in enumerate(_SHADES.items()):
        row = parts.only(rows, step=step).iloc[0]
        ratio = row["value"] / measured
        ax.barh(position, ratio - before, left=before, height=0.65, color=color, hatch=hatch,
                edgecolor="black", linewidth=0.4)  # fmt: skip
        inside = step == "recorded" and ratio / before > 2
        ax.annotate(
            f"×{row['factor']:.3g}", (max(ratio, before), position), (-2 if inside else 2, 0), fontsize=6,
            textcoords="offset points", va="center", ha="right" if inside else "left",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6} if inside else None,
        )  # fmt: skip
        before = ratio
    ax.axvline(1, color="black", linewidth=0.6)


def _limits(ax: Axes, frame: pd.DataFrame) -> None:
    """Leave room for the factors beside the bars."""
    measured = frame["panel"].map(parts.only(frame, step="measured").set_index("panel")["value"])
    ratios = frame["value"] / measured
    ax.set_xlim(min(ratios.min(), 1) / 1.15, ratios.max() * 1.6)
    parts.plain_numbers(ax.xaxis)


def caption(frame: pd.DataFrame) -> str:
    """Say what each step is."""
    first = frame.iloc[0]
    sizes = ", ".join(f"{name} = {size}" for name, size in SIZES.items() if name != "iterations")
    return (
        "From the measured mean gradient of a uniformly random iterate to the recorded bound, for MAML with "
        f"the paper's step at {sizes} and K = {SIZES['iterations']:,} iterations (n = {first['n']} runs, "
        f"seed {first['seed']}, {LEVEL:.0%} intervals in the table; αL = {ALPHA:g}). Each bar adds one loss, "
        "from the bound before it to its own, over what was measured, and its factor: the worst "
        "noise-free problem known (the steepest "
        "ramp of the class that falls by as much as the runs did, in as many steps: a lower bound on the worst "
        "case); the one-step inequality summed with that fall and without noise; the noise terms at these "
        "batches; the certified Δ in place of the fall; the recorded constants (the recorded accuracy). "
        f"{parts.problems(frame)}"
    )


FIGURE = Figure(NAME, "Where the slack goes", data, draw, caption, experiments, texts=texts, on=on)
