"""Which algorithm for which problem: where each stops, Reptile, iMAML and Meta-SGD among them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import parts, style, theory
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from empirics.comparators import Stop
    from empirics.problems.base import Problem

PLACE = 13
NAME = "which"
REACH, STEP, ENOUGH, PROBE = 0.1, 0.5, 1e-10, 1e-4
ITERATIONS = 1500
SPECS = (
    "plateau",
    "ripple:dim=3,n_tasks=8",
    "wells:dim=3,n_tasks=6",
    "robust-regression:dim=2,n_tasks=6",
    "shared-hessian:dim=3,n_tasks=8",
    "quadratic:dim=3,n_tasks=8",
)
SHOWN = {"size": 1e-6, "excess": 1e-10}
"""Smaller numbers are drawn here: they are round-off, and what the stopping rule leaves."""
REACHED = 1e-4
"""Up to which share of alpha L sigma an algorithm counts as one that minimises F."""
REPTILE, SGD, IMAML, META_SGD = "Reptile", "Reptile, one step", "iMAML", "Meta-SGD"
LOOKS: dict[str, style.Series] = {
    MAML.name: style.MAML,
    HF_MAML.name: style.HF_MAML,
    FO_MAML.name: style.FO_MAML,
    REPTILE: style.Series("Reptile, two inner steps", style.ORANGE, "-", "v"),
    SGD: style.Series(r"Reptile, one inner step: $f$ itself", style.GREY, "-", "x"),
    IMAML: style.Series("iMAML", style.PURPLE, "-", "D"),
    META_SGD: style.Series("Meta-SGD", style.SKY, "-", "P"),
}


def data(evidence: Evidence) -> pd.DataFrame:
    r"""Run every algorithm on every problem until its own direction vanishes.

    Columns: problem, algorithm, alpha, size (``||grad F||`` over alpha L sigma, F that of MAML), loss (F), excess
    (F less that where MAML stops), own_loss (its own objective, NaN where it has none), own (size of its own
    direction), iterations, gradients and products (of one task, in one iteration).
    """
    import pandas as pd

    frame = pd.DataFrame([row for spec in SPECS for row in _of_problem(theory.problem(spec))])
    least = frame[frame["algorithm"] == MAML.name].set_index("problem")["loss"]
    return frame.assign(excess=frame["loss"] - frame["problem"].map(least))


def _of_problem(problem: Problem) -> list[dict[str, Any]]:
    constants = problem.constants()
    alpha = REACH / constants.L
    return [
        _row(problem, name, run(alpha, STEP / constants.L), alpha) for name, run in _runs(problem).items()
    ]


def _runs(problem: Problem) -> Mapping[str, Callable[[float, float], Stop]]:
    from empirics import comparators
    from empirics.algorithms import Direction, named

    enough = ENOUGH * (problem.constants().sigma or 1.0)

    def along(direction: Direction) -> Callable[[float, float], Stop]:
        return lambda alpha, step: comparators.descend(problem, direction, alpha, step, ITERATIONS, enough)

    return {
        MAML.name: along(named(MAML.name)),
        HF_MAML.name: along(named(HF_MAML.name, PROBE)),
        FO_MAML.name: along(named(FO_MAML.name)),
        REPTILE: along(comparators.reptile(2)),
        SGD: along(comparators.reptile(1)),
        IMAML: along(comparators.imaml),
        META_SGD: lambda alpha, step: comparators.meta_sgd(problem, alpha, step, ITERATIONS, enough),
    }


def _row(problem: Problem, name: str, stop: Stop, alpha: float) -> dict[str, Any]:
    scale = REACH * (problem.constants().sigma or 1.0)
    return {
        "problem": problem.spec,
        "algorithm": name,
        "alpha": alpha,
        "size": float(problem.meta_gradient(stop.point, alpha).norm()) / scale,
        "loss": float(problem.objective(stop.point, alpha)),
        "own_loss": _own_loss(problem, name, stop, alpha),
        "own": stop.own,
        "iterations": stop.iterations,
        "gradients": stop.gradients,
        "products": stop.products,
    }


def _own_loss(problem: Problem, name: str, stop: Stop, alpha: float) -> float:
    from empirics import comparators

    if name == IMAML:
        return comparators.implicit_objective(problem, stop.point, alpha)
    if name == SGD:
        return comparators.adapted_objective(problem, stop.point, 0.0)
    if name in (MAML.name, META_SGD):
        return comparators.adapted_objective(problem, stop.point, stop.inner)
    return math.nan


def draw(frame: pd.DataFrame) -> Picture:
    r"""Draw where each algorithm stops: the size of :math:`\nabla F` there, and what F is above MAML's."""
    figure, axes = parts.canvas(style.PAGE, 3.1, columns=2)
    _panel(axes[0], frame, "size")
    axes[0].set_ylabel(r"$\|\nabla F\|\ /\ (\alpha L\sigma)$ where it stops")
    parts.letter(axes[0], "(a) MAML's gradient")
    _panel(axes[1], frame, "excess")
    axes[1].set_ylabel("$F$ less that where MAML stops")
    parts.letter(axes[1], "(b) loss after one inner step")
    parts.legend(figure, columns=4)
    return figure


