r"""HF-MAML's difference: its error against the probe's length, and the floor it causes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bounds.theory import difference, plateau
from bounds.theory.algorithms.hf_maml import HF_MAML
from figures import parts, style, theory
from figures.evidence import Evidence
from figures.figure import Figure
from validate.budget import DELTA_FACTOR, RECORDED_DELTA

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from validate.experiment import Experiment

PLACE = 6
NAME = "displacement"
KIND = "displacement"
ALPHA = {"hf-counterexample": 0.05, "hf-counterexample-tent": 1 / 6}
GAMMAS = tuple(RECORDED_DELTA * 10 ** (-k / 2) for k in range(0, 11))
LENGTHS = tuple(10 ** (-k / 2) for k in range(-2, 25))
POINTS, ITERATIONS = 400, 3000
ROUND_OFF = 1e-10


def experiments() -> list[Experiment]:
    """HF-MAML with exact tasks on both counterexamples, for probes from the recorded length downwards."""
    from bounds import recommend
    from empirics import problems
    from validate.experiment import Experiment

    made = []
    for spec, alpha in ALPHA.items():
        problem: Any = problems.from_spec(spec)
        plan = recommend(problem.constants(alpha), 1.0, HF_MAML.name, alpha=alpha, step="sampled", depth=0)
        for gamma in GAMMAS if spec == "hf-counterexample" else (RECORDED_DELTA,):
            changed = plan.with_(
                probe_length=problem.displacement(alpha, gamma), step_factor=1.0, iterations=ITERATIONS
            )
            made.append(
                Experiment(
                    name=f"{NAME}/{spec}/{gamma:.3g}", kind=KIND, problem=problem, plan=changed, exact=True,
                    labels={"panel": spec, "x": gamma},
                    predicted={"plateau": problem.hf_plateau(alpha, problem.displacement(alpha, gamma))},
                )
            )  # fmt: skip
    return made


def data(evidence: Evidence) -> pd.DataFrame:
    r"""Errors of the difference (panel "difference") and floors (one panel per problem).

    Columns: panel, quantity (measured, bound, round-off; measured, fixed point, bound), x (length of the probe,
    or gamma), value, n, problem, reach (alpha L of the floors). Errors are per unit of :math:`\|v\|`.
    """
    import pandas as pd

    what = "HF-MAML with exact tasks at several difference factors"
    rows = evidence.required(KIND, what, "fosp figures --only displacement")
    return pd.DataFrame([*_differences(), *(line for row in rows for line in _floor(evidence, row))])


def _differences() -> list[dict[str, Any]]:
    import torch

    from empirics import problems

    spec = "hf-counterexample"
    problem: Any = problems.from_spec(spec)
    c = problem.constants(ALPHA[spec])
    w = torch.linspace(-4, 4, POINTS, dtype=torch.float64).view(-1, 1, 1)
    tasks = torch.arange(problem.n_tasks).expand(POINTS, problem.n_tasks)
    true = problem.hessian_vector(tasks, w, torch.ones_like(w))
    size = float(problem.gradient(tasks, w).abs().max())
    rows = []
    for length in LENGTHS:
        ahead, behind = problem.gradient(tasks, w + length), problem.gradient(tasks, w - length)
        numbers = {
            "measured": float(((ahead - behind) / (2 * length) - true).abs().max()),
            "bound": theory.number(
                difference.DIFFERENCE_BIAS, L=c.L, rho=c.rho, delta=length, probe_norm=1.0
            ),
            "round-off": torch.finfo(torch.float64).eps / 2 * size / length,
        }
        common = {"panel": "difference", "x": length, "n": POINTS, "problem": problem.spec}
        rows += [common | {"quantity": name, "value": y} for name, y in numbers.items()]
    return rows


def _floor(evidence: Evidence, row: dict[str, Any]) -> list[dict[str, Any]]:
    from validate.claims.curves import curves

    numbers = {
        "measured": float(curves(evidence.frame(row))[0, -1]),
        "fixed point": float(row["predicted"]["plateau"]),
        "bound": theory.at_problem(plateau.HF_STOP, row),
    }
    common = {"panel": row["labels"]["panel"], "x": row["labels"]["x"], "n": 1, "problem": row["problem"]}
    common["reach"] = row["alpha"] * theory.constants(row["problem"], row["alpha"]).L
    return [common | {"quantity": name, "value": y} for name, y in numbers.items()]


_STOP = r"final $\Vert\nabla F(w_k)\Vert$"
_PROBLEMS = {
    "hf-counterexample": style.Series("cosine tasks", style.GREEN, (0, (5, 1.2, 1, 1.2)), "^"),
    "hf-counterexample-tent": style.Series("tent Hessians", style.ORANGE, (0, (4, 1.2)), "D"),
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw the error of the difference, the floors against the factor, and both problems at the recorded one."""
    figure, (left, middle, right) = parts.canvas(style.PAGE, 3.0, columns=3, width_ratios=(4, 4, 3))
    _draw_differences(left, parts.only(frame, panel="difference"))
    _draw_floors(middle, frame)
    _draw_recorded(right, frame)
    parts.legend(figure, 1, [left], "left", title="in (a)")
    parts.legend(figure, 2, [middle, right], "right", title="in (b) and (c)")
    return figure


