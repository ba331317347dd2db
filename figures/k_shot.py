r"""Accuracy against the shots K = D_in = D_o = D_h: 1/sqrt(K) as recorded, 1/K as derived, measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bounds.theory import table
from bounds.theory.algorithms import runnable
from bounds.theory.algorithms.maml import MAML
from bounds.theory.one_step import bias_of
from figures import columns, parts, style, theory
from figures.columns import LEVEL
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from validate.experiment import Experiment

PLACE = 5
NAME = "k-shot"
KIND = "k-shot"
SPEC = "ramp:dim=1,epsilon=0.1,Delta=0.05,sigma_tilde=1"
ALPHA, STEP_FACTOR, ITERATIONS, REPLICATES = 1 / 6, 0.05, 1200, 16
SHOTS = (1, 4, 16, 64, 256)
TASKS = (32, 1024)
CURVE = tuple(2**k for k in range(0, 9))


def experiments() -> list[Experiment]:
    """MAML with K samples for each of its three batches, with few and with many tasks, at a small step."""
    from bounds import recommend
    from empirics import problems
    from validate.experiment import Experiment

    problem = problems.from_spec(SPEC)
    plan = recommend(problem.constants(ALPHA), 0.5, MAML.name, alpha=ALPHA, step="sampled", depth=0)
    plan = plan.with_(step_factor=STEP_FACTOR, theta=1.0, iterations=ITERATIONS, B_prime=4, D_beta=4)
    return [
        Experiment(
            name=f"{NAME}/B={B}/K={K}", kind=KIND, problem=problem, plan=plan.with_(B=B, D_in=K, D_o=K, D_h=K),
            replicates=REPLICATES, stream=NAME, labels={"x": K, "B": B},
        )
        for B in TASKS
        for K in SHOTS
    ]  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Tail of the runs; the limit of many tasks by quadrature; the recorded and derived accuracies.

    Columns: algorithm, quantity (measured, many tasks, derived, recorded, exponent), x = K, B, value, lo, hi, n,
    seed, problem. The exponents are those of the limits of many tasks.
    """
    import pandas as pd

    what = "MAML with K samples per batch for several K"
    rows = evidence.required(KIND, what, "fosp figures --only k-shot")
    frame = pd.DataFrame([*(_measured(evidence, row) for row in rows), *_curves(rows[0])])
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def _measured(evidence: Evidence, row: dict[str, Any]) -> dict[str, Any]:
    keys = {"quantity": "measured", "x": row["labels"]["x"], "B": row["labels"]["B"]}
    return _common(row) | keys | columns.tail(evidence, row)


def _common(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "algorithm": MAML.name,
        "n": row["replicates"],
        "seed": row["seed"],
        "problem": row["problem"],
        "lo": math.nan,
        "hi": math.nan,
    }


def _curves(row: dict[str, Any]) -> list[dict[str, Any]]:
    from validate.shots import stop

    rows: list[dict[str, Any]] = []
    for K in CURVE:
        common = _common(row) | {"n": 1, "x": K, "B": math.inf}
        for algorithm in runnable():
            y = stop(theory.problem(row["problem"]), row["alpha"], K, algorithm)
            rows.append(common | {"algorithm": algorithm, "quantity": "many tasks", "value": y})
        numbers = {
            "derived": theory.at_problem(bias_of(MAML), row, D_in=K, y=0.0),
            "recorded": theory.at_problem(table.cell(MAML.name, "k-shot"), row, D=K),
        }
        rows += [common | {"quantity": name, "value": y} for name, y in numbers.items()]
    return rows


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    groups = parts.only(frame, quantity="many tasks").groupby("algorithm", sort=False)
    fitted = {"quantity": "exponent", "x": math.nan}
    return pd.DataFrame([p.iloc[0].to_dict() | fitted | columns.exponent(p) for _, p in groups])


_LINES = {
    "recorded": style.Series(r"recorded order $\tilde\sigma/\sqrt{K}$", style.PURPLE, (0, (1, 1.2))),
    "derived": style.Series(r"derived bound, $B\to\infty$", style.BLACK, (0, (6, 2))),
    "many tasks": style.Series(r"MAML, $B\to\infty$ (quadrature)", style.BLACK, "-"),
}
_MARKERS = {32: ("v", style.SKY), 1024: ("o", style.BLUE)}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw accuracy against K."""
    figure, (ax,) = parts.canvas(style.COLUMN, 2.9)
    parts.logarithmic(ax, base=2)
    slope = parts.only(frame, quantity="exponent", algorithm=MAML.name)["value"].iloc[0]
    for quantity, look in _LINES.items():
        label = look.label + (rf": $K^{{{slope:.2f}}}$" if quantity == "many tasks" else "")
        parts.curve(ax, parts.only(frame, quantity=quantity, algorithm=MAML.name), look, "x", label=label)
    runs = parts.only(frame, quantity="measured")
    for B in sorted(set(runs["B"])):
        rows = parts.only(runs, B=B)
        marker, color = _MARKERS.get(int(B), ("o", style.BLUE))
        parts.measured(ax, rows, style.Series(f"MAML, $B={B:g}$", color, "none", marker), "x")
    parts.plain_powers(ax.xaxis)
    parts.letter(ax, "accuracy with $K$ shots")
    ax.set_xlabel(r"shots $K=D_{\mathrm{in}}=D_o=D_h$")
    ax.set_ylabel(r"best accuracy, $\Vert\nabla F\Vert$")
    parts.legend(figure, columns=2)
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say what was run."""
    runs = parts.only(frame, quantity="measured")
    fit = parts.only(frame, quantity="exponent", algorithm=MAML.name).iloc[0]
    return (
        f"Mean of ‖∇F(w_k)‖ over the last quarter of {ITERATIONS:,} iterations of MAML with K samples (shots) in "
        f"every batch (c = {STEP_FACTOR:g}, αL = {ALPHA:.3g}): n = {runs['n'].iloc[0]} runs (seed "
        f"{runs['seed'].iloc[0]}), {LEVEL:.0%} intervals. Solid: the limit of many tasks, where only the bias "
        f"of the inner batch is left, by quadrature; its exponent is {fit['value']:.3f} (local slopes "
        f"{fit['lo']:.3f} to {fit['hi']:.3f}). Dashed: the derived bias bound, of order 1/K once K is large "
        f"enough; dotted: the recorded order, with its open constant set to 1. {parts.problems(runs)}"
    )


FIGURE = Figure(NAME, "K-shot accuracy", data, draw, caption, experiments)
