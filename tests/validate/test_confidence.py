"""What is said with a probability is measured, and a bound that is too small is seen."""

import numpy as np
import pytest

from bounds.theory import confidence
from studies.power import runs
from studies.power.judging import judged
from validate.claims import confidence as claim
from validate.verdict import Status


@pytest.fixture(scope="module")
def experiment():
    return next(iter(runs._tight("ramp-bowl:Delta=0.5", "maml", "constant", 64)()))


def test_the_right_bound_is_consistent(experiment):
    assert [row.status for row in judged("confidence", experiment)] == [Status.CONSISTENT]


@pytest.mark.parametrize("step", ["constant", "sampled"])
def test_the_statement_follows_the_step_rule(step):
    found = claim.said(next(iter(runs._tight("ramp-bowl:Delta=0.5", "maml", step, 16)())))
    assert found is (confidence.CONSTANT_STEP if step == "constant" else confidence.ANY_STEP)


def test_a_bound_that_is_not_divided_by_the_chance_is_seen(monkeypatch):
    """The row of the study, on a shorter ramp and with half of its runs."""
    assert "confidence without its factor, 5 % off (ramp and bowl)" in runs.BOUNDS
    monkeypatch.setattr(runs, "MANY", 96)
    found = runs._unlikely("ramp-bowl:Delta=0.5")()
    assert {row.status for row in found} == {Status.VIOLATED}


@pytest.mark.parametrize(("m", "p"), [(1, 0.5), (3, 0.2)])
def test_markov_is_attained_by_two_values(m, p):
    """A size that is g/p with probability p, else 0, misses as often as it may."""
    drawn = np.random.default_rng(5).random((200_000, m)) < p
    sizes = np.where(drawn, 1 / p, 0.0)
    bound = float(confidence.ANY_STEP(guarantee=1.0, chance=p))
    below = (sizes >= bound * (1 - 1e-12)).all(1).mean()
    assert below == pytest.approx(p**m, rel=0.1)
    assert float(confidence.CONSTANT_STEP(guarantee=1.0, chance=p)) < bound
