"""Errata: each counterexample shows what it says, at exact parameters."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bounds import InputError, statement, statements
from bounds.counterexamples import _Cosine, second_moment
from bounds.errata import ERRATA, concerning, erratum


@pytest.mark.parametrize("identifier", ERRATA)
def test_the_counterexample_shows_it(identifier):
    found = erratum(identifier).counterexample()
    assert found.shows
    assert found.checks
    assert all(found.checks.values())
    assert json.dumps(erratum(identifier).to_dict())


def test_the_second_moment_is_exceeded_by_six_per_cent():
    found = second_moment()
    assert found.measured[0] / found.recorded[1] == pytest.approx(1.0601, abs=1e-4)


def test_the_repaired_second_moment_is_not_exceeded():
    high = second_moment().measured[1]
    assert high <= statement("sharp.second-moment.repaired")(L=1.0, alpha=0.1, sigma=1.0, y=0.0)
    assert high <= statement("sharp.second-moment")(L=1.0, alpha=0.1, sigma=1.0, y=0.0)


def test_errata_and_statements_refer_to_each_other():
    names = statements()
    for one in ERRATA.values():
        assert all(names[st.name] is st for st in (*one.statements, *one.instead))
        assert all(one.identifier in st.errata for st in one.statements)
    mentioned = {identifier for st in names.values() for identifier in st.errata}
    assert mentioned == set(ERRATA)
    assert [e.identifier for e in concerning("paper.second-moment")] == ["E1"]


def test_the_plateau_needs_the_right_family():
    from sympy import Rational

    flat = _Cosine(Rational(1, 20), Rational(1, 20), Rational(0))
    value = flat.direction(flat.context.mpf(0))
    assert value.a <= 0 <= value.b


def test_a_counterexample_that_shows_nothing_is_noticed():
    found = second_moment()
    weaker = replace(found, measured=found.recorded, shows=found.recorded[0] > found.recorded[1])
    assert not weaker.shows


def test_an_unknown_erratum():
    with pytest.raises(InputError, match="E1, E2, E3, E4"):
        erratum("E9")
