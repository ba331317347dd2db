"""Where FO-MAML stops, against alpha, sigma and the batches: measured, exact fixed point, bounds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bounds.theory import plateau as stops
from bounds.theory.algorithms import runnable
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import columns, parts, style, theory
from figures.columns import LEVEL
from figures.evidence import Evidence, MissingRunsError
from figures.figure import Figure
from validate.budget import plans, same_budget

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

    from bounds import Plan
    from validate.experiment import Experiment

PLACE = 2
NAME = "plateau"
KIND = "plateau"
TASKS_PER_SAMPLE = 48
SWEEPS = {
    "alpha": r"inner step $\alpha L$",
    "sigma": r"heterogeneity $\sigma$",
    "batches": rf"tasks $B$, each $D=B/{TASKS_PER_SAMPLE}$",
}
TITLES = {"alpha": "over the inner step", "sigma": "over heterogeneity", "batches": "over the batches"}
ALPHAS = (0.03, 0.041, 0.055, 0.074, 0.1)
SIGMAS = (0.1, 0.3, 1.0, 3.0)
SAMPLES = (1, 4, 16, 64)
REPLICATES, ITERATIONS, EXACT_ITERATIONS = 12, 800, 2000
STEP_FACTOR, RELATIVE_NOISE, PROBE_SHARE = 0.5, 0.3, 0.01


def experiments() -> list[Experiment]:
    """FO-MAML with exact tasks, and all three algorithms with one budget: over alpha, over sigma, over batches.

    Over alpha and sigma B is so large that the noise is a third of the floor.
    """
    points = [("alpha", alpha, alpha, 1.0) for alpha in ALPHAS]
    points += [("sigma", sigma, ALPHAS[-1], sigma) for sigma in SIGMAS]
    return [e for point in points for e in _at(*point)] + [e for D in SAMPLES for e in _with_batches(D)]


def _at(sweep: str, x: float, alpha: float, sigma: float) -> list[Experiment]:
    from validate.experiment import Experiment

    problem, level, base = _problem(alpha, sigma)
    tasks = math.ceil(0.03 * (sigma / (RELATIVE_NOISE * level)) ** 2)
    plan = base.with_(B=tasks)
    exact = Experiment(
        name=f"{NAME}/{sweep}={x:g}/exact tasks", kind=KIND, problem=problem, plan=same_budget(plan, FO_MAML.name),
        exact=True, iterations=EXACT_ITERATIONS, predicted={"plateau": level},
        labels={"sweep": sweep, "x": x, "role": "exact"},
    )  # fmt: skip
    return [exact, *_noisy(sweep, x, problem, plan, level)]


def _with_batches(D: int) -> list[Experiment]:
    """All batches of the direction grow together; the largest inner step, sigma = 1."""
    problem, level, base = _problem(ALPHAS[-1], 1.0)
    tasks = TASKS_PER_SAMPLE * D
    return _noisy("batches", tasks, problem, base.with_(B=tasks, D_in=D, D_o=D, D_h=D), level)


def _problem(alpha: float, sigma: float) -> tuple[Any, float, Plan]:
    from empirics import problems

    problem: Any = problems.from_spec(f"plateau:sigma={sigma},sigma_tilde={0.3 * sigma:g}")
    level = problem.fo_plateau(alpha)
    only = [MAML.name]
    base = plans(problem.constants(alpha), 3 * level, only, alpha=alpha, step="sampled")[MAML.name]
    return problem, level, base.with_(step_factor=STEP_FACTOR, iterations=ITERATIONS)


def _noisy(sweep: str, x: float, problem: Any, plan: Plan, level: float) -> list[Experiment]:
    """Return the three algorithms at one budget; HF-MAML's probe allows a hundredth of FO-MAML's floor."""
    from validate.experiment import Experiment

    return [
        Experiment(
            name=f"{NAME}/{sweep}={x:g}/{algorithm}", kind=KIND, problem=problem,
            plan=same_budget(plan, algorithm, target=PROBE_SHARE * level), replicates=REPLICATES, stream=NAME,
            labels={"sweep": sweep, "x": x, "role": "noisy"}, predicted={"plateau": level},
        )
        for algorithm in runnable()
    ]  # fmt: skip


def data(evidence: Evidence) -> pd.DataFrame:
    """Tail (last quarter) of each run, the theory at the same points, and the exponents in the batches.

    Columns: sweep, x, algorithm, quantity (measured, exact tasks, fixed point, upper, lower, exponent), value,
    lo, hi, n, seed, problem, probe (length of HF-MAML's probe), probe floor (the derived bound on where
    HF-MAML stops with it, without noise).
    """
    import pandas as pd

    rows = [row for row in evidence.of_kind(KIND) if _belongs(row)]
    counts = {
        sweep: len({r["labels"]["x"] for r in rows if r["labels"]["sweep"] == sweep}) for sweep in SWEEPS
    }
    rows = [row for row in rows if counts[row["labels"]["sweep"]] >= 2]
    if not rows:
        raise MissingRunsError(
            "FO-MAML's plateau at two or more values of alpha or sigma", "fosp figures --only plateau"
        )
    parts_ = [_measured(evidence, row) for row in rows]
    lines = [line for row in rows if _has_lines(row) for line in _theory(row)]
    frame = pd.DataFrame(parts_ + lines)
    frame = frame.sort_values(["sweep", "quantity", "algorithm", "x"], kind="stable", ignore_index=True)
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def _has_lines(row: dict[str, Any]) -> bool:
    """Whether the theory is evaluated at a row: FO-MAML's, once a point."""
    return row["algorithm"] == FO_MAML.name and (row["exact"] or row["labels"]["sweep"] == "batches")


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    """Fit each algorithm's tail against the batches: a noise floor falls, a plateau stays."""
    import pandas as pd

    rows = []
    tails = parts.only(frame, sweep="batches", quantity="measured")
    for _, points in tails.groupby("algorithm", sort=False):
        if len(points) < 3:
            continue
        found = columns.exponent(points, spread=(points["hi"] - points["lo"]) / 4)
        rows.append(points.iloc[-1].to_dict() | {"quantity": "exponent", "x": math.nan} | found)
    return pd.DataFrame(rows)


