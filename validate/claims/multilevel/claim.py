"""The claim on the multilevel inner batch, and its experiments."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from bounds.bound import Statement
from bounds.theory import multilevel as lemmas
from bounds.theory.algorithms import algorithm
from bounds.theory.one_step import DIRECTION
from validate import design
from validate.claim import Claim, Kind, Table
from validate.claims.draws import Spot
from validate.claims.extremes import starting
from validate.claims.multilevel.direction import of_direction
from validate.claims.multilevel.lemmas import POINTS, RATE, of_lemmas
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.schema import COUNT, DRAWS

PLACE = 15
DRAWN, DEPTH = 80_000, 2


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the lemmas at points, and bias and spread of one algorithm's direction."""
    plan = experiment.plan
    if not plan.constants.sigma_tilde:
        reason = "sigma_tilde = 0: the inner batch adds no noise"
        return [experiment.nothing("multilevel.bias", lemmas.BIAS_LEFT.name, reason, "all")]
    points = starting(experiment, POINTS)
    n = int(experiment.labels.get("draws", DRAWN))
    spots = [Spot(experiment, point, number, plan.D_in or 1, n) for number, point in enumerate(points)]
    rows = [check for spot in spots for check in of_lemmas(spot)] if experiment.labels.get("lemmas") else []
    return rows + [check for spot in spots for check in of_direction(spot)]


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    own = {"depth": table.get("depth", DEPTH), "rate": table.get("rate", RATE)}
    lemmas_too = setting.inner_steps == 1
    for name in setting.algorithms:
        if not algorithm(name, setting.inner_steps).runs_levels or name in setting.directions:
            continue
        plan = design.bare_plan(setting, name, setting.usual_probe).with_(**own)
        labels = {"draws": table.get("draws", DRAWN), "lemmas": lemmas_too}
        lemmas_too = False
        yield setting.experiment("multilevel", plan, "levels", labels=labels)


def _about(st: Statement) -> bool:
    return st.case is not None and st.case.multilevel and st.case.quantity in DIRECTION


RATES = {"type": "number", "exclusiveMinimum": 0, "maximum": 2}
KIND = Kind("multilevel", _experiments, {"draws": DRAWS, "depth": COUNT, "rate": RATES}, several=True)
CLAIM = Claim("multilevel", ("multilevel",), checks, lemmas.STATEMENTS, where=_about)
