import numpy as np
import pytest

from bounds.errors import InputError
from validate.claims import falsification
from validate.falsifier import Finding, falsifiable, falsify, falsify_for, jets, runs, worst
from validate.judge import judge

HOLD = [name for name in falsifiable() if name.startswith("sharp.")] + ["paper.gradient-relation"]


def test_erratum_e1_is_found_from_random_starts():
    finding = falsify("paper.second-moment", rounds=300)
    assert finding.broken
    assert finding.ratio == pytest.approx(1.0827, abs=2e-3)
    assert finding.instance["alpha L"] == pytest.approx(0.07, abs=0.02)


@pytest.mark.parametrize("claim", ["paper.hf-maml.accuracy", "fo-maml.any-epsilon"])
def test_plateaus_are_found_from_a_neutral_start(claim):
    finding = falsify(claim, rounds=150)
    assert finding.broken
    assert finding.ratio > 1000


@pytest.mark.parametrize("claim", HOLD)
def test_nothing_is_found_against_what_holds(claim):
    finding = falsify(claim, rounds=40 if "guarantee" in claim else 100)
    assert not finding.broken
    assert finding.ratio <= 1 + 1e-9
    attained = "plateau" not in claim and "guarantee" not in claim
    assert finding.ratio > (0.9 if attained else 0.1)


def test_a_statement_made_one_per_cent_too_sharp_is_broken(monkeypatch):
    true = jets.ratio
    monkeypatch.setattr(jets, "ratio", lambda name, found: 1.01 * true(name, found))
    assert falsify("sharp.gradient-relation", rounds=100).broken


def test_a_guarantee_two_and_a_half_times_too_sharp_is_broken(monkeypatch):
    true = runs._measured

    def sharper(*arguments):
        measured = true(*arguments)
        return None if measured is None else 2.5 * measured

    monkeypatch.setattr(runs, "_measured", sharper)
    assert falsify("sharp.maml.guarantee", rounds=40).broken


def test_luck_in_a_few_runs_is_not_confirmed(monkeypatch):
    monkeypatch.setattr(runs, "ratio", lambda name, trial, seed: 1.2)
    finding = falsify("sharp.maml.guarantee", rounds=10)
    assert finding.ratio == 1.2
    assert not finding.broken


def test_a_search_goes_on_with_new_seeds_and_the_worst_is_kept():
    found = list(falsify_for(3.0, ["paper.second-moment", "sharp.root-mean-square"], rounds=20, restarts=8))
    assert [one.claim for one in found[:4]] == 2 * ["paper.second-moment", "sharp.root-mean-square"]
    assert [one.seed for one in found[:4]] == [0, 0, 1, 1]
    recorded = found[::2]
    top = worst(recorded)
    assert top.ratio == max(one.ratio for one in recorded)
    assert top.tried == sum(one.tried for one in recorded)
    assert falsify(top.claim, seed=top.seed, rounds=20, restarts=8).ratio == top.ratio


def test_without_time_every_claim_is_searched_once():
    found = list(falsify_for(0.0, ["paper.second-moment", "sharp.second-moment"], rounds=2, restarts=2))
    assert [one.claim for one in found] == ["paper.second-moment", "sharp.second-moment"]


@pytest.mark.parametrize(("claim", "ratio", "broken", "status"), [
    ("sharp.second-moment", 0.99, False, "CONSISTENT"),
    ("sharp.second-moment", 1.01, True, "VIOLATED"),
    ("sharp.maml.guarantee", 1.2, False, "CONSISTENT"),
    ("paper.second-moment", 1.08, True, "CONSISTENT"),
    ("paper.second-moment", 0.99, False, "VIOLATED"),
    ("fo-maml.any-epsilon", 0.5, False, "VIOLATED"),
    ("sharp.second-moment", float("nan"), False, "INCONCLUSIVE"),
])  # fmt: skip
def test_a_false_claim_must_be_broken_and_a_true_one_must_not(claim, ratio, broken, status):
    made = falsification.check(Finding(claim, ratio, broken, {}, 10))
    assert judge(made, 0.01).status == status


def test_instances_are_inside_the_assumptions():
    found = jets.decode(10 * np.random.default_rng(0).standard_normal((50, jets.size(3, 2))), 3, 2, 0.5)
    assert np.abs(np.linalg.eigvalsh(found.H)).max() <= 1 + 1e-12
    assert np.abs(np.linalg.eigvalsh(found.mean_H)).max() <= 1 + 1e-12
    assert ((found.alpha > 0) & (found.alpha <= 0.5)).all()


def test_unknown_claims_are_refused():
    with pytest.raises(InputError, match="CLAIM"):
        falsify("sharp.nothing")