def _panel(ax: Axes, frame: pd.DataFrame, column: str) -> None:
    names = list(dict.fromkeys(frame["problem"]))
    width = 0.7 / len(LOOKS)
    for place, (algorithm, look) in enumerate(LOOKS.items()):
        rows = parts.only(frame, algorithm=algorithm)
        x = [names.index(spec) + (place - len(LOOKS) / 2) * width for spec in rows["problem"]]
        ax.plot(x, rows[column].clip(lower=SHOWN[column]), **look.points())
    ax.set_yscale("log")
    ax.set_ylim(bottom=SHOWN[column] / 3)
    ax.axhline(SHOWN[column], color=style.LIGHT, linewidth=0.6, zorder=0)
    ax.set_xticks(range(len(names)), [spec.partition(":")[0].replace("-", "-\n") for spec in names])


def caption(frame: pd.DataFrame) -> str:
    """Say what was run, and what is drawn at the bottom."""
    return (
        "Gradient descent along each algorithm's own mean direction, all tasks and exact derivatives (nothing "
        f"random), step {STEP:g}/L, αL = {REACH:g}, until that direction is {ENOUGH:g} σ or for "
        f"{ITERATIONS:,} iterations; F is MAML's objective. Reptile's one step is descent on the mean loss f; "
        "iMAML takes exact proximal points and conjugate gradients; Meta-SGD learns an inner step for each "
        "coordinate in [0, 1/L] beside w, which F does not see: judge it by its own loss, in the data. Nothing is "
        f"guaranteed for these three. Grey lines: {SHOWN['size']:g} and {SHOWN['excess']:g}, or less. "
        f"{parts.problems(frame)}"
    )


def table(frame: pd.DataFrame) -> str:
    r"""Return in Markdown ``||grad F|| / (alpha L sigma)`` where each stops, and the cheapest that minimises F.

    The price is that of all gradients and Hessian-vector products of one task until it stops.
    """
    from validate.tables import pipes

    header = (
        "problem",
        *(LOOKS[name].label.partition(":")[0] for name in LOOKS),
        "cheapest that minimises F",
    )
    rows = [_line(spec, group) for spec, group in frame.groupby("problem", sort=False)]
    return pipes(header, rows)


def _line(spec: object, group: pd.DataFrame) -> tuple[str, ...]:
    rows = group.set_index("algorithm")
    sizes = rows["size"]
    shown = ("0" if sizes[name] < SHOWN["size"] else f"{sizes[name]:.2g}" for name in LOOKS)
    price = ((rows["gradients"] + rows["products"]) * rows["iterations"])[sizes <= REACHED]
    best = LOOKS[str(price.idxmin())].label.partition(":")[0] if len(price) else "none"
    return (str(spec).partition(":")[0], *shown, best)


def _texts(frame: pd.DataFrame) -> Mapping[str, str]:
    return {".md": table(frame) + "\n"}


FIGURE = Figure(NAME, "Which algorithm for which problem", data, draw, caption, texts=_texts)
