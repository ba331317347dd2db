"""Errata of the recorded statements, shown by runs: a CONSISTENT erratum is one that was found again.

Beside E3, what is derived in its place: an upper bound on where HF-MAML stops, and the difference factor with
which it stops only below a target.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bounds import statement
from validate.claims.curves import curves, exactly, first_bad, limit, still
from validate.claims.plateau import EXACT
from validate.evaluation import evaluate
from validate.experiment import Experiment, Run
from validate.judge import Check, Measure

KINDS = ("erratum-E3",)
ENOUGH = 1e15
UPPER, REPAIR = "sharp.plateau.hf-maml", "sharp.plateau.hf-maml.repair"
TARGET = 0.01
"""The repaired rule's target, in units of sigma."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """E3: with the recorded difference step HF-MAML stops at a gradient that the recorded theorem excludes."""
    end = float(curves(frame)[0, -1])
    promised = recorded_limit(experiment)
    found = (
        f"recorded rule delta_i = 1/(6 rho alpha ||v_i||): with exact tasks the run stays at {end:.4g}, where the "
        f"recorded theorem promises {promised:.2g} for B = D = {ENOUGH:.0e}"
    )
    make = partial(_check, experiment, first_bad(frame), limit(curves(frame)[0], still(frame)))
    rows = [make("erratum.E3", promised, side=">=", detail=found)]
    if (value := experiment.predicted.get("plateau")) is not None:
        detail = "HF-MAML with the recorded difference step stops at its own fixed point"
        rows.append(make("plateau.fixed-point", value, side="==", margin=EXACT, detail=detail))
        rows.append(repaired(experiment))
    bound, outside = evaluate(UPPER, experiment.plan)
    detail = "HF-MAML with a fixed difference factor stops below the derived bound"
    rows.append(make("plateau.hf-maml", bound, condition=outside, detail=detail, statement=UPPER))
    return rows


def repaired(experiment: Experiment, factor: float = 1.0) -> Check:
    """Return the check that with the repaired difference factor HF-MAML's fixed point lies below a target.

    ``factor`` multiplies the difference factor: for sabotage.
    """
    problem, plan = experiment.problem, experiment.plan
    stop: Any = getattr(problem, "hf_plateau")  # noqa: B009
    target = TARGET * plan.constants.sigma
    bound = float(statement(REPAIR)(**(plan.problem_values() | {"epsilon": target})))
    value = stop(plan.alpha, factor * bound / (plan.constants.rho * plan.alpha))
    return Check(
        claim="plateau.repair",
        statement=REPAIR,
        algorithm=plan.algorithm,
        problem=problem.spec,
        bound=target,
        measure=partial(exactly, value),
        failure="" if np.isfinite(value) else "the fixed point is not finite",
        detail=f"exact fixed point of HF-MAML with gamma = {factor * bound:.3g}, made for this target",
    )


def _check(
    experiment: Experiment,
    failure: str,
    end: Measure,
    claim: str,
    bound: float,
    *,
    statement: str = "paper.hf-maml.accuracy",
    **more: Any,
) -> Check:
    return Check(
        claim=claim,
        statement=statement,
        algorithm=experiment.plan.algorithm,
        problem=experiment.problem.spec,
        bound=bound,
        measure=end,
        failure=failure,
        **more,
    )


def recorded_limit(experiment: Experiment) -> float:
    """Return the recorded accuracy for batches so large that a run is one with exact tasks."""
    plan = experiment.plan
    large = dict.fromkeys(("B", "D_in", "D_o", "D_h"), ENOUGH)
    return float(
        statement("paper.hf-maml.accuracy")(
            **(plan.values() | large | {"epsilon": 1e-6 * plan.constants.sigma})
        )
    )
