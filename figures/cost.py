"""Figure 9: time and memory of one iteration against d, with full Hessians, with products, and without."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from figures import parts, style
from figures.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NAME = "cost"
TITLE = "Cost of one iteration"
NEEDS = ()
LEVEL = 0.95
SPEC = "ripple:dim={d},n_tasks=4,rotate=false"
DIMENSIONS = tuple(2**k for k in range(5, 13))
LARGEST = {"maml-full-hessian": 512}
WINDOW = 3
B, D, ALPHA, REPEATS, ITERATIONS = 4, 4, 0.1, 7, 2
METHODS = {
    "maml-full-hessian": style.Series("MAML, full Hessian", style.BLACK, (0, (1, 1.2)), "D"),
    "maml": style.MAML,
    "hf-maml": style.HF_MAML,
    "fo-maml": style.FO_MAML,
}


def data(evidence: Evidence) -> pd.DataFrame:
    """Seconds and peak tensor bytes of one iteration, and their exponents in d; measured once and kept.

    Columns: method, quantity (seconds, bytes, exponent seconds, exponent bytes), d, value, lo, hi, n, problem.
    """
    import pandas as pd

    config = {"spec": SPEC, "d": DIMENSIONS, "B": B, "D": D, "repeats": REPEATS, "iterations": ITERATIONS}
    frame = evidence.kept(NAME, config, measure)
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def measure() -> pd.DataFrame:
    """Time one iteration of every method at every dimension, and count its memory."""
    import pandas as pd

    pairs = [(method, d) for d in DIMENSIONS for method in METHODS if d <= LARGEST.get(method, d)]
    return pd.DataFrame([row for pair in pairs for row in _rows(*pair)])


def _rows(method: str, d: int) -> list[dict[str, Any]]:
    from bounds import Constants, recommend
    from empirics import algorithms, problems
    from empirics.moments import seconds_per_iteration

    problem = problems.from_spec(SPEC.format(d=d))
    plan = recommend(Constants(1.0, 1.0, 0.3, 0.3, 0.3, 1.0), 0.5, "hf-maml", alpha=ALPHA, step="self-scaled")
    plan = plan.with_(B=B, D_in=D, D_o=D, D_h=D, B_prime=0, D_beta=0)
    direction = algorithms.by_name(method, plan)
    seconds = seconds_per_iteration(problem, plan, direction, iterations=ITERATIONS, repeats=REPEATS)
    common = {"method": method, "d": float(d), "n": REPEATS, "problem": problem.spec}
    middle = float(sorted(seconds)[REPEATS // 2])
    spread = {"value": float(min(seconds)), "lo": float(min(seconds)), "hi": middle}
    peak = float(_peak(problem, direction))
    return [
        common | {"quantity": "seconds"} | spread,
        common | {"quantity": "bytes", "value": peak, "lo": math.nan, "hi": math.nan},
    ]


def _peak(problem: Any, direction: Any) -> int:
    """Bytes held by the tensors of one evaluation of the direction at B tasks, exact derivatives."""
    import torch

    from empirics.oracle import Cost, Oracle
    from figures.memory import peak_bytes

    tasks = torch.arange(B).view(1, B)
    oracle = Oracle(problem, tasks, lambda _: (None, 0), Cost())
    w = problem.start.view(1, 1, -1)
    direction(oracle, w, ALPHA)
    return peak_bytes(lambda: direction(oracle, w, ALPHA))


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from validate.statistics import fit_exponent

    rows = []
    for (method, quantity), rising in frame.groupby(["method", "quantity"], sort=False):
        points = rising.nlargest(WINDOW, "d")
        fit = fit_exponent(points["d"], points["value"], 1 - LEVEL).interval
        ends = {"value": fit.estimate, "lo": fit.lower, "hi": fit.upper, "n": len(points), "d": math.nan}
        rows.append({"method": method, "quantity": f"exponent {quantity}"} | ends)
    return pd.DataFrame(rows)


def draw(frame: pd.DataFrame) -> Figure:
    """Draw time on the left, memory on the right."""
    figure, axes = parts.canvas(style.PAGE, 2.6, columns=2)
    for ax, quantity, label in zip(
        axes, ("seconds", "bytes"), ("seconds per iteration", "peak memory (bytes)"), strict=True
    ):
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        for method, look in METHODS.items():
            rows = parts.only(frame, method=method)
            slope = parts.only(rows, quantity=f"exponent {quantity}")["value"].iloc[0]
            points = parts.only(rows, quantity=quantity)
            shown: dict[str, Any] = {"marker": look.marker, "markersize": 3.5, "markerfacecolor": "white"}
            parts.curve(ax, points, look, "d", label=rf"{look.label}: $d^{{\,{slope:.2f}}}$", **shown)
        parts.plain_powers(ax.xaxis)
        ax.set_xlabel("parameters $d$")
        ax.set_ylabel(label)
        low, high = ax.get_ylim()
        ax.set_ylim(low, high * (high / low) ** 0.45)
        ax.legend(loc="upper left")
    for ax, name in zip(axes, "ab", strict=True):
        parts.letter(ax, f"({name})")
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say what was timed."""
    first = frame.iloc[0]
    return (
        f"One iteration with B = {B} tasks and D = {D} samples per batch against the number of parameters "
        "d: (a) time, "
        f"fastest of n = {first['n']} repeats, the band up to their median, on one thread of the machine "
        "that drew this figure (measured "
        "once and kept); (b) largest number of bytes held by the tensors made for one direction. "
        "Exponents: least squares "
        f"over the {WINDOW} largest d. MAML is run once with every task's Hessian written out and once "
        "with Hessian-vector "
        f"products. Problem: {SPEC.format(d='d')} (no seed in a timing)."
    )