def _belongs(row: dict[str, Any]) -> bool:
    """Whether a row is of a sweep, with a floor above zero, and, with exact tasks, of FO-MAML."""
    if row["labels"].get("sweep") not in SWEEPS or (row["exact"] and row["algorithm"] != FO_MAML.name):
        return False
    return theory.fo_plateau(row) > 0


def _common(row: dict[str, Any]) -> dict[str, Any]:
    keys = {"sweep": row["labels"]["sweep"], "x": row["labels"]["x"], "algorithm": row["algorithm"]}
    probe = theory.probe(row)
    return keys | {
        "n": 1 if row["exact"] else row["replicates"],
        "seed": row["seed"],
        "problem": row["problem"],
        "probe": probe,
        "probe floor": math.nan if math.isnan(probe) else theory.at_problem(stops.HF_STOP, row),
    }


def _measured(evidence: Evidence, row: dict[str, Any]) -> dict[str, Any]:
    from validate.claims.curves import tails

    if row["exact"]:
        last = tails(evidence.frame(row))[0]
        return _common(row) | {"quantity": "exact tasks", "value": last, "lo": math.nan, "hi": math.nan}
    return _common(row) | {"quantity": "measured"} | columns.tail(evidence, row)


def _theory(row: dict[str, Any]) -> list[dict[str, Any]]:
    numbers = {
        "upper": theory.at_problem(stops.FO_STOP, row),
        "fixed point": theory.fo_plateau(row),
        "lower": theory.at_problem(stops.FO_STALLS, row),
    }
    empty = {"lo": math.nan, "hi": math.nan}
    return [_common(row) | {"quantity": quantity, "value": y} | empty for quantity, y in numbers.items()]


