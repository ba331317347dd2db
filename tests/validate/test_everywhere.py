"""Every claim on every family and on own problems of each kind: verdicts, or the reason why there is none.

Small runs and short searches: what is tested is that each claim can be asked everywhere and accuses no right code.
"""

from dataclasses import replace
from functools import cache

import pytest
from own_kinds import EDGES
from own_kinds import KINDS as OWN

from empirics import problems
from validate import design, onestep
from validate.claim import claims
from validate.examine import examine
from validate.runner import Runner
from validate.verdict import Status

MANY_TASKS = ("ripple", "shared-hessian", "quadratic", "wells", "robust-regression", "sigmoid-classification")
FAMILIES = {
    family.name: family.name + (":dim=2,n_tasks=4" if family.name in (*MANY_TASKS, "ramp-bowl") else "")
    for family in problems.families()
}
QUICK = ("ripple", "ramp", "arrays", *EDGES)
"""One of each sort: the other ways to an own problem are ways to the same class."""
FREE = ("rates", "limits", "cost", "falsify", "confidence", "assurance", "multilevel")
"""Claims that do not look at the problem, or only at one made for them; their own tests run them."""
POINTS = ("lemmas", "matrices", "estimators", "errata")
ITERATIONS, DRAWS = 20, 100


pytestmark = pytest.mark.usefixtures("short_climbs")


@cache
def material(name):
    """The experiments of all kinds on one problem, and a runner that keeps what it ran."""
    problem = problems.from_spec(FAMILIES[name]) if name in FAMILIES else (OWN | EDGES)[name]()
    own = design.Setting(problem, 0.1 / problem.constants().L, replicates=8)
    epsilon = 0.8 * float(problem.meta_gradient(problem.start, own.alpha).norm())
    made = [
        *design.convergence(own, epsilon),
        *design.plateau(own, ITERATIONS),
        *design.plateau(own, ITERATIONS, B=4, D_in=2, D_o=2, D_h=2),
        *design.recorded_delta(own, ITERATIONS),
        *design.directions(own, batches=DRAWS),
        *onestep.experiments(own, draws=DRAWS),
        *(replace(e, labels={"draws": DRAWS}) for kind in POINTS for e in own.pointwise(kind)),
    ]
    return made, Runner()


RANDOM = ("accuracy", "iterations", "direction", "step")
"""Claims about what is drawn: those that an own problem without noise is asked in every run."""


def often(problem, claim):
    """Whether it is asked in every run, and not in the slow ones only."""
    return problem in QUICK and (problem != "silent" or claim in RANDOM)


@pytest.mark.parametrize(
    ("problem", "claim"),
    [
        pytest.param(problem, claim, marks=() if often(problem, claim) else pytest.mark.slow)
        for problem in (*FAMILIES, *OWN, *EDGES)
        for claim in claims()
        if claim not in FREE
    ],
)
def test_a_claim_can_be_asked_everywhere(problem, claim):
    verdicts = examine(*material(problem), [claim])
    assert verdicts
    for verdict in verdicts:
        assert verdict.status not in (Status.VIOLATED, Status.FAILED), verdict
        if verdict.status is Status.NOT_APPLICABLE:
            assert len(verdict.detail.split()) > 4, verdict
        else:
            assert verdict.statistic == verdict.statistic, verdict


@pytest.mark.parametrize("reach", [1e-6, 0.3, 0.45, 0.65])
@pytest.mark.parametrize("algorithm", ["maml", "fo-maml", "hf-maml"])
def test_there_is_a_long_run_at_every_inner_step(algorithm, reach):
    """From alpha L = 1/3 on FO-MAML has no plan for any target: it runs with MAML's budget."""
    own = design.Setting(problems.from_spec("ripple:dim=2,n_tasks=4"), reach)
    plan = design.long_plan(own, algorithm)
    assert plan.algorithm == algorithm
    assert plan.step_rule is not None
    assert plan.iterations
    assert plan.feasible == (algorithm != "fo-maml" or reach < 1 / 3)
