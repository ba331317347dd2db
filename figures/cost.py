"""Work, memory and time of one direction against d, with full Hessians, with products, and without."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import columns, parts, style, theory
from figures.evidence import Evidence
from figures.figure import Figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Picture

PLACE = 9
NAME = "cost"
DIMENSIONS = tuple(2**k for k in range(5, 17))
FULL = "maml-full-hessian"
LARGEST = {FULL: 2048}
WINDOW = 3
REPEATS, SHORTEST = 9, 0.02
COUNTED = ("work", "bytes")
PANELS = {
    "work": "numbers computed",
    "bytes": "peak memory (bytes)",
    "seconds": "seconds, this machine",
}
METHODS = {
    FULL: style.Series("MAML, full Hessian", style.BLACK, (0, (1, 1.2)), "D"),
    MAML.name: style.MAML,
    HF_MAML.name: style.HF_MAML,
    FO_MAML.name: style.FO_MAML,
}


def data(evidence: Evidence) -> pd.DataFrame:
    """Return what one direction takes, and the exponents in d of what is counted; measured once and kept.

    Columns: method, quantity (work: numbers computed; bytes: peak of the tensors; seconds; gradients and
    products: asked of the oracle for one task; exponent work, exponent bytes), d, value, lo, hi, n, problem.
    Times have no exponent: they are those of one machine at one moment.
    """
    import pandas as pd

    from validate.counting import PROBE, SPEC, TASKS

    config = {"spec": SPEC, "d": DIMENSIONS, "B": TASKS, "repeats": REPEATS, "shortest": SHORTEST}
    frame = evidence.kept(NAME, config | {"probe": PROBE, "counted": COUNTED}, measure)
    return pd.concat([frame, _exponents(frame)], ignore_index=True)


def measure() -> pd.DataFrame:
    """Count and time one direction of every method at every dimension."""
    import pandas as pd

    pairs = [(method, d) for d in DIMENSIONS for method in METHODS if d <= LARGEST.get(method, d)]
    return pd.DataFrame([row for pair in pairs for row in _rows(*pair)])


def _rows(method: str, d: int) -> list[dict[str, Any]]:
    from empirics.measure import torch_settings
    from validate.counting import SPEC, asked, count, one_direction

    work = one_direction(method, d)
    with torch_settings():
        work()
        seconds = sorted(_seconds(work) for _ in range(REPEATS))
        took, calls = count(work), asked(method, d)
    common = {"method": method, "d": float(d), "problem": theory.problem(SPEC.format(d=d)).spec}
    counted = {"work": took.elements, "bytes": took.peak_bytes}
    counted |= {"gradients": calls.gradients, "products": calls.hessian_vectors}
    exact = {"lo": math.nan, "hi": math.nan, "n": 1}
    spread = {"value": seconds[0], "lo": seconds[0], "hi": seconds[REPEATS // 2], "n": REPEATS}
    return [
        common | {"quantity": "seconds"} | spread,
        *(common | {"quantity": name, "value": float(number)} | exact for name, number in counted.items()),
    ]


def _seconds(work: Callable[[], Any]) -> float:
    """Processor time of one call, from as many calls as fill a fiftieth of a second."""
    count, begin = 0, time.process_time()
    while (spent := time.process_time() - begin) < SHORTEST:
        work()
        count += 1
    return spent / count


def _exponents(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    counted = frame[frame["quantity"].isin(COUNTED)]
    for (method, quantity), rising in counted.groupby(["method", "quantity"], sort=False):
        points = rising.nlargest(WINDOW, "d")
        fitted = columns.exponent(points, "d") | {"n": len(points), "d": math.nan}
        rows.append({"method": method, "quantity": f"exponent {quantity}"} | fitted)
    return pd.DataFrame(rows)


def draw(frame: pd.DataFrame) -> Picture:
    """Draw the counted work, the memory and the time, each against d; exponents where they are counted."""
    figure, axes = parts.canvas(style.PAGE, 2.6, columns=len(PANELS))
    titles = ("(a) work", "(b) memory", "(c) time")
    for ax, title, (quantity, label) in zip(axes, titles, PANELS.items(), strict=True):
        _panel(ax, frame, quantity)
        ax.set_ylabel(label)
        parts.letter(ax, title)
    parts.legend(figure, columns=4)
    return figure


def _panel(ax: Axes, frame: pd.DataFrame, quantity: str) -> None:
    parts.logarithmic(ax, base=2)
    for method, look in METHODS.items():
        points = parts.only(frame, method=method, quantity=quantity)
        shown: dict[str, Any] = {"marker": look.marker, "markersize": 3, "markerfacecolor": "white"}
        parts.curve(ax, points, look, "d", **shown)
    for row in _distinct(parts.only(frame, quantity=f"exponent {quantity}")):
        last = parts.only(frame, method=row["method"], quantity=quantity).iloc[-1]
        ax.annotate(f"$d^{{\\,{row['value']:.2f}}}$", (last["d"], last["value"]), (2, 3),
                    textcoords="offset points", fontsize=7)  # fmt: skip
    parts.plain_powers(ax.xaxis)
    ax.set_xlabel("parameters $d$")


def _distinct(fits: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the fits, one for each exponent that a reader can tell apart."""
    return fits.assign(shown=fits["value"].round(2)).drop_duplicates("shown").to_dict("records")


def caption(frame: pd.DataFrame) -> str:
    """Say what was counted and what was timed."""
    from validate.counting import PROBE, SPEC, TASKS

    repeats = parts.only(frame, quantity="seconds")["n"].iloc[0]
    return (
        f"One direction at B = {TASKS} tasks against the number of parameters d: (a) work, counted: the numbers "
        "that are computed on the way, each multiply-add of a product one; (b) largest number of bytes held by "
        f"the tensors made on the way; (c) processor time, fastest of n = {repeats} repeats, the band up to their "
        "median, on the machine that drew this figure (measured once and kept; no exponent is read off it). "
        f"Exponents of what is counted: least squares over the {WINDOW} largest d. Asked of the oracle for each "
        f"task: {_asked(frame)}. MAML is evaluated once with every task's Hessian written out and once with "
        "Hessian-vector products; batches enter through their means, so their sizes change nothing. "
        f"HF-MAML's probe is {PROBE:g} long. Problem: {SPEC.format(d='d')} (no seed: nothing is random but time)."
    )


def _asked(frame: pd.DataFrame) -> str:
    """Say what each method asks for, at the largest d at which all were run."""
    d = min(parts.only(frame, method=method, quantity="work")["d"].max() for method in METHODS)
    texts = []
    for method, look in METHODS.items():
        rows = parts.only(frame, method=method, d=d).set_index("quantity")["value"]
        grads, products = int(rows["gradients"]), int(rows["products"])
        some = "d" if products == d else str(products)
        texts.append(
            f"{look.label} {grads} gradients"
            + (f" and {some} product{'s'[: products != 1]}" if products else "")
        )
    return "; ".join(texts)


FIGURE = Figure(NAME, "Cost of one iteration", data, draw, caption)
