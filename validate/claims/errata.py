"""Errata of the recorded statements, shown by runs: a CONSISTENT erratum is one that was found again."""

from __future__ import annotations

from functools import partial

import pandas as pd

from bounds import statement
from validate.claims.curves import curves, first_bad
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.statistics import Interval, exact_interval, mean_interval

KINDS = ("erratum-E3",)
ENOUGH = 1e15
ROUND_OFF = 1e-12


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """E3: with the recorded difference step HF-MAML stops at a gradient that the recorded theorem excludes."""
    end, plan = float(curves(frame)[0, -1]), experiment.plan
    promised = recorded_limit(experiment)
    common = {
        "algorithm": plan.algorithm,
        "problem": experiment.problem.spec,
        "measure": partial(_exactly, end),
        "failure": first_bad(frame),
    }
    found = (
        f"recorded rule delta_i = 1/(6 rho alpha ||v_i||): with exact tasks the run stays at {end:.4g}, where the "
        f"recorded theorem promises {promised:.2g} for B = D = {ENOUGH:.0e}"
    )
    rows = [
        Check("erratum.E3", "paper.hf-maml.accuracy", bound=promised, side=">=", detail=found, **common),  # type: ignore[arg-type]
    ]
    if (value := experiment.predicted.get("plateau")) is not None:
        detail = "HF-MAML with the recorded difference step stops at its own fixed point"
        rows.append(
            Check(
                "plateau.fixed-point",
                "paper.hf-maml.accuracy",
                bound=value,
                side="==",
                margin=1e-8,
                detail=detail,
                **common,
            )  # type: ignore[arg-type]
        )
    return rows


def recorded_limit(experiment: Experiment) -> float:
    """Return the recorded accuracy for batches so large that a run is one with exact tasks."""
    plan = experiment.plan
    large = dict.fromkeys(("B", "D_in", "D_o", "D_h"), ENOUGH)
    return float(
        statement("paper.hf-maml.accuracy")(
            **(plan.values() | large | {"epsilon": 1e-6 * plan.constants.sigma})
        )
    )


def _exactly(value: float, error: float) -> Interval:
    return exact_interval(value, ROUND_OFF) if value == value else mean_interval([value], error)
