"""Every statement is measured by some claim, or is named with the reason why not."""

import pytest

from bounds.catalogue import statements
from validate.claims import CLAIMS, KINDS
from validate.claims.coverage import claims_of, measured, reason_for
from validate.examine import examine
from validate.runner import Runner
from validate.suite import load

POINTWISE = ("direction", "descent", "lemmas", "errata", "cost", "rates", "estimators", "matrices")


@pytest.mark.parametrize("name", statements())
def test_every_statement_is_measured_or_exempt(name):
    assert claims_of(name) or reason_for(name)


def test_nothing_is_named_that_does_not_exist():
    assert {name for names in measured().values() for name in names} <= set(statements())
    assert all(measured().values())
    assert set(measured()) <= set(CLAIMS)


def test_an_unknown_statement_would_be_noticed():
    assert not claims_of("sharp.new")
    assert not reason_for("sharp.new")
    assert not reason_for("sharp.inner.bias")


def test_no_derived_statement_with_a_constant_is_exempt_but_parts_of_others():
    derived = [st.name for st in statements().values() if st.chapter != "recorded"]
    exempt = {name for name in derived if not claims_of(name)}
    assert {name.rsplit(".", 1)[0] for name in exempt if ".floor" not in name and ".design." not in name} == {
        "sharp.maml",
        "sharp.fo-maml",
        "sharp.hf-maml",
        "sharp.difference.computed",
        *(f"sharp.{algorithm}.step-factor" for algorithm in ("maml", "fo-maml", "hf-maml")),
        "sharp.plateau.k-shot",
        "sharp.matrix",
    }


@pytest.mark.slow
def test_the_default_suite_measures_what_is_said_to_be_measured():
    """Judged on what looks at points; the rest is in the statements of the plans that are run."""
    kinds = set(POINTWISE)
    experiments = [e for e in load("default").experiments() if e.kind in kinds]
    seen = {v.statement for v in examine(experiments, Runner())}
    claims = {name for name in CLAIMS if set(KINDS[name]) <= kinds}
    said = {name for name in statements() if claims & set(claims_of(name))}
    assert said <= seen
    assert {name for name in seen if not claims_of(name)} == set()
