r"""The matrix facts at points: :math:`P_i = I - \alpha\nabla^2 f_i(w)` and the mean Hessian's :math:`Q_i`."""

from __future__ import annotations

import pandas as pd
from torch import Tensor

from bounds.bound import Statement
from bounds.standing import MATRICES
from validate.claim import Claim, Kind
from validate.claims import extremes, lemmas
from validate.experiment import Experiment, Run
from validate.judge import Check

PLACE = 15
POINTS = 16


def is_fact(st: Statement) -> bool:
    """Whether a statement is about the matrices of the tasks."""
    return st.left is not None and st.left.of == MATRICES


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare every matrix fact that applies at this inner step at the tightest point that was found."""
    start = lemmas.starting(experiment, POINTS)
    names = [name for name in lemmas.lemmas(is_fact) if lemmas.applies(name, experiment.problem)]
    return [check(experiment, name, start) for name in names]


def check(experiment: Experiment, name: str, start: Tensor | None = None) -> Check:
    """Return the check of one fact."""
    start = lemmas.starting(experiment, POINTS) if start is None else start
    return lemmas.tightest(experiment, name, start, "all tasks' P and Q", extremes.ROUNDS)


KIND = Kind("matrices", everyones=True)
CLAIM = Claim("matrix", ("matrices",), checks, where=is_fact)
