r"""The size :math:`\|\nabla F(w_k)\|` against k for the three algorithms, at small and at large heterogeneity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.maml import MAML
from figures import asking, parts, style, theory
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from empirics.problems.base import Problem
    from validate.experiment import Experiment

PLACE = 1
NAME = "convergence"
KIND = "convergence"
COVERAGE = 0.9
EPSILON, ALPHA, REPLICATES = 0.035, 0.1, 16
HETEROGENEITY = {"small heterogeneity": 0.1, "large heterogeneity": 1.0}


def experiments() -> list[Experiment]:
    """Three algorithms on the plateau problem, once with a small sigma and once with a large one."""
    from empirics import problems

    made = []
    for panel, sigma in HETEROGENEITY.items():
        problem: Any = problems.from_spec(f"plateau:dim=2,sigma={sigma},sigma_tilde=0.3,Delta=1")
        stops = {"plateau": problem.fo_plateau(ALPHA)}
        made += _at_plans(problem, ALPHA, EPSILON, panel, f"{panel}, $\\sigma={sigma:g}$", stops)
    return made


def on(problem: Problem) -> list[Experiment]:
    """Three algorithms on one problem, for half the gradient at its start."""
    alpha = ALPHA / problem.constants().L
    return _at_plans(problem, alpha, asking.target(problem, alpha), problem.spec, problem.family, {})


def _at_plans(
    problem: Problem, alpha: float, epsilon: float, name: str, panel: str, predicted: dict[str, float]
) -> list[Experiment]:
    from validate.budget import plans
    from validate.experiment import Experiment

    return [
        Experiment(
            name=f"{NAME}/{name}/{algorithm}", kind=KIND, problem=problem, plan=plan, replicates=REPLICATES,
            stream=NAME, labels={"panel": panel}, predicted=predicted,
        )
        for algorithm, plan in plans(problem.constants(alpha), epsilon, alpha=alpha).items()
        if plan.iterations
    ]  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Median and central interval over replicates at each iteration, and the levels the theory names.

    Columns: panel, algorithm, quantity (grad_norm, guarantee, floor, plateau, epsilon), iteration, value, lo,
    hi, n, seed, problem.
    """
    import pandas as pd

    what = "runs of the three algorithms at their plans"
    rows = evidence.required(KIND, what, "fosp validate --out RUN")
    frames = [pd.DataFrame(part) for row in _chosen(rows) for part in (_run(evidence, row), _levels(row))]
    return pd.concat(frames, ignore_index=True)


def _chosen(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most two panels, of the problems with most algorithms, in the order in which they were planned."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(_panel_name(row), []).append(row)
    best = sorted(groups, key=lambda name: -len({row["algorithm"] for row in groups[name]}))[:2]
    return [row for name in groups if name in best for row in groups[name]]


def _panel_name(row: dict[str, Any]) -> str:
    return str(row["labels"].get("panel") or row["problem"])


def _common(row: dict[str, Any]) -> dict[str, Any]:
    keys = {
        "algorithm": row["algorithm"],
        "n": row["replicates"],
        "seed": row["seed"],
        "problem": row["problem"],
    }
    return {"panel": _panel_name(row)} | keys


def _run(evidence: Evidence, row: dict[str, Any]) -> list[dict[str, Any]]:
    table = evidence.frame(row).pivot(index="iteration", columns="replicate", values="grad_norm")
    table = table.iloc[parts.thinned(len(table), 150)]
    share = (1 - COVERAGE) / 2
    quantiles = table.quantile([share, 0.5, 1 - share], axis=1)
    return [
        _common(row) | {"quantity": "grad_norm", "iteration": k, "value": middle, "lo": low, "hi": high}
        for k, (low, middle, high) in zip(table.index, quantiles.to_numpy().T, strict=True)
    ]


def _levels(row: dict[str, Any]) -> list[dict[str, Any]]:
    plan = theory.plan_of(row)
    horizon = int(row["iterations"])
    steps = parts.thinned(horizon + 1, 60)
    curves: dict[str, list[float]] = {"epsilon": [plan.epsilon] * len(steps)}
    if plan.feasible:
        curves["guarantee"] = theory.guarantee_after(plan, steps)
        curves["floor"] = [theory.value(theory.related(plan, "floor"), plan)] * len(steps)
    if row["algorithm"] == FO_MAML.name and math.isfinite(level := theory.fo_plateau(row)):
        curves["plateau"] = [level] * len(steps)
    return [
        _common(row) | {"quantity": quantity, "iteration": int(k), "value": y, "lo": math.nan, "hi": math.nan}
        for quantity, values in curves.items()
        for k, y in zip(steps, values, strict=True)
    ]


_LEVELS: dict[str, style.Series] = {
    "guarantee": style.Series("guarantee for MAML after $k$ iterations", style.BLACK, (0, (6, 2))),
    "floor": style.Series("noise floor of this guarantee", style.GREY, (0, (3, 1.2, 1, 1.2, 1, 1.2))),
    "plateau": style.Series("FO-MAML's predicted floor", style.BLACK, "-"),
    "epsilon": style.TARGET,
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw one panel per problem: runs with bands, and the levels that the theory names."""
    panels = list(dict.fromkeys(frame["panel"]))
    figure, axes = parts.canvas(style.PAGE, 2.75, columns=len(panels), sharex=True, sharey=True)
    for index, (panel, ax) in enumerate(zip(panels, axes, strict=True)):
        _panel(ax, parts.only(frame, panel=panel))
        parts.letter(ax, parts.numbered(index, len(panels), panel))
        ax.set_xlabel(r"iteration $k$")
    last = frame["iteration"].max()
    axes[0].set_xlim(max(1.0, last / 4000), last)
    axes[0].set_ylabel(r"$\|\nabla F(w_k)\|$")
    parts.legend(figure, columns=4)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    parts.logarithmic(ax)
    for quantity, look in _LEVELS.items():
        level = parts.only(rows, quantity=quantity)
        if quantity in ("guarantee", "floor"):
            level = parts.only(level, algorithm=MAML.name)
        elif len(level):
            level = parts.only(level, algorithm=level["algorithm"].iloc[0])
        parts.curve(ax, level, look, "iteration", linewidth=0.9)
    for offset, (algorithm, look) in enumerate(style.by_algorithm().items()):
        runs = parts.only(rows, algorithm=algorithm, quantity="grad_norm")
        parts.curve(ax, runs, look, "iteration", marker=look.marker, markevery=(4 * offset, 12), markersize=3)


def caption(frame: pd.DataFrame) -> str:
    """Say what was run and what the lines are."""
    first = frame.iloc[0]
    epsilon = parts.only(frame, quantity="epsilon")["value"].iloc[0]
    stops = "plateau" in set(frame["quantity"])
    level = "; solid thin line: the exact value at FO-MAML's fixed point" if stops else ""
    return (
        "‖∇F(w_k)‖ against the iteration k for MAML, FO-MAML and HF-MAML, each at its recommended plan for ε = "
        f"{epsilon:g} (FO-MAML, where no plan reaches ε, with MAML's budget). Lines: median over n = "
        f"{first['n']} independent runs (seed {first['seed']}); bands: central {COVERAGE:.0%} of the runs. "
        "Dashed: the derived guarantee on min_j<k E‖∇F(w_j)‖ and on the uniformly random iterate, with its "
        f"noise floor{level}. {parts.problems(frame)}"
    )


FIGURE = Figure(
    NAME,
    "The gradient of the meta objective along a run",
    data,
    draw,
    caption,
    experiments,
    shows=("accuracy", "step"),
    on=on,
)