_LOOKS = {
    "upper": style.Series(r"upper bound $\alpha L(1+\alpha L)\sigma$", style.BLACK, (0, (6, 2))),
    "fixed point": style.Series("exact fixed point", style.BLACK, "-"),
    "lower": style.Series("lower bound (path theorem)", style.PURPLE, (0, (1, 1.2))),
}
_EXACT_TASKS = style.Series("FO-MAML, exact tasks", style.BLACK, "none", "x")


def draw(frame: pd.DataFrame) -> Picture:
    """Draw the tail of the runs against each swept quantity, the theory as lines, the runs as markers."""
    sweeps = [name for name in SWEEPS if name in set(frame["sweep"])]
    figure, axes = parts.canvas(style.PAGE, 2.75, columns=len(sweeps))
    for index, (sweep, ax) in enumerate(zip(sweeps, axes, strict=True)):
        _panel(ax, parts.only(frame, sweep=sweep))
        ax.set_xlabel(SWEEPS[sweep])
        parts.letter(ax, parts.numbered(index, len(sweeps), TITLES[sweep]))
        if sweep == "alpha":
            parts.plain_numbers(ax.xaxis)
    axes[0].set_ylabel(r"tail of $\|\nabla F(w_k)\|$")
    parts.legend(figure, columns=4)
    return figure


def _panel(ax: Axes, rows: pd.DataFrame) -> None:
    parts.sweep(ax, rows, _LOOKS, markersize=5)
    exact = parts.only(rows, quantity="exact tasks")
    ax.plot(exact["x"], exact["value"], **_EXACT_TASKS.points(zorder=5))


def caption(frame: pd.DataFrame) -> str:
    """Say what was run, with which probe, and what the lines are."""
    return (
        "Mean of ‖∇F(w_k)‖ over the last quarter of a run. FO-MAML stops at its exact fixed point, between the "
        "bounds; MAML and HF-MAML with the same batches and steps go below it, down to their sampling noise."
        f"{_rates(frame)} {_probes(frame)}{_markers(frame)} {parts.problems(frame)}"
    )


def _markers(frame: pd.DataFrame) -> str:
    crosses = "rosses: exact tasks (all tasks, exact derivatives)."
    noisy = parts.only(frame, quantity="measured")
    if noisy.empty:
        return f"C{crosses}"
    n, seed = noisy.iloc[0][["n", "seed"]]
    return f" Open markers: n = {n} runs each (seed {seed}), {LEVEL:.0%} intervals; c{crosses}"


def _rates(frame: pd.DataFrame) -> str:
    rows = parts.only(frame, quantity="exponent")
    if rows.empty:
        return ""
    fits = [
        f"{style.by_algorithm()[row['algorithm']].label} "
        f"{parts.two_digits(row['value'])} [{parts.two_digits(row['lo'])}, {parts.two_digits(row['hi'])}]"
        for _, row in rows.iterrows()
    ]
    return f" Exponent of the tail in B, where all batches grow together: {', '.join(fits)}."


def _probes(frame: pd.DataFrame) -> str:
    """Name the probes that HF-MAML was run with, and where the theory says that it then stops."""
    runs = parts.only(frame, algorithm=HF_MAML.name, quantity="measured")
    if runs.empty:
        return "HF-MAML was not run." if "measured" in set(frame["quantity"]) else ""
    if runs["probe"].isna().any():
        return "HF-MAML was run with δ = α, of which the theory says nothing."
    low, high = (f"{value:.2g}" for value in (runs["probe"].min(), runs["probe"].max()))
    lengths = low if low == high else f"{low} to {high}"
    share = (runs["probe floor"] / runs["value"]).max()
    return (
        f"HF-MAML's probes are {lengths} long: without noise it then stops below {share:.1%} of what is shown "
        "for it."
    )


FIGURE = Figure(
    NAME,
    "Where FO-MAML stops",
    data,
    draw,
    caption,
    experiments,
    shows=("plateau", FO_MAML.name, "rate.plateau-alpha", "rate.plateau-sigma"),
)
