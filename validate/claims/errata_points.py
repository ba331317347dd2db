"""Errata that need no trajectory: E1 at one point, E2 in two systems of units, E4 by arithmetic.

A CONSISTENT erratum is one that was found again.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from bounds import Constants
from bounds.bound import Statement
from bounds.errata import ERRATA
from bounds.theory import gradients, recorded
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from validate.claim import Claim, Kind
from validate.claims.exact import exactly
from validate.claims.lemmas import ratios
from validate.experiment import Experiment, Run
from validate.judge import Check
from validate.tolerance import round_off

PLACE = 7
SHOWN_ON = "validate.claims.counterexamples:opposite_slopes"
METRE = 10.0
"""Length of the new unit of the parameters, in old ones."""


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Find E1, E2 and E4 again."""
    return [_second_moment(experiment), _units(experiment), _sum_of_batches(experiment)]


def _second_moment(experiment: Experiment) -> Check:
    name, problem = gradients.RECORDED_MOMENT, experiment.problem
    left, right = ratios(name.name, problem, problem.start.unsqueeze(0), experiment.plan.alpha)
    if left[0] <= right[0] and problem.spec != SHOWN_ON:
        reason = f"the recorded bound holds at the start here; {SHOWN_ON} shows the erratum"
        return experiment.nothing(ERRATA["E1"].claim, name, reason, MAML.name)
    reach = experiment.plan.alpha * experiment.plan.constants.L
    return _check(
        experiment,
        ERRATA["E1"].claim,
        name,
        float(right[0]),
        float(left[0]),
        f"at alpha L = {reach:.3g} the second moment of grad F_i is {left[0] / right[0]:.4f} times "
        "what is recorded; with the factor (1 + alpha L)^4 it holds",
    )


def _units(experiment: Experiment) -> Check:
    same = HF_MAML.more["hessian-batch"]
    c = Constants(L=1.0, rho=1.0, sigma=1.0, sigma_tilde=1.0, sigma_H=1.0, Delta=1.0)
    other = Constants(
        L=c.L * METRE**2, rho=c.rho * METRE**3, sigma=c.sigma * METRE, sigma_tilde=c.sigma_tilde * METRE,
        sigma_H=c.sigma_H * METRE**2, Delta=c.Delta,
    )  # fmt: skip
    alpha = 0.1
    before = float(same(**c.values(), alpha=alpha))
    after = float(same(**other.values(), alpha=alpha / METRE**2))
    return _check(
        experiment,
        ERRATA["E2"].claim,
        same,
        2 * before,
        after,
        f"the number of samples asked for changes by a factor {after / before:.3g} when the parameters are "
        f"measured in units {METRE:g} times as long",
        HF_MAML.name,
    )


def _sum_of_batches(experiment: Experiment) -> Check:
    """At a small epsilon the recorded minimum is its second entry; compare with one over the noise level."""
    constants = Constants(L=1.0, rho=0.0, sigma=1.0, sigma_tilde=1.0, sigma_H=0.0, Delta=1.0)
    values = {**constants.values(), "alpha": 0.1, "epsilon": 1e-12, "B": 100, "D_in": 100, "D_o": 1, "D_h": 1}
    entry = float(recorded.iterations(MAML)(**values))
    theorem = recorded.theorem_on(MAML)
    noise = float(recorded.accuracy(MAML)(**values)) ** 2 / float(theorem.constant)
    enough = constants.L * constants.Delta / noise
    return _check(
        experiment,
        ERRATA["E4"].claim,
        recorded.iterations(MAML),
        enough,
        entry,
        f"the recorded sum is {entry / enough:.3g} times the Delta L/N that is enough: valid, not tight",
    )


def _check(
    experiment: Experiment,
    claim: str,
    name: Statement,
    bound: float,
    value: float,
    detail: str,
    algorithm: str = MAML.name,
) -> Check:
    return experiment.check(
        claim,
        name,
        bound,
        exactly(value, round_off(value)),
        algorithm=algorithm,
        side=">=",
        failure="" if np.isfinite(value) else "not finite",
        detail=detail,
    )


KIND = Kind("errata")
CLAIM = Claim(
    "recorded",
    ("errata",),
    checks,
    (gradients.RECORDED_MOMENT, HF_MAML.more["hessian-batch"], recorded.iterations(MAML)),
)
