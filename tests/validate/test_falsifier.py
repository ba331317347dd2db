import numpy as np
import pytest

from bounds.errors import InputError
from validate.falsifier import falsifiable, falsify, jets

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
    finding = falsify(claim, rounds=100)
    assert not finding.broken
    assert finding.ratio <= 1 + 1e-9
    assert finding.ratio > (0.2 if "plateau" in claim else 0.9)


def test_a_statement_made_one_per_cent_too_sharp_is_broken(monkeypatch):
    true = jets.ratio
    monkeypatch.setattr(jets, "ratio", lambda name, found: 1.01 * true(name, found))
    assert falsify("sharp.gradient-relation", rounds=100).broken


def test_instances_are_inside_the_assumptions():
    found = jets.decode(10 * np.random.default_rng(0).standard_normal((50, jets.size(3, 2))), 3, 2, 0.5)
    assert np.abs(np.linalg.eigvalsh(found.H)).max() <= 1 + 1e-12
    assert np.abs(np.linalg.eigvalsh(found.mean_H)).max() <= 1 + 1e-12
    assert ((found.alpha > 0) & (found.alpha <= 0.5)).all()


def test_unknown_claims_are_refused():
    with pytest.raises(InputError, match="CLAIM"):
        falsify("sharp.nothing")
