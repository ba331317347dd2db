r"""Where the slack of a bound goes: from what was measured to the recorded bound, one loss at a time.

======== ==============================================================================================
stage    what it is
======== ==============================================================================================
measured mean of :math:`\|\nabla F(w_R)\|`, R uniform on the iterations
worst    the largest value that is known to be possible without noise, for the same fall of F
descent  the derived theorem with infinite batches and the fall of F that the runs made
noise    the same with the plan's batches
decrease the same with the certified Delta: the derived theorem itself
recorded the recorded theorem at the problem's own constants
======== ==============================================================================================

So measured to worst is what the problem is kinder than the worst one; worst to descent what the proof of the
noise-free part can lose at most; the rest is what noise, Delta and the recorded constants add.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bounds import Constants, Plan, statement
from bounds.theory import recorded
from bounds.theory.algorithms import algorithm

if TYPE_CHECKING:
    import pandas as pd

INFINITE = 1e30
BATCHES = ("B", "D_in", "D_o", "D_h")
STAGES = {
    "measured": "measured",
    "worst": "worst noise-free problem known",
    "descent": "one-step inequality, summed, no noise",
    "noise": "+ noise at the given batches",
    "decrease": "+ certified Delta: the derived theorem",
    "recorded": "the recorded theorem",
}


def ladder(frame: pd.DataFrame, plan: Plan, own: Constants, level: float = 0.95) -> list[dict[str, Any]]:
    """Return the stages of a run, each with its value and its factor over the stage before.

    Parameters
    ----------
    frame : DataFrame
        The trajectories.
    plan : Plan
        What was run; its ``statement`` is the derived theorem.
    own : Constants
        The problem's certified constants, for the recorded theorem.
    level : float
        Of the interval of the measured value.

    Returns
    -------
    list of dict
        Keys step, value, factor; the measured stage also has lo and hi.
    """
    from validate.claims.curves import curves
    from validate.statistics import mean_interval

    interval = mean_interval(curves(frame)[:, : plan.iterations].mean(axis=1), 1 - level)
    fall = fall_made(frame)
    values = {
        "measured": interval.estimate,
        "worst": worst_slope(plan, fall),
        "descent": _value(plan.statement, plan, Delta=fall, **dict.fromkeys((*BATCHES, "n_tasks"), INFINITE)),
        "noise": _value(plan.statement, plan, Delta=fall),
        "decrease": _value(plan.statement, plan),
        "recorded": _value(recorded.accuracy(algorithm(plan.algorithm)).name, plan, **own.values()),
    }
    before = [values["measured"], *values.values()]
    lines: list[dict[str, Any]] = [
        {"step": step, "value": y, "factor": y / last}
        for (step, y), last in zip(values.items(), before, strict=False)
    ]
    lines[0] |= {"lo": interval.lower, "hi": interval.upper}
    return lines


def fall_made(frame: pd.DataFrame) -> float:
    """Return how much F fell from the first to the last iterate, on the mean of the runs."""
    ends = frame[frame["iteration"].isin([0, frame["iteration"].max()])]
    means = ends.groupby("iteration")["objective"].mean()
    return float(means.iloc[0] - means.iloc[-1])


def worst_slope(plan: Plan, fall: float) -> float:
    r"""Return :math:`\|\nabla F\|` on the steepest ramp of which K noise-free steps fall by no more than ``fall``.

    On tasks :math:`f_i(w) = -y w_1 \pm \sigma w_2` every direction is :math:`\nabla F`, of length y, and every
    step size is :math:`c/(\ell + s u)` with :math:`u = \sqrt{y^2+\sigma^2}` (sampled), y (self-scaled) or 0
    (constant); hence :math:`Kc\,y^2/(\ell + su) = \text{fall}`. The value is attained, by
    :func:`worst_problem`, so it is a lower bound on the worst case over the class; that no problem does worse
    is not claimed.

    Raises
    ------
    InputError
        When the plan has no step rule.
    """
    from scipy.optimize import brentq

    from empirics.checks import step_rule

    rule, c = step_rule(plan)
    spread = plan.constants.sigma if rule.kind == "sampled" else 0.0
    slope = 0.0 if rule.kind == "constant" else rule.slope
    level = fall / (c * int(plan.iterations or 0))
    if not level > 0:
        return 0.0 if level == 0 else math.nan
    high = level * slope + math.sqrt((level * slope) ** 2 + 4 * level * (rule.smoothness + slope * spread))

    def excess(y: float) -> float:
        return y * y - level * (rule.smoothness + slope * math.hypot(y, spread))

    return float(brentq(excess, 0.0, high, xtol=1e-300, rtol=1e-14))


def worst_problem(plan: Plan, fall: float) -> str:
    """Return the specification of a problem of the class on which :func:`worst_slope` is attained.

    It bends to its foot behind the last iterate. A plan for rho = 0 is run on the straight part all the same.
    """
    c = plan.constants
    slope = worst_slope(plan, fall) / (1 + 1e-6)
    sizes = f"L={c.L!r},rho={c.rho or c.L!r},sigma={c.sigma!r},sigma_tilde=0"
    return f"ramp:dim=2,n_tasks=2,{sizes},epsilon={slope!r},Delta={4 * fall + slope * c.L!r}"


def markdown(frame: pd.DataFrame) -> str:
    """Return the factors that are lost at each stage, a column for each problem, as a Markdown table."""
    panels = list(dict.fromkeys(frame["panel"]))
    rows = [["stage", *panels], ["---", *("---:" for _ in panels)]]
    for step, label in STAGES.items():
        found = frame[frame["step"] == step].set_index("panel")
        rows.append([label, *(_cell(step, found.loc[panel]) for panel in panels)])
    total = [frame[frame["panel"] == panel]["factor"].prod() for panel in panels]
    rows.append(["all together", *(f"×{product:.3g}" for product in total)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _cell(step: str, row: Any) -> str:
    return f"{row['value']:.3g}" + ("" if step == "measured" else f" (×{row['factor']:.3g})")


def _value(name: str, plan: Plan, **changes: float) -> float:
    return statement(name).at(plan.values() | changes)[0]
