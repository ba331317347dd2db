"""Every statement is measured by some claim, or is named with the reason why not."""

from dataclasses import replace

import pytest

from bounds.catalogue import statements
from validate.claim import claims, kinds
from validate.examine import examine
from validate.runner import Runner
from validate.suite import load


def claims_of(st):
    """Return the claims that measure a statement."""
    return {claim.name for claim in claims().values() if claim.is_about(st)}


@pytest.mark.parametrize("name", statements())
def test_every_statement_is_measured_or_exempt(name):
    assert claims_of(statements()[name]) or statements()[name].unmeasured


def test_nothing_is_named_that_does_not_exist():
    said = {st.case.quantity for st in statements().values() if st.case}
    for claim in claims().values():
        assert set(claim.measures) <= set(statements()), claim.name
        assert set(claim.quantities) <= said, claim.name


def test_every_claim_reads_kinds_of_experiments_that_there_are():
    made = {kind.name for kind in kinds().values()}
    for claim in claims().values():
        assert claim.kinds
        assert set(claim.kinds) <= made, claim.name


def test_an_unknown_statement_would_be_noticed():
    measured = statements()["sharp.inner.bias"]
    assert not measured.unmeasured
    assert not claims_of(replace(measured, name="sharp.new"))


def test_no_derived_statement_with_a_constant_is_exempt_but_parts_of_others():
    derived = [st for st in statements().values() if st.chapter != "recorded"]
    exempt = {st.name for st in derived if not claims_of(st)}
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
    looked_at = {kind.name for kind in kinds().values() if not kind.trajectory} - {"falsify"}
    seen = {v.statement for v in examine(load("default").experiments(looked_at), Runner())}
    about = {name for name, claim in claims().items() if set(claim.kinds) <= looked_at}
    said = {st.name for st in statements().values() if about & claims_of(st)}
    assert said <= seen
    assert {name for name in seen if not claims_of(statements()[name])} == set()
