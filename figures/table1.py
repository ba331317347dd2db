"""Table 1 of the paper with what was measured beside what was recorded; LaTeX, Markdown, picture."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from bounds.theory import table
from bounds.theory.algorithms.fo_maml import FO_MAML
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from figures import columns, cost, iterations, k_shot, parts, plateau, samples, style
from figures.evidence import Evidence
from figures.figure import Figure, number
from validate import typeset

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Picture

    from validate.experiment import Experiment

PLACE = 11
NAME = "table1"
SOURCES = (plateau, iterations, k_shot)
COLUMNS = {
    "accuracy": "best accuracy",
    "iterations": "iterations",
    "samples": "samples per iteration",
    "k-shot": r"$K$-shot accuracy",
    "cost": "cost per iteration",
}
ROWS = {one.name: one.title for one in (MAML, FO_MAML, HF_MAML)}


def experiments() -> list[Experiment]:
    """Return what the figures need that it is read off; nothing of its own."""
    return [experiment for module in SOURCES for experiment in module.FIGURE.needed]


def data(evidence: Evidence) -> pd.DataFrame:
    """Return one row per cell: algorithm, column, recorded, measured, number, lo, hi, problem.

    All cells of a column are measured on one problem.
    """
    import pandas as pd

    found = _measured(evidence)
    rows = []
    for algorithm in ROWS:
        for column in COLUMNS:
            measured = found.get((algorithm, column), Cell())
            cell = {"algorithm": algorithm, "column": column, "recorded": recorded(algorithm, column)}
            rows.append(cell | asdict(measured))
    return pd.DataFrame(rows)


def recorded(algorithm: str, column: str) -> str:
    """Return the recorded order of a cell, from its statement."""
    import sympy as sp

    from bounds.symbols import QUANTITIES

    names = {q.symbol: q.latex for q in QUANTITIES.values()}
    expression = table.cell(algorithm, column).expression
    top, bottom = sp.fraction(expression)
    above, below = (sp.latex(part, symbol_names=names).strip().replace("D", "K") for part in (top, bottom))
    below = f"({below})" if isinstance(bottom, sp.Mul) else below
    inside = sp.latex(expression, symbol_names=names, fold_short_frac=True).strip().replace("D", "K")
    return (
        f"$O({above}/{below})$"
        if isinstance(expression, sp.Pow | sp.Mul) and bottom != 1
        else f"$O({inside})$"
    )


@dataclass(frozen=True)
class Cell:
    """What was measured for one cell: its text, the number in it with its interval, and on which problem."""

    measured: str = "--"
    number: float = math.nan
    lo: float = math.nan
    hi: float = math.nan
    problem: str = ""

    def reads(self, text: str) -> Cell:
        """Return the cell with another text."""
        return replace(self, measured=text)


Cells = dict[tuple[str, str], Cell]


def _measured(evidence: Evidence) -> Cells:
    return {
        **_accuracy(evidence.once(plateau.data)),
        **_iterations(evidence.once(iterations.data)),
        **_samples(evidence.once(samples.data)),
        **_shots(evidence.once(k_shot.data)),
        **_cost(evidence.once(cost.data)),
    }


def _power(base: str, row: Any, problem: str, sign: int = 1) -> Cell:
    """Return a fitted exponent as a cell; ``sign`` -1 where it was fitted in 1/base."""
    value, low, high = sign * row["value"], *sorted((sign * row["lo"], sign * row["hi"]))
    text = (
        rf"${base}^{{{parts.two_digits(value)}}}$ $[{parts.two_digits(low)}, {{{parts.two_digits(high)}}}]$"
    )
    return Cell(text, float(value), float(low), float(high), problem)


def _accuracy(frame: pd.DataFrame) -> Cells:
    """How the tail goes with the batches: its exponent, and where it is at the largest ones."""
    runs = parts.only(frame, sweep="batches", quantity="measured")
    found: Cells = {}
    for _, fit in parts.only(frame, sweep="batches", quantity="exponent").iterrows():
        last = parts.only(runs, algorithm=fit["algorithm"]).nlargest(1, "x").iloc[0]
        upper = parts.only(frame, sweep="batches", quantity="upper", x=last["x"])["value"].iloc[0]
        unit = upper / (1 + max(plateau.ALPHAS))
        cell = _power("B", fit, last["problem"])
        low, value, high = (last[name] / unit for name in ("lo", "value", "hi"))
        how = "down to" if cell.hi < 0 else "stays:"
        level = rf"{how} ${value:.2g}$ $[{low:.2g}, {high:.2g}]$ $\alpha L\sigma$"
        found[fit["algorithm"], "accuracy"] = cell.reads(f"{cell.measured}; {level}")
    return found


def _iterations(frame: pd.DataFrame) -> Cells:
    """Exponents of the time to epsilon, all from the panel that has them for most algorithms."""
    fits = parts.only(frame, quantity="exponent")
    if fits.empty:
        return {}
    panel = fits.groupby("panel", sort=False)["algorithm"].nunique().idxmax()
    problem = _family(parts.only(frame, panel=panel, quantity="measured")["problem"])
    mine = parts.only(fits, panel=panel).drop_duplicates("algorithm")
    return {
        (row["algorithm"], "iterations"): _power(r"\varepsilon", row, problem, -1)
        for _, row in mine.iterrows()
    }


def _family(specs: pd.Series) -> str:
    """Return the one problem of several rows; where only its parameters differ, its family."""
    different = list(dict.fromkeys(specs))
    return (
        different[0] if len(different) == 1 else "; ".join(dict.fromkeys(s.split(":")[0] for s in different))
    )


def _samples(frame: pd.DataFrame) -> Cells:
    found, problem = {}, ", ".join(f"{name}={value:g}" for name, value in samples.CONSTANTS.items())
    for algorithm in (MAML.name, HF_MAML.name):
        rows = parts.only(frame, algorithm=algorithm, theory="sharp", quantity="per iteration").nlargest(
            9, "x"
        )
        found[algorithm, "samples"] = _power(r"\varepsilon", columns.exponent(rows), problem, -1)
    return _with_levels(frame, found)


def _with_levels(frame: pd.DataFrame, found: Cells) -> Cells:
    """Say beside MAML's exponents of an iteration's samples those of a whole run, by design."""
    fits = parts.only(frame, quantity="exponent", algorithm=MAML.name).set_index("theory")["value"]
    runs = ", ".join(f"${-fits[name]:.2f}$" for name in ("paper", "sharp", samples.LEVELS))
    cell = found[MAML.name, "samples"]
    return found | {(MAML.name, "samples"): cell.reads(f"{cell.measured}; a run: {runs}")}


def _shots(frame: pd.DataFrame) -> Cells:
    fits = parts.only(frame, quantity="exponent")
    return {(row["algorithm"], "k-shot"): _power("K", row, row["problem"]) for _, row in fits.iterrows()}


def _cost(frame: pd.DataFrame) -> Cells:
    """Exponents of the counted work; times have none."""
    from validate.counting import SPEC

    fits = parts.only(frame, quantity="exponent work").set_index("method")
    cells = {method: _power("d", row, SPEC.format(d="d")) for method, row in fits.iterrows()}
    full = cells[cost.FULL]
    found = {(algorithm, "cost"): cells[algorithm] for algorithm in ROWS}
    return found | {
        (MAML.name, "cost"): full.reads(f"{full.measured}; products: {cells[MAML.name].measured}")
    }


def texts(frame: pd.DataFrame) -> dict[str, str]:
    """Return the table as LaTeX, for a page and for a column of a paper, and as Markdown, by file extension."""
    return {".tex": latex(frame), ".column.tex": latex_column(frame), ".md": markdown(frame)}


def _grid(frame: pd.DataFrame) -> list[list[str]]:
    """Two lines per algorithm: what was recorded, what was measured."""
    lines = []
    for algorithm, name in ROWS.items():
        rows = frame[frame["algorithm"] == algorithm].set_index("column")
        lines.append([name, "recorded", *(str(rows.loc[column, "recorded"]) for column in COLUMNS)])
        lines.append(["", "measured", *(str(rows.loc[column, "measured"]) for column in COLUMNS)])
    return lines


TITLE = "Table 1 of the paper, as recorded, and measured"


def latex(frame: pd.DataFrame) -> str:
    """Return the table over both columns of a paper: two lines per algorithm, a column for each quantity."""
    head = ["algorithm", "", *COLUMNS.values()]
    return typeset.floats(head, _grid(frame), "ll" + "X" * len(COLUMNS), TITLE, "page")


def latex_column(frame: pd.DataFrame) -> str:
    """Return the table in one column of a paper: a line for each quantity and algorithm."""
    cells = frame.set_index(["column", "algorithm"])
    rows = [
        [
            head if place == 0 else "",
            name,
            *(str(cells.loc[(column, algorithm), kind]) for kind in ("recorded", "measured")),
        ]
        for column, head in COLUMNS.items()
        for place, (algorithm, name) in enumerate(ROWS.items())
    ]
    return typeset.floats(["", "algorithm", "recorded", "measured"], rows, "XlXX", TITLE, "column")


def markdown(frame: pd.DataFrame) -> str:
    """Return a Markdown table."""
    head = ["algorithm", "", *COLUMNS.values()]
    rows = [head, ["---"] * len(head), *_grid(frame)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


_PLACES = (0.0, 0.085, 0.155, 0.355, 0.515, 0.68, 0.83)


def draw(frame: pd.DataFrame) -> Picture:
    """Set the table as a picture."""
    figure, (ax,) = parts.canvas(style.PAGE, 1.75)
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    grid = _grid(frame)
    ax.set_ylim(len(grid) + 0.6, -1.3)
    for place, text in zip(_PLACES, ["", "", *COLUMNS.values()], strict=True):
        ax.text(place, -0.5, text, va="center", fontsize=7, weight="bold")
    for line, row in enumerate(grid):
        for place, text in zip(_PLACES, row, strict=True):
            ax.text(
                place,
                line + 0.5,
                text.replace("; ", "\n").replace("--", "–"),
                va="center",
                fontsize=5.8,
                linespacing=1.1,
            )
    for level, width in ((-1.1, 0.9), (0.0, 0.5), (2.0, 0.3), (4.0, 0.3), (6.0, 0.9)):
        ax.plot([0, 1], [level, level], color="black", linewidth=width, clip_on=False)
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say where each measured column comes from, and on which problem."""
    from validate.shots import PROBE

    def on(column: str) -> str:
        (problem,) = set(parts.only(frame, column=column)["problem"]) - {""} or {"not measured"}
        return problem

    def source(module: Any) -> str:
        return f"figure {number(module.NAME)}"

    return (
        "Recorded: the orders as recorded (iterations of MAML and HF-MAML from the paper's abstract, the rest "
        "from recall), constants open. Measured, each column on one problem: best accuracy, the exponent of "
        "the tail of ‖∇F(w_k)‖ in B where all batches grow together, and the tail at the largest ones in units "
        f"of αLσ, αL = {max(plateau.ALPHAS):g}, one budget for the three algorithms ({source(plateau)}; "
        f"{on('accuracy')}): below 0 larger batches go on lowering it, at 0 they do not; iterations, the "
        f"exponent of the time to ε ({source(iterations)}; {on('iterations')} with exact tasks, where σ = 0 and "
        "none of them has a floor); samples per iteration, the exponent of the sharp plan, and for MAML the "
        f"exponents of a whole run by the paper's, the sharp and the multilevel plan ({source(samples)}; "
        f"{on('samples')}); K-shot accuracy, the exponent in the limit of many tasks ({source(k_shot)}; "
        f"{on('k-shot')}, where one task stands for all and FO-MAML's floor is 0; HF-MAML's probe is {PROBE:g} "
        f"long); cost, the exponent in d of the counted work ({source(cost)}; {on('cost')}; MAML with full "
        "Hessians, then with Hessian-vector products). Brackets: 95% intervals, or the range of local slopes "
        "where nothing is random. n, seeds and configurations are those of the figures named."
    )


FIGURE = Figure(NAME, TITLE, data, draw, caption, experiments, texts=texts)
