"""Figure 11: Table 1 of the paper with what was measured beside what was recorded; LaTeX, Markdown, picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from figures import cost, iterations, k_shot, parts, plateau, samples, style
from figures.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from validate.experiment import Experiment

NAME = "table1"
TITLE = "Table 1 of the paper, as recorded, and measured"
SOURCES = (plateau, iterations, k_shot)
NEEDS = tuple(module.KIND for module in SOURCES)
COLUMNS = {
    "accuracy": "best accuracy",
    "iterations": "iterations",
    "samples": "samples per iteration",
    "k-shot": r"$K$-shot accuracy",
    "cost": "cost per iteration",
}
ROWS = {"maml": "MAML", "fo-maml": "FO-MAML", "hf-maml": "HF-MAML"}


def experiments() -> list[Experiment]:
    """Return what figures 2, 3 and 5 need; nothing of its own."""
    return [experiment for module in SOURCES for experiment in module.experiments()]


def data(evidence: Evidence) -> pd.DataFrame:
    """Return one row per cell of the table: algorithm, column, recorded, measured, number, lo, hi."""
    import pandas as pd

    found = _measured(evidence)
    rows = []
    for algorithm in ROWS:
        for column in COLUMNS:
            text, numbers = found.get((algorithm, column), ("--", (float("nan"),) * 3))
            value, low, high = numbers
            cell = {"algorithm": algorithm, "column": column, "recorded": recorded(algorithm, column)}
            rows.append(cell | {"measured": text, "number": value, "lo": low, "hi": high})
    return pd.DataFrame(rows)


def recorded(algorithm: str, column: str) -> str:
    """Return the recorded order of a cell, from its statement."""
    import sympy as sp

    from bounds import statement
    from bounds.symbols import QUANTITIES

    names = {q.symbol: q.latex for q in QUANTITIES.values()}
    expression = statement(f"paper.table.{algorithm}.{column}").expression
    top, bottom = sp.fraction(expression)
    above, below = (sp.latex(part, symbol_names=names).strip().replace("D", "K") for part in (top, bottom))
    below = f"({below})" if isinstance(bottom, sp.Mul) else below
    inside = sp.latex(expression, symbol_names=names, fold_short_frac=True).strip().replace("D", "K")
    return (
        f"$O({above}/{below})$"
        if isinstance(expression, sp.Pow | sp.Mul) and bottom != 1
        else f"$O({inside})$"
    )


Cell = tuple[str, tuple[float, float, float]]


def _measured(evidence: Evidence) -> dict[tuple[str, str], Cell]:
    return {
        **_accuracy(plateau.data(evidence)),
        **_iterations(iterations.data(evidence)),
        **_samples(samples.data(evidence)),
        **_shots(k_shot.data(evidence)),
        **_cost(cost.data(evidence)),
    }


def _ends(row: Any) -> tuple[float, float, float]:
    return float(row["value"]), float(row["lo"]), float(row["hi"])


def _power(base: str, numbers: tuple[float, float, float]) -> Cell:
    value, low, high = numbers
    return rf"${base}^{{{value:.2f}}}$ [{low:.2f}, {high:.2f}]", numbers


def _accuracy(frame: pd.DataFrame) -> dict[tuple[str, str], Cell]:
    rows = parts.only(frame, sweep="alpha", quantity="measured")
    last = rows[rows["x"] == rows["x"].max()]
    levels = {row["algorithm"]: _ends(row) for _, row in last.iterrows()}
    unit = parts.only(frame, sweep="alpha", quantity="upper")
    unit = unit[unit["x"] == rows["x"].max()]
    sized = float(unit["value"].iloc[0]) / (1 + float(unit["x"].iloc[0]))
    found = {}
    for algorithm, (value, low, high) in levels.items():
        scaled = (value / sized, low / sized, high / sized)
        text = rf"{scaled[0]:.2f} [{scaled[1]:.2f}, {scaled[2]:.2f}] $\alpha L\sigma$"
        found[algorithm, "accuracy"] = (text, scaled)
    return found


def _iterations(frame: pd.DataFrame) -> dict[tuple[str, str], Cell]:
    fits = parts.only(frame, quantity="exponent")
    found = {}
    for algorithm in ROWS:
        mine = fits[(fits["algorithm"] == algorithm)]
        first = mine.sort_values("series", key=lambda s: s != "constant step").head(1)
        if len(first):
            value, low, high = _ends(first.iloc[0])
            found[algorithm, "iterations"] = _power(r"\varepsilon", (-value, -high, -low))
    late = parts.only(frame, quantity="measured", algorithm="fo-maml")
    late = late[(late["censored"] > 0)]
    if ("fo-maml", "iterations") not in found and len(late):
        epsilon = 1 / float(late["x"].min())
        found["fo-maml", "iterations"] = (rf"never below $\varepsilon={epsilon:.2g}$", (epsilon,) * 3)
    return found


def _samples(frame: pd.DataFrame) -> dict[tuple[str, str], Cell]:
    from validate.statistics import fit_exponent

    found = {}
    for algorithm in ("maml", "hf-maml"):
        rows = parts.only(frame, algorithm=algorithm, theory="sharp", quantity="per iteration").nlargest(
            9, "x"
        )
        fit = fit_exponent(rows["x"], rows["value"], 0.05).interval
        found[algorithm, "samples"] = _power(r"\varepsilon", (-fit.estimate, -fit.upper, -fit.lower))
    return found


def _shots(frame: pd.DataFrame) -> dict[tuple[str, str], Cell]:
    fits = parts.only(frame, quantity="exponent")
    found = {(row["algorithm"], "k-shot"): _power("K", _ends(row)) for _, row in fits.iterrows()}
    text, numbers = found["fo-maml", "k-shot"]
    return found | {("fo-maml", "k-shot"): (f"{text}; above its floor", numbers)}


def _cost(frame: pd.DataFrame) -> dict[tuple[str, str], Cell]:
    found = {}
    for algorithm in ROWS:
        numbers = _ends(parts.only(frame, method=algorithm, quantity="exponent seconds").iloc[0])
        found[algorithm, "cost"] = _power("d", numbers)
    full = _ends(parts.only(frame, method="maml-full-hessian", quantity="exponent seconds").iloc[0])
    text = f"{_power('d', full)[0]}; products: {found['maml', 'cost'][0]}"
    return found | {("maml", "cost"): (text, full)}


def texts(frame: pd.DataFrame) -> dict[str, str]:
    """Return the table as LaTeX and as Markdown, by file extension."""
    return {".tex": latex(frame), ".md": markdown(frame)}


def _grid(frame: pd.DataFrame) -> list[list[str]]:
    """Two lines per algorithm: what was recorded, what was measured."""
    lines = []
    for algorithm, name in ROWS.items():
        rows = frame[frame["algorithm"] == algorithm].set_index("column")
        lines.append([name, "recorded", *(str(rows.loc[column, "recorded"]) for column in COLUMNS)])
        lines.append(["", "measured", *(str(rows.loc[column, "measured"]) for column in COLUMNS)])
    return lines


def latex(frame: pd.DataFrame) -> str:
    """Return a ``tabular`` with booktabs rules."""
    head = ["algorithm", "", *COLUMNS.values()]
    lines = [
        r"\begin{tabular}{ll" + "l" * len(COLUMNS) + "}",
        r"\toprule",
        " & ".join(head) + r" \\",
        r"\midrule",
    ]
    lines += [" & ".join(row) + r" \\" for row in _grid(frame)]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"])


def markdown(frame: pd.DataFrame) -> str:
    """Return a Markdown table."""
    head = ["algorithm", "", *COLUMNS.values()]
    rows = [head, ["---"] * len(head), *_grid(frame)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


_PLACES = (0.0, 0.085, 0.165, 0.335, 0.505, 0.675, 0.83)


def draw(frame: pd.DataFrame) -> Figure:
    """Set the table as a picture."""
    figure, (ax,) = parts.canvas(style.PAGE, 1.75)
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    grid = _grid(frame)
    ax.set_ylim(len(grid) + 0.6, -1.3)
    for place, text in zip(_PLACES, ["", "", *COLUMNS.values()], strict=True):
        ax.text(place, -0.5, text, va="center", fontsize=7, weight="bold")
    for number, row in enumerate(grid):
        for place, text in zip(_PLACES, row, strict=True):
            ax.text(
                place,
                number + 0.5,
                text.replace("; ", "\n").replace("--", "–"),
                va="center",
                fontsize=5.8,
                linespacing=1.1,
            )
    for level, width in ((-1.1, 0.9), (0.0, 0.5), (2.0, 0.3), (4.0, 0.3), (6.0, 0.9)):
        ax.plot([0, 1], [level, level], color="black", linewidth=width, clip_on=False)
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say where each measured column comes from."""
    return (
        "Recorded: the orders as recorded (iterations of MAML and HF-MAML from the paper's abstract, "
        "the rest from recall), constants open. Measured: best accuracy, the tail of ‖∇F(w_k)‖ at "
        f"αL = {max(plateau.ALPHAS):g} with one budget for the three algorithms, in units of αLσ (figure "
        "2; for MAML and "
        "HF-MAML this is sampling noise, which more tasks lower; for FO-MAML it is a floor); iterations, "
        "the exponent of "
        "the time to ε (figure 3; MAML on the ramp with exact tasks, where the order is attained; HF-MAML "
        "on the plateau "
        "problem); samples per iteration, the exponent of the sharp plan (figure 10); K-shot accuracy, "
        "the exponent in the "
        "limit of many tasks (figure 5, where one task stands for all); cost, the exponent of the time in "
        "d (figure 9; MAML with full Hessians, then with "
        "Hessian-vector products). Brackets: 95% intervals, or the range of local slopes where nothing is "
        "random. "
        "n, seeds and configurations are those of the figures named."
    )
