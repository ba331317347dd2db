"""Errata of the recorded statements, shown by runs: a CONSISTENT erratum is one that was found again.

Beside E3, what is derived in its place: an upper bound on where HF-MAML stops, and the length of the probe
with which it stops only below a target.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from bounds.bound import Statement
from bounds.errata import ERRATA
from bounds.theory import plateau, recorded
from bounds.theory.algorithms.hf_maml import HF_MAML
from validate import design
from validate.claim import Claim, Kind, Table
from validate.claims.curves import exact_run, first_bad
from validate.claims.exact import exactly
from validate.claims.plateau import room
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.schema import COUNT
from validate.tolerance import round_off

PLACE = 6
ENOUGH = 1e15
RECORDED = recorded.accuracy(HF_MAML)
UPPER, REPAIR = plateau.HF_STOP, plateau.HF_REPAIR
UNKNOWN = "where HF-MAML stops with the recorded rule is not known on this problem; it may be nowhere"
TARGET = 0.01
"""The repaired rule's target, in units of sigma."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """E3: with the recorded difference step HF-MAML stops at a gradient that the recorded theorem excludes."""
    (path, doubt, end), failure = exact_run(experiment, frame), first_bad(frame)

    def make(claim: str, name: Statement, bound: float, **more: Any) -> Check:
        return experiment.check(claim, name, bound, end, failure=failure, **more)

    value = experiment.predicted.get("plateau")
    if value is None:
        rows = [experiment.nothing(ERRATA["E3"].claim, RECORDED, UNKNOWN)]
    else:
        promised = recorded_limit(experiment)
        found = (
            f"recorded rule delta_i = 1/(6 rho alpha ||v_i||): with exact tasks the run stays at {path[-1]:.4g}, "
            f"where the recorded theorem promises {promised:.2g} for B = D = {ENOUGH:.0e}"
        )
        own = "HF-MAML with the recorded difference step stops at its own fixed point"
        margin = room(experiment, value, doubt)
        rows = [
            make(ERRATA["E3"].claim, RECORDED, promised, side=">=", detail=found),
            make("plateau.fixed-point", RECORDED, value, side="==", margin=margin, detail=own),
            repaired(experiment),
        ]
    bound, outside = UPPER.at(experiment.plan.problem_values())
    detail = "HF-MAML with probes of a fixed length stops below the derived bound"
    rows.append(make("plateau.hf-maml", UPPER, bound, condition=outside, detail=detail))
    return rows


def repaired(experiment: Experiment) -> Check:
    """Return the check that with the repaired length of the probe HF-MAML's fixed point lies below a target."""
    problem: Any = experiment.problem
    plan = experiment.plan
    target = TARGET * plan.constants.sigma
    bound = float(REPAIR(**(plan.problem_values() | {"epsilon": target})))
    length = bound / (plan.constants.rho * plan.alpha)
    value = problem.hf_plateau(plan.alpha, length)
    return experiment.check(
        "plateau.repair",
        REPAIR,
        target,
        exactly(value, round_off(plan.constants.sigma)),
        failure="" if np.isfinite(value) else "the fixed point is not finite",
        detail=f"exact fixed point of HF-MAML with a probe {length:.3g} long, made for this target",
    )


def recorded_limit(experiment: Experiment) -> float:
    """Return the recorded accuracy for batches so large that a run is one with exact tasks."""
    plan = experiment.plan
    large = dict.fromkeys(("B", "D_in", "D_o", "D_h"), ENOUGH)
    return float(RECORDED(**(plan.values() | large | {"epsilon": 1e-6 * plan.constants.sigma})))


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    if HF_MAML.name in setting.algorithms:
        yield from design.recorded_delta(setting, table.get("iterations", 3 * design.LONG))


KIND = Kind("erratum-E3", _experiments, {"iterations": COUNT}, trajectory=True, table="recorded_delta")
CLAIM = Claim("errata", ("erratum-E3",), checks, (RECORDED, UPPER, REPAIR))
