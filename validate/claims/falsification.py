"""Searches for a counterexample: nothing may be found against what is derived, and what is false must be found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from bounds import statements
from validate.claim import Claim, Kind, Table
from validate.claims.exact import exactly
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.instances.falsify import ABOVE, Finding, falsify
from validate.instances.search import falsifiable, targets
from validate.judge import Check
from validate.schema import COUNT
from validate.tolerance import round_off

PLACE = 17
ROUNDS = 300


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Search every claim that can be searched, from a neutral start."""
    rounds = int(experiment.labels.get("rounds", ROUNDS))
    return [check(falsify(name, seed=experiment.seed, rounds=rounds)) for name in falsifiable()]


def check(found: Finding) -> Check:
    """Return the check of one search: a false claim must be broken, another one must not.

    A ratio above 1 that the second look does not confirm counts as 1.
    """
    st = targets()[found.claim]
    false = st.standing.kind == "refuted"
    about = st.name if st.name in statements() else st.standing.reason
    ratio = found.ratio if found.broken else min(found.ratio, 1.0)
    instance = ", ".join(f"{key} = {value}" for key, value in found.instance.items())
    return Check(
        claim=f"falsify.{found.claim}",
        statement=about,
        algorithm=st.case.algorithm if st.case is not None and st.case.algorithm else "all",
        problem="any",
        bound=1 + ABOVE if false else 1.0,
        measure=exactly(ratio, round_off(ratio)),
        side=">=" if false else "<=",
        margin=0.0 if false else ABOVE,
        n=found.inside,
        detail=f"{found.claim}: largest left side over right side {found.ratio:.6g} of {found.tried:,} "
        f"instances, at {instance}",
    )


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    for experiment in setting.pointwise("falsify"):
        yield replace(experiment, labels={"rounds": table.get("rounds", ROUNDS)})


KIND = Kind("falsify", _experiments, {"rounds": COUNT})
CLAIM = Claim("falsify", ("falsify",), checks)
