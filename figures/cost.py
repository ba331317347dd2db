"""Figure 9: time and memory of one iteration against d, with full Hessians, with products, and without."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from figures import parts, style, theory
from figures.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

NAME = "cost"
TITLE = "Cost of one iteration"
NEEDS = ()
LEVEL = 0.95
DIMENSIONS = tuple(2**k for k in range(5, 17))
LARGEST = {"maml-full-hessian": 2048}
WINDOW = 3
REPEATS, SHORTEST = 9, 0.02
METHODS = {
    "maml-full-hessian": style.Series("MAML, full Hessian", style.BLACK, (0, (1, 1.2)), "D"),
    "maml": style.MAML,
    "hf-maml": style.HF_MAML,
    "fo-maml": style.FO_MAML,
}


def data(evidence: Evidence) -> pd.DataFrame:
    """Return seconds and peak tensor bytes of one direction, and their exponents in d; measured once and kept.

    Columns: method, quantity (seconds, bytes, exponent seconds, exponent bytes), d, value, lo, hi, n, problem.
    """
    import pandas as pd

    from validate.counting import SPEC, TASKS

    config = {"spec": SPEC, "d": DIMENSIONS, "B": TASKS, "repeats": REPEATS, "shortest": SHORTEST}
    frame = evidence.kept(NAME, config, measure)
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def measure() -> pd.DataFrame:
    """Time one direction of every method at every dimension, and count its memory."""
    import pandas as pd

    pairs = [(method, d) for d in DIMENSIONS for method in METHODS if d <= LARGEST.get(method, d)]
    return pd.DataFrame([row for pair in pairs for row in _rows(*pair)])


def _rows(method: str, d: int) -> list[dict[str, Any]]:
    from empirics.measure import torch_settings
    from validate.counting import SPEC, count, one_direction

    work = one_direction(method, d)
    with torch_settings():
        work()
        seconds = sorted(_seconds(work) for _ in range(REPEATS))
    common = {"method": method, "d": float(d), "n": REPEATS, "problem": theory.problem(SPEC.format(d=d)).spec}
    spread = {"value": seconds[0], "lo": seconds[0], "hi": seconds[REPEATS // 2]}
    peak = {"value": float(count(work).peak_bytes), "lo": math.nan, "hi": math.nan}
    return [common | {"quantity": "seconds"} | spread, common | {"quantity": "bytes"} | peak]


def _seconds(work: Callable[[], Any]) -> float:
    """Processor time of one call, from as many calls as fill a fiftieth of a second."""
    count, begin = 0, time.process_time()
    while (spent := time.process_time() - begin) < SHORTEST:
        work()
        count += 1
    return spent / count


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
        axes, ("seconds", "bytes"), ("seconds per direction", "peak memory (bytes)"), strict=True
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
    from validate.counting import SPEC, TASKS

    first = frame.iloc[0]
    return (
        f"One direction at B = {TASKS} tasks against the number of parameters d: (a) processor time, fastest of "
        f"n = {first['n']} repeats, the band up to their median, on the machine that drew this figure (measured "
        "once and kept); (b) largest number of bytes held by the tensors made on the way. Exponents: least "
        f"squares over the {WINDOW} largest d. MAML is evaluated once with every task's Hessian written out and "
        "once with Hessian-vector products; batches enter through their means, so their sizes change nothing. "
        f"Problem: {SPEC.format(d='d')} (no seed in a timing)."
    )
