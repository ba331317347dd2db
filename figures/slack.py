"""Where the slack goes, from what was measured to the recorded bound, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.maml import MAML
from figures import parts, style, theory
from figures.evidence import Evidence, Missing
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from validate.experiment import Experiment

PLACE = 7
NAME = "slack"
KIND = "slack"
LEVEL = 0.95
ALPHA, REPLICATES = 0.1, 8
PROBLEMS = {
    "ripple": "ripple:dim=2,n_tasks=8",
    "plateau": "plateau:dim=2,sigma=0.3,sigma_tilde=0.3,Delta=1",
    "quadratic": "quadratic:dim=2,n_tasks=8",
    "ramp": "ramp:dim=2,n_tasks=4,sigma=0.3,sigma_tilde=0.3,epsilon=0.05,Delta=1",
}
EPSILON, SIZES = 0.1, {"B": 64, "D_in": 64, "D_o": 8, "D_h": 8, "iterations": 3000}
STEPS = {
    "measured": r"measured $E\Vert\nabla F(w_R)\Vert$",
    "worst": r"worst problem found, without noise",
    "descent": r"one-step inequality, summed ($B,D\to\infty$)",
    "noise": "+ noise at the given batches",
    "decrease": r"+ certified $\Delta$: the derived theorem",
    "recorded": r"the recorded theorem",
}


def experiments() -> list[Experiment]:
    """MAML with the paper's step and moderate batches on one problem of each kind."""
    from bounds import recommend
    from empirics import problems
    from validate.experiment import Experiment

    made = []
    for panel, spec in PROBLEMS.items():
        problem = problems.from_spec(spec)
        plan = recommend(problem.constants(ALPHA), 1.0, MAML.name, "paper", alpha=ALPHA)
        plan = plan.with_(constants=problem.constants(ALPHA), epsilon=EPSILON, **SIZES)
        made.append(
            Experiment(
                name=f"{NAME}/{panel}", kind=KIND, problem=problem, plan=plan, replicates=REPLICATES,
                stream=NAME, labels={"panel": panel},
            )
        )  # fmt: skip
    return made


def data(evidence: Evidence) -> pd.DataFrame:
    """Return the ladder of bounds of each run, see :mod:`validate.slack`.

    Columns: panel, step (measured, worst, descent, noise, decrease, recorded), value, lo, hi, factor (over the
    step before), n, seed, epsilon, problem.
    """
    import pandas as pd

    rows = evidence.of_kind(KIND)
    if not rows:
        raise Missing("MAML with the paper's step at given batches", "fosp figures --only slack")
    return pd.DataFrame([line for row in rows for line in _ladder(evidence, row)])


def _ladder(evidence: Evidence, row: dict[str, Any]) -> list[dict[str, Any]]:
    from validate.slack import ladder

    plan, own = theory.plan_of(row), theory.constants(row["problem"], row["alpha"])
    common = {"panel": row["labels"]["panel"], "n": row["replicates"], "seed": row["seed"]}
    common |= {"epsilon": plan.epsilon, "problem": row["problem"]}
    return [common | line for line in ladder(evidence.frame(row), plan, own, LEVEL)]


def texts(frame: pd.DataFrame) -> dict[str, str]:
    """Return the table of factors as Markdown, by file extension."""
    from validate.slack import markdown

    return {".md": markdown(frame)}


_SHADES = {
    "measured": (style.BLUE, ""),
    "worst": ("white", "xxxx"),
    "descent": ("#F2F2F2", "////"),
    "noise": ("#D0D0D0", ""),
    "decrease": ("#8C8C8C", ""),
    "recorded": (style.PURPLE, "...."),
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw one ladder per problem: bars on a logarithmic axis, the factor of each step beside its bar."""
    panels = list(dict.fromkeys(frame["panel"]))
    figure, axes = parts.canvas(style.PAGE, 2.0, columns=len(panels), sharey=True, sharex=True)
    for index, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        _bars(ax, parts.only(frame, panel=panel))
        parts.letter(ax, f"({'abcd'[index]}) {panel}")
    figure.supxlabel(r"bound on $E\Vert\nabla F(w_R)\Vert$", fontsize=8)
    axes[0].set_yticks(range(len(STEPS)), list(STEPS.values()))
    axes[0].invert_yaxis()
    return figure


def _bars(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_xscale("log")
    left = 2e-3
    for position, (step, (color, hatch)) in enumerate(_SHADES.items()):
        row = parts.only(rows, step=step).iloc[0]
        ax.barh(
            position,
            row["value"] - left,
            left=left,
            height=0.65,
            color=color,
            hatch=hatch,
            edgecolor="black",
            linewidth=0.4,
        )
        note = f"{row['value']:.2g}" + ("" if step == "measured" else f"  (×{row['factor']:.3g})")
        ax.annotate(
            note, (row["value"], position), (2, 0), textcoords="offset points", va="center", fontsize=6
        )
    ax.set_xlim(left, rows["value"].max() * 20)


def caption(frame: pd.DataFrame) -> str:
    """Say what each step is."""
    first = frame.iloc[0]
    sizes = ", ".join(f"{name} = {size}" for name, size in SIZES.items() if name != "iterations")
    return (
        "From the measured mean gradient of a uniformly random iterate to the recorded bound, for MAML "
        "with the "
        f"paper's step at {sizes}, K = {SIZES['iterations']} (n = {first['n']} runs, seed "
        f"{first['seed']}, {LEVEL:.0%} intervals in the table; αL = {ALPHA:g}). "
        "Each bar adds one loss, with its factor: the steepest ramp of the class that falls by as much as the "
        "runs did, in as many noise-free steps (attained, so a lower bound on the worst case); the one-step "
        "inequality summed with that fall and without noise; the noise terms at these batches; the certified Δ "
        "in place of the fall; the recorded constants (the recorded accuracy). "
        f"{parts.problems(frame)}"
    )


FIGURE = Figure(NAME, "Where the slack goes", data, draw, caption, experiments, texts=texts)
