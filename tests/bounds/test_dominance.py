"""The sharper statements are sharper, on the whole common domain, or it is said where not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bounds import statement
from bounds.derivation.smt import prove
from bounds.dominance import claim, common, compare, pairs


@pytest.mark.parametrize("name", [name for name in pairs() if name != "paper.second-moment"])
def test_it_dominates_on_the_whole_common_domain(name):
    assert compare(name).finding == "dominates"


def test_where_the_record_is_false_it_says_where():
    found = compare("paper.second-moment")
    assert found.finding == "fails somewhere"
    assert "x = " in found.where


@pytest.mark.parametrize("name", [name for name in pairs() if name != "paper.second-moment"])
def test_a_statement_ten_times_looser_does_not_dominate(name):
    first, second = statement(name), pairs()[name]
    factor = 10 if second.relation != r"\ge" else 1 / 10
    from sympy import nsimplify

    looser = replace(second, expression=second.expression * nsimplify(factor))
    assert prove(claim(first, looser), common(first, looser))[0] == "refuted"
