"""Figure 2: where FO-MAML stops, against alpha and against sigma: measured, exact fixed point, bounds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from figures import parts, style, theory
from figures.evidence import Evidence, Missing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from validate.experiment import Experiment

NAME = "plateau"
TITLE = "Where FO-MAML stops"
KIND = "plateau"
NEEDS = (KIND,)
LEVEL = 0.95
SWEEPS = {"alpha": r"inner step $\alpha L$", "sigma": r"heterogeneity $\sigma$"}
ALPHAS = (0.03, 0.041, 0.055, 0.074, 0.1)
SIGMAS = (0.1, 0.3, 1.0, 3.0)
REPLICATES, ITERATIONS, EXACT_ITERATIONS = 12, 800, 2000
STEP_FACTOR, RELATIVE_NOISE = 0.5, 0.3


def experiments() -> list[Experiment]:
    """FO-MAML with exact tasks; all three algorithms with B so large that noise is a third of the floor."""
    points = [("alpha", alpha, alpha, 1.0) for alpha in ALPHAS]
    points += [("sigma", sigma, ALPHAS[-1], sigma) for sigma in SIGMAS]
    return [e for sweep, x, alpha, sigma in points for e in _at(sweep, x, alpha, sigma)]


def _at(sweep: str, x: float, alpha: float, sigma: float) -> list[Experiment]:
    from empirics import problems
    from validate.experiment import Experiment

    problem: Any = problems.from_spec(f"plateau:sigma={sigma},sigma_tilde={0.3 * sigma:g}")
    level = problem.fo_plateau(alpha)
    base = theory.plans(problem.constants(alpha), 3 * level, alpha, step="sampled")["maml"]
    tasks = math.ceil(0.03 * (sigma / (RELATIVE_NOISE * level)) ** 2)
    plan = base.with_(step_factor=STEP_FACTOR, B=tasks, iterations=ITERATIONS)
    shared: dict[str, Any] = {"kind": KIND, "problem": problem, "predicted": {"plateau": level}}
    labels = {"sweep": sweep, "x": x}
    name = f"{NAME}/{sweep}={x:g}"
    exact = Experiment(
        name=f"{name}/exact tasks", plan=theory.same_budget(plan, "fo-maml"), exact=True,
        iterations=EXACT_ITERATIONS, labels=labels | {"role": "exact"}, **shared,
    )  # fmt: skip
    return [exact] + [
        Experiment(
            name=f"{name}/{algorithm}", plan=theory.same_budget(plan, algorithm), replicates=REPLICATES,
            stream=NAME, labels=labels | {"role": "noisy"}, **shared,
        )
        for algorithm in theory.ALGORITHM_NAMES
    ]  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Tail (last quarter) of each run, and the theory at the same points.

    Columns: sweep, x, algorithm, quantity (measured, exact tasks, fixed point, upper, lower), value, lo, hi, n,
    seed, problem.
    """
    import pandas as pd

    rows = [row for row in evidence.of_kind(KIND) if _belongs(row)]
    counts = {
        sweep: len({r["labels"]["x"] for r in rows if r["labels"]["sweep"] == sweep}) for sweep in SWEEPS
    }
    rows = [row for row in rows if counts[row["labels"]["sweep"]] >= 2]
    if not rows:
        raise Missing(
            "FO-MAML's plateau at two or more values of alpha or sigma", "fosp figures --only plateau"
        )
    parts_ = [_measured(evidence, row) for row in rows]
    lines = [line for row in rows if row["algorithm"] == "fo-maml" and row["exact"] for line in _theory(row)]
    frame = pd.DataFrame(parts_ + lines)
    return frame.sort_values(["sweep", "quantity", "algorithm", "x"], kind="stable", ignore_index=True)


def _belongs(row: dict[str, Any]) -> bool:
    """Whether a row is of a sweep, with a floor above zero, and, with exact tasks, of FO-MAML."""
    if row["labels"].get("sweep") not in SWEEPS or (row["exact"] and row["algorithm"] != "fo-maml"):
        return False
    return theory.fo_plateau(row) > 0