def _draw_differences(ax: Axes, rows: pd.DataFrame) -> None:
    parts.logarithmic(ax)
    bound = style.Series(
        r"bound $\min\{\rho\delta\Vert v\Vert^2/2,\,2L\Vert v\Vert\}$", style.BLACK, (0, (6, 2))
    )
    noise = style.Series(r"round-off $u\,\Vert g\Vert/\delta$", style.GREY, (0, (1, 2)))
    parts.curve(ax, parts.only(rows, quantity="bound"), bound, "x")
    parts.curve(ax, parts.only(rows, quantity="round-off"), noise, "x")
    points = parts.only(rows, quantity="measured")
    look = style.Series("measured error of the difference", style.BLUE, "-", "o")
    ax.plot(points["x"], points["value"], **look.points())
    ax.set_ylim(points["value"].min() / 30, 10)
    ax.set_xlabel(r"length of the probe $\delta\Vert v\Vert$")
    ax.set_ylabel(r"$\Vert d-\nabla^2 f_i\,v\Vert/\Vert v\Vert$")
    parts.letter(ax, "(a) error of one difference")


def _draw_floors(ax: Axes, frame: pd.DataFrame) -> None:
    parts.logarithmic(ax)
    for name, look in _PROBLEMS.items():
        rows = parts.only(frame, panel=name)
        rows = rows[rows["value"] > ROUND_OFF]
        line = style.Series("exact fixed point", style.BLACK, "-")
        parts.curve(ax, parts.only(rows, quantity="fixed point"), line, "x", linewidth=0.8)
        bound = parts.only(rows, quantity="bound")
        parts.curve(ax, bound, look, "x", label=f"upper bound, {look.label}", linewidth=0.9)
        points = parts.only(rows, quantity="measured")
        ax.plot(points["x"], points["value"], **look.points(label=f"HF-MAML, {look.label}"))
    ax.set_ylim(ROUND_OFF / 10, 1)
    ax.axvline(RECORDED_DELTA, color=style.GREY, linewidth=0.7, linestyle=(0, (3, 2)))
    ax.annotate("recorded rule", (RECORDED_DELTA, 0.03), (-3, 0), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="right", fontsize=7)  # fmt: skip
    ax.set_xlabel(r"difference factor $\gamma$, $\delta_i=\gamma/(\rho\alpha\Vert v_i\Vert)$")
    ax.set_ylabel(_STOP)
    parts.letter(ax, "(b) where HF-MAML stops")


def _draw_recorded(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw where each problem stops with the recorded rule, between nothing and its own bound."""
    names = []
    for place, (name, look) in enumerate(_PROBLEMS.items()):
        rows = parts.only(frame, panel=name, x=RECORDED_DELTA).assign(x=place)
        fixed = style.Series("exact fixed point", style.BLACK, "-")
        bound = parts.only(rows, quantity="bound")
        parts.curve(ax, parts.only(rows, quantity="fixed point"), fixed, "x", linewidth=0.8)
        parts.curve(ax, bound, look, "x", label=f"upper bound, {look.label}", linewidth=0.9)
        points = parts.only(rows, quantity="measured")
        ax.plot(points["x"], points["value"], **look.points(label=f"HF-MAML, {look.label}"))
        names.append(f"{look.label}\n$\\alpha L={rows['reach'].iloc[0]:.3g}$")
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(_STOP)
    parts.letter(ax, "(c) with the recorded rule")


def caption(frame: pd.DataFrame) -> str:
    """Say what was measured where."""
    error = parts.only(frame, panel="difference")
    floors = frame[frame["panel"] != "difference"]
    recorded = parts.only(floors, x=RECORDED_DELTA)
    return (
        f"(a) Largest error of the central difference over {error['n'].iloc[0]} points (all tasks, no noise) of "
        f"{error['problem'].iloc[0]}: the bound above, round-off below. (b) ‖∇F‖ after {ITERATIONS:,} exact "
        "iterations (n = 1, all tasks, no noise, no seed) against the difference factor γ; lines: exact fixed "
        f"point, and each problem's own upper bound; floors below {ROUND_OFF:g} (round-off) are left out of the "
        f"picture, not of the data. (c) The same at the recorded rule, γ = {DELTA_FACTOR}, not logarithmic: "
        f"HF-MAML stops at a gradient of its own, however small the target ({_stalls(recorded)})."
    )


def _stalls(recorded: pd.DataFrame) -> str:
    """Say where each problem stops, and under which bound."""
    told = []
    for spec, rows in recorded.groupby("problem", sort=False):
        value = rows.set_index("quantity")["value"]
        reach = rows["reach"].iloc[0]
        told.append(f"{spec}, αL = {reach:.3g}: {value['measured']:.4f}, bound {value['bound']:.4f}")
    return "; ".join(told)


FIGURE = Figure(NAME, "HF-MAML's difference step", data, draw, caption, experiments)
