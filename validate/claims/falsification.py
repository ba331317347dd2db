"""Searches for a counterexample: nothing may be found against what is derived, and what is false must be found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from bounds import statements
from bounds.theory import gradients, plateau, recorded
from bounds.theory.algorithms import names
from bounds.theory.algorithms.hf_maml import HF_MAML
from validate.claim import Claim, Kind, Table
from validate.claims.exact import exactly
from validate.design import Setting, pointwise
from validate.experiment import Experiment, Run
from validate.falsifier import Finding, falsifiable, falsify
from validate.falsifier.search import ABOVE
from validate.judge import Check
from validate.schema import COUNT
from validate.tolerance import round_off

PLACE = 17
ROUNDS = 300
_WRONG = (gradients.RECORDED_MOMENT.name, recorded.accuracy(HF_MAML).name)
FALSE: Mapping[str, str] = MappingProxyType(
    {name: name for name in _WRONG} | {"fo-maml.any-epsilon": plateau.FO_STALLS.name}
)
"""Claims that are known to be false (E1, E3, FO-MAML's reach), with the statement that is about them."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Search every claim that can be searched, from a neutral start."""
    rounds = int(experiment.labels.get("rounds", ROUNDS))
    return [check(falsify(name, seed=experiment.seed, rounds=rounds)) for name in falsifiable()]


def check(found: Finding) -> Check:
    """Return the check of one search: a false claim must be broken, another one must not.

    A ratio above 1 that the second look does not confirm counts as 1.
    """
    false = found.claim in FALSE
    ratio = found.ratio if found.broken else min(found.ratio, 1.0)
    instance = ", ".join(f"{key} = {value}" for key, value in found.instance.items())
    return Check(
        claim=f"falsify.{found.claim}",
        statement=FALSE.get(found.claim, found.claim),
        algorithm=_algorithm(found.claim),
        problem="any",
        bound=1 + ABOVE if false else 1.0,
        measure=exactly(ratio, round_off(ratio)),
        side=">=" if false else "<=",
        margin=0.0 if false else ABOVE,
        n=found.tried,
        detail=f"{found.claim}: largest left side over right side {found.ratio:.6g} of {found.tried:,} "
        f"instances, at {instance}",
    )


def _algorithm(claim: str) -> str:
    """Return the algorithm that a claim is on; the longest name where one holds another."""
    said = statements().get(claim)
    if said is not None and said.case is not None and said.case.algorithm:
        return said.case.algorithm
    return max((name for name in names() if name in claim), key=len, default="all")


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    for experiment in pointwise(setting, "falsify"):
        yield replace(experiment, labels={"rounds": table.get("rounds", ROUNDS)})


KIND = Kind("falsify", _experiments, {"rounds": COUNT})
CLAIM = Claim("falsify", ("falsify",), checks)