def _common(row: dict[str, Any]) -> dict[str, Any]:
    keys = {"sweep": row["labels"]["sweep"], "x": row["labels"]["x"], "algorithm": row["algorithm"]}
    return keys | {
        "n": 1 if row["exact"] else row["replicates"],
        "seed": row["seed"],
        "problem": row["problem"],
    }


def _measured(evidence: Evidence, row: dict[str, Any]) -> dict[str, Any]:
    from validate.claims.curves import tails
    from validate.statistics import mean_interval

    sample = tails(evidence.frame(row))
    if row["exact"]:
        return _common(row) | {"quantity": "exact tasks", "value": sample[0], "lo": math.nan, "hi": math.nan}
    interval = mean_interval(sample, 1 - LEVEL)
    ends = {"lo": interval.lower, "hi": interval.upper}
    return _common(row) | {"quantity": "measured", "value": interval.estimate} | ends


def _theory(row: dict[str, Any]) -> list[dict[str, Any]]:
    numbers = {
        "upper": theory.at_problem("sharp.plateau.upper", row),
        "fixed point": theory.fo_plateau(row),
        "lower": theory.at_problem("sharp.plateau.lower", row),
    }
    empty = {"lo": math.nan, "hi": math.nan}
    return [_common(row) | {"quantity": quantity, "value": y} | empty for quantity, y in numbers.items()]


_LOOKS = {
    "upper": style.Series(r"upper bound $\alpha L(1+\alpha L)\sigma$", style.BLACK, (0, (6, 2))),
    "fixed point": style.Series("exact fixed point", style.BLACK, "-"),
    "lower": style.Series("lower bound (path theorem)", style.PURPLE, (0, (1, 1.2))),
}
_EXACT_TASKS = style.Series("FO-MAML, exact tasks", style.BLACK, "none", "x")


def draw(frame: pd.DataFrame) -> Figure:
    """Draw the tail of the runs against each swept quantity, the theory as lines, the runs as markers."""
    sweeps = [name for name in SWEEPS if name in set(frame["sweep"])]
    figure, axes = parts.canvas(style.PAGE, 2.75, columns=len(sweeps))
    for index, (sweep, ax) in enumerate(zip(sweeps, axes, strict=True)):
        _panel(ax, parts.only(frame, sweep=sweep))
        ax.set_xlabel(SWEEPS[sweep])
        parts.letter(ax, f"({'ab'[index]})")
    axes[0].set_ylabel(r"tail of $\|\nabla F(w_k)\|$")
    parts.legend(figure, axes, columns=4, loc="outside lower center")
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    for quantity, look in _LOOKS.items():
        parts.curve(ax, parts.only(rows, quantity=quantity), look, "x")
    for algorithm, look in style.BY_ALGORITHM.items():
        parts.measured(
            ax, parts.only(rows, algorithm=algorithm, quantity="measured"), look, "x", markersize=5
        )
    exact = parts.only(rows, quantity="exact tasks")
    ax.plot(exact["x"], exact["value"], **_EXACT_TASKS.points(zorder=5))


def caption(frame: pd.DataFrame) -> str:
    """Say what was run and what the lines are."""
    noisy = parts.only(frame, quantity="measured").iloc[0]
    return (
        "Mean of ‖∇F(w_k)‖ over the last quarter of a run. FO-MAML stops at its exact fixed point, "
        "between the "
        "bounds; MAML and HF-MAML with the same batches and steps go below it, down to their sampling noise. "
        f"Open markers: n = {noisy['n']} runs each (seed {noisy['seed']}), {LEVEL:.0%} intervals; "
        "crosses: exact "
        "tasks (all tasks, exact derivatives). Problems: "
        f"{'; '.join(dict.fromkeys(frame['problem']))}."
    )
