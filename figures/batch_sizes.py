"""Best accuracy against each batch size B, D_in, D_o, D_h, with the bound and its term."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.maml import MAML
from figures import asking, columns, parts, style, theory
from figures.columns import LEVEL
from figures.evidence import Evidence, MissingRunsError
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from empirics.problems.base import Problem
    from validate.experiment import Experiment

PLACE = 4
NAME = "batch-sizes"
KIND = "batches"
SWEEPS = {"B": "$B$", "D_in": r"$D_{\mathrm{in}}$", "D_o": "$D_o$", "D_h": "$D_h$"}
TITLES = {"B": "tasks", "D_in": "inner samples", "D_o": "outer samples", "D_h": "Hessian samples"}
SPEC = "ripple:dim=2,n_tasks=8,sigma=0.1,sigma_tilde=1,sigma_H=3"
ALPHA, STEP_FACTOR, REPLICATES, ITERATIONS = 0.4, 0.3, 16, 1500
SIZES = (1, 4, 16, 64, 256)
BASE = {
    "B": {"D_in": 16, "D_o": 16, "D_h": 16},
    "D_in": {"B": 32, "D_o": 4096, "D_h": 4096},
    "D_o": {"B": 32, "D_in": 4096, "D_h": 4096},
    "D_h": {"B": 32, "D_in": 4096, "D_o": 4096},
}
INFINITE = 1e30


def experiments() -> list[Experiment]:
    """MAML at a fixed step; one batch size varies, the others are out of the way."""
    from empirics import problems

    return _at(problems.from_spec(SPEC), ALPHA, 0.2)


def on(problem: Problem) -> list[Experiment]:
    """Return the same sizes on one problem."""
    alpha = ALPHA / problem.constants().L
    return _at(problem, alpha, asking.target(problem, alpha))


def _at(problem: Problem, alpha: float, epsilon: float) -> list[Experiment]:
    from bounds import recommend
    from validate.experiment import Experiment

    plan = recommend(problem.constants(alpha), epsilon, MAML.name, alpha=alpha, step="sampled", depth=0)
    plan = plan.with_(step_factor=STEP_FACTOR, theta=1.0, iterations=ITERATIONS)
    return [
        Experiment(
            name=f"{NAME}/{sweep}={size}", kind=KIND, problem=problem, plan=plan.with_(**base, **{sweep: size}),
            replicates=REPLICATES, stream=NAME, labels={"sweep": sweep, "x": size},
        )
        for sweep, base in BASE.items()
        for size in SIZES
    ]  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Tail of the runs, the derived noise floor, and the part of it that depends on the batch.

    Columns: sweep, x, algorithm, quantity (measured, bound, term), value, lo, hi, n, seed, problem, fails. The
    term is ``sqrt(floor^2 - floor_inf^2)``, with the floor at this batch size and at an infinite one; ``fails``
    is the condition of the floor that is not met, where there is none.
    """
    import pandas as pd

    rows = [row for row in evidence.of_kind(KIND) if row["labels"].get("sweep") in SWEEPS]
    counts = {
        sweep: len({r["labels"]["x"] for r in rows if r["labels"]["sweep"] == sweep}) for sweep in SWEEPS
    }
    if min(counts.values()) < 3:
        what = "tails of runs at three or more sizes of each batch"
        raise MissingRunsError(what, "fosp figures --only batch-sizes")
    tails = [_common(row) | {"quantity": "measured"} | columns.tail(evidence, row) for row in rows]
    return pd.DataFrame(
        [line for row, tail in zip(rows, tails, strict=True) for line in (tail, *_theory(row))]
    )


def _common(row: dict[str, Any]) -> dict[str, Any]:
    keys = {"sweep": row["labels"]["sweep"], "x": row["labels"]["x"], "algorithm": row["algorithm"]}
    others = {name: row["plan"][name] for name in SWEEPS}
    empty = {"lo": math.nan, "hi": math.nan, "n": row["replicates"], "seed": row["seed"], "fails": ""}
    return keys | empty | others | {"problem": row["problem"]}


def _theory(row: dict[str, Any]) -> list[dict[str, Any]]:
    plan = theory.plan_of(row)
    name = theory.related(plan, "floor")
    floor = theory.value(name, plan)
    rest = theory.value(name, plan, **{row["labels"]["sweep"]: INFINITE})
    term = math.sqrt(floor**2 - rest**2) if floor >= rest else math.nan
    return [
        _common(row) | {"quantity": "bound", "value": floor, "fails": theory.failing(name, plan)},
        _common(row) | {"quantity": "term", "value": term},
    ]


_LOOKS = {
    "bound": style.Series("derived noise floor", style.BLACK, (0, (6, 2))),
    "term": style.Series("the part of it that this batch decides", style.PURPLE, (0, (1, 1.2))),
}


def draw(frame: pd.DataFrame) -> Picture:
    """Draw one panel per batch size."""
    figure, axes = parts.canvas(style.PAGE, 2.3, columns=len(SWEEPS), sharey=True)
    for index, (sweep, ax) in enumerate(zip(SWEEPS, axes, strict=True)):
        parts.sweep(ax, parts.only(frame, sweep=sweep), _LOOKS)
        ax.set_xlabel(SWEEPS[sweep])
        parts.letter(ax, parts.numbered(index, len(axes), TITLES[sweep]))
    values = frame["value"].dropna()
    ends = parts.only(frame, quantity="measured")[["lo", "value"]].to_numpy()
    axes[0].set_ylim(ends[ends > 0].min() / 2, values.max() * 1.5)
    axes[0].set_ylabel(r"tail of $\|\nabla F(w_k)\|$")
    parts.legend(figure, columns=3)
    return figure


_WHY = {
    "signal": f"at this step (c = {STEP_FACTOR:g}) the noise that grows with the gradient outweighs the decrease"
}


def _nowhere(frame: pd.DataFrame) -> str:
    """Say at which sizes no floor is derived, and which condition of it fails there."""
    lacking = frame[(frame["quantity"] == "bound") & frame["value"].isna()]
    told = []
    for condition in dict.fromkeys(map(str, lacking["fails"])):
        groups = parts.only(lacking, fails=condition).groupby("sweep", sort=False)
        sizes = (f"{sweep} = {', '.join(f'{x:g}' for x in rows['x'])}" for sweep, rows in groups)
        why = f": {_WHY[condition]}" if condition in _WHY else ""
        told.append(
            f" No floor is derived at {' and '.join(sizes)} (its condition “{condition}” fails{why})."
        )
    return "".join(told)


def caption(frame: pd.DataFrame) -> str:
    """Say what varies, what is fixed, and where there is no bound."""
    runs = parts.only(frame, quantity="measured")
    fixed = []
    for sweep in SWEEPS:
        row = parts.only(runs, sweep=sweep).iloc[0]
        fixed.append(
            f"{sweep} varies at " + ", ".join(f"{name} = {row[name]}" for name in SWEEPS if name != sweep)
        )
    return (
        f"Mean of ‖∇F(w_k)‖ over the last quarter of n = {runs['n'].iloc[0]} runs (seed {runs['seed'].iloc[0]}, "
        f"{LEVEL:.0%} intervals) against one batch size: {'; '.join(fixed)}. Dashed: the derived noise floor at "
        "the same sizes; dotted: the part of its square that this batch decides (square root of the floor "
        f"squared minus its value for an infinite batch).{_nowhere(frame)} {parts.problems(runs)}"
    )


FIGURE = Figure(
    NAME, "Best accuracy against the batch sizes", data, draw, caption, experiments, shows=("batches",), on=on
)
