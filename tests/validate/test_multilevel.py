"""The claim on the multilevel inner batch: the right one is consistent, each wrong one is caught."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bounds.theory import multilevel as lemmas
from bounds.theory.algorithms import runnable
from empirics import multilevel as directions
from empirics import problems
from empirics.levels import FIRST, SECOND, SHARED, Levels
from validate import design
from validate.claim import kinds
from validate.claims.draws import Spot
from validate.claims.multilevel import lemmas as claim
from validate.claims.multilevel.layers import Layers
from validate.claims.multilevel.lemmas import _means, of_lemmas
from validate.examine import examine
from validate.instances.starts import starts
from validate.judge import judge
from validate.runner import Runner
from validate.suite import from_dict
from validate.verdict import Status

SPEC = "ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,sigma_H=2,rho=2,oracle=one-sided"
DRAWS, FEW = 60_000, 6_000
"""For a mean, and for all else."""
GROUPS = 150
"""In which samples are counted where the count is far off, or not what is wrong."""
MEANS = ("multilevel.mean", "multilevel.bias")


def experiments(spec=SPEC, reach=0.4, *algorithms, **table):
    problem = problems.from_spec(spec)
    setting = design.Setting(problem, reach / problem.constants().L, algorithms or runnable())
    return kinds()["multilevel"].experiments(setting, table)


def verdicts(draws=DRAWS, means_alone=False):
    """The lemmas at one point, by claim; the mean from many draws."""
    experiment = experiments(draws=draws)[0]
    problem, alpha = experiment.problem, experiment.plan.alpha
    point = starts(problem, alpha, np.random.default_rng(0), 2)[0]
    spot = Spot(experiment, point, 0, 1, draws)
    given = {"D_in": 1, "D_o": 1, "depth": 2, "rate": 1.0}
    means = _means(spot, Layers(spot, Levels(2, 1.0), 1), given, "")
    rest = [] if means_alone else [one for one in of_lemmas(replace(spot, n=FEW)) if one.claim not in MEANS]
    found = {}
    for check in (*means, *rest):
        verdict = judge(check, 1e-4)
        found.setdefault(verdict.claim, []).append(verdict.status)
    return found


def caught(found):
    return {claim for claim, statuses in found.items() if Status.VIOLATED in statuses}


def altered(weight=lambda level, rate: rate * 2.0**-level, middle=SHARED, second=SECOND):
    """The section's outer gradient with one thing changed."""

    def outer_gradient(oracle, w, alpha, rate):
        outer = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
        level = oracle.levels().unsqueeze(-1)
        one = w - alpha * oracle.gradient(w, FIRST)
        two = w - alpha * oracle.gradient(w, second)
        ends = (oracle.gradient(one, SHARED) + oracle.gradient(two, SHARED)) / 2
        correction = oracle.gradient((one + two) / 2, middle) - ends
        return outer + torch.where(level > 0, correction / weight(level, rate), 0.0)

    return outer_gradient


SABOTAGES = {
    "right": (altered(), set()),
    "wrong weights": (altered(lambda level, rate: rate * 2.0 ** -(level + 2)), {"multilevel.mean"}),
    "not divided by p_j": (altered(lambda level, rate: 1.0), {"multilevel.mean"}),
    "same weight for all levels": (altered(lambda level, rate: rate * 0.25 + 0 * level), {"multilevel.mean"}),
    "outer batch not shared": (altered(middle="out"), {"multilevel.correction"}),
    "one inner batch twice": (altered(second=FIRST), {"multilevel.mean"}),
}


SLOW = ("wrong weights", "same weight for all levels", "one inner batch twice")


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=[pytest.mark.slow] if what in SLOW else []) for what in SABOTAGES]
)
def test_a_wrong_outer_gradient_is_caught(what, monkeypatch):
    wrong, expected = SABOTAGES[what]
    monkeypatch.setattr(directions, "outer_gradient", wrong)
    if expected:
        monkeypatch.setattr(claim, "CHUNKS", GROUPS)
    found = verdicts(FEW if expected == {"multilevel.correction"} else DRAWS, expected == {"multilevel.mean"})
    assert caught(found) >= expected
    if not expected:
        assert {status for statuses in found.values() for status in statuses} == {Status.CONSISTENT}


@pytest.mark.parametrize(
    ("drawn", "sizes", "expected"),
    [
        (
            lambda self, level: np.where(level == self.depth, 0, level),
            1,
            {"multilevel.mean", "multilevel.cost"},
        ),
        (lambda self, level: np.where(level == self.depth, level + 1, level), 1, {"multilevel.cost"}),
        (lambda self, level: level, 2, {"multilevel.cost"}),
    ],
    ids=["depth one less", "depth one more", "inner batches of the whole level"],
)
def test_a_wrong_level_is_caught(drawn, sizes, expected, monkeypatch):
    draw, samples = Levels.draw, Levels.samples

    def other(self, rng, shape):
        return drawn(self, draw(self, rng, shape))

    def larger(self, split, level, D_in, D_o):
        return samples(self, split, level, D_in * (1 if split == SHARED else sizes), D_o)

    monkeypatch.setattr(claim, "CHUNKS", GROUPS)
    monkeypatch.setattr(Levels, "draw", other)
    monkeypatch.setattr(Levels, "samples", larger)
    assert caught(verdicts(DRAWS if "multilevel.mean" in expected else FEW)) >= expected


def test_every_statement_on_levels_is_measured_on_data_too():
    found = examine(experiments("robust-regression:dim=2,n_tasks=4,points=6", draws=8000), Runner())
    assert {v.status for v in found} == {Status.CONSISTENT}
    assert {v.statement for v in found} >= {st.name for st in lemmas.STATEMENTS} - {"sharp.multilevel.mean"}
    assert {v.algorithm for v in found} == {"all", "maml", "fo-maml", "hf-maml"}


def test_without_noise_there_is_nothing_to_measure():
    (verdict,) = examine(experiments("plateau:dim=1", 0.1, "maml"), Runner())
    assert verdict.status is Status.NOT_APPLICABLE


def test_a_direction_that_was_handed_in_is_no_multilevel_one():
    problem = problems.from_spec(SPEC)
    setting = design.Setting(problem, 0.1, ("maml",), directions={"maml": lambda oracle, w, alpha: w})
    assert kinds()["multilevel"].experiments(setting, {}) == []
    assert list(design.convergence(setting, 0.5, depth=2)) == []


def test_runs_at_a_multilevel_plan_are_claimed_about():
    table = {"problem": "quadratic:dim=2,n_tasks=4", "alpha_L": 0.1, "depth": 2, "epsilon": [0.4]}
    suite = from_dict({"iterations": [table], "algorithms": ["maml"], "replicates": 48})
    (experiment,) = suite.experiments()
    assert experiment.plan.depth == 2
    found = {v.claim: v for v in examine([experiment], Runner())}
    assert {v.status for v in found.values()} == {Status.CONSISTENT}
    assert all(".multilevel" in v.statement for v in found.values())
    assert replace(experiment.plan, depth=0).samples_per_iteration < experiment.plan.samples_per_iteration
