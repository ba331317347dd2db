"""Quantities that a statement has beside those of the theory: the constant of Polyak and Lojasiewicz."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from bounds import InputError
from bounds.bound import Condition, Definition
from bounds.derivation.claim import le
from bounds.derivation.deciding import decide
from bounds.derivation.generic import is_parameter
from bounds.derivation.step import Step
from bounds.derivation.tools import var
from bounds.errors import DomainError, UnitError
from bounds.evaluation import inside
from bounds.ledger import derivation
from bounds.recommendation.planner import Planner
from bounds.rendering import latex
from bounds.stating import OBJECTIVE, derived
from bounds.symbols import Delta, L, defined, quantity
from bounds.units import PURE, unit

MU = quantity("mu", unit(1, -2), r"\mu", "constant of the Polyak-Lojasiewicz inequality")
mu = MU.symbol


def shrinks(st):
    gap, square, after = var("gap"), var("g2"), var("after")
    given = (le(after, gap - square / (2 * L)), le(2 * mu * gap, square), le(gap, Delta), le(mu, L))
    return (Step("one step", le(after, st.expression), given),)


def stated(expression=(1 - mu / L) * Delta, **changes):
    usual = {"domain": (Condition("curvature", mu, L),), "proof": shrinks, "quantities": (MU,)}
    words = ("pl.step", "gradient descent under the PL inequality", "f(w_1)-f^*")
    return derived(*words, expression, OBJECTIVE, "descent lemma", **usual | changes)


def decided(st):
    return all(decide(step).decided for step in derivation(st).steps)


def test_it_is_asked_for_computed_with_and_written():
    st = stated()
    assert st.symbols == ("L", "Delta", "mu")
    assert st(L=2.0, mu=0.5, Delta=1.0) == 0.75
    low, high = st.enclose(L=3.0, mu=1.0, Delta=1.0)
    assert 0 < high - low < 1e-15
    assert low <= 2 / 3 <= high
    assert r"\frac{\mu}{L}" in latex.latex(st)


def test_its_range_and_the_conditions_on_it_are_checked():
    with pytest.raises(DomainError, match="curvature"):
        stated()(L=2.0, mu=5.0, Delta=1.0)
    with pytest.raises(InputError, match="mu"):
        stated()(L=2.0, Delta=1.0)
    with pytest.raises(DomainError, match="mu"):
        stated()(L=2.0, mu=-1.0, Delta=1.0)


def test_its_unit_is_checked():
    with pytest.raises(UnitError):
        stated(quantities=(replace(MU, unit=PURE),))


def test_its_proof_is_decided_and_that_of_a_smaller_bound_is_not():
    assert decided(stated())
    assert not decided(stated((1 - Rational(11, 10) * mu / L) * Delta))
    assert not decided(stated((1 - Rational(9, 10) * mu / L) * Delta)), "loose"


def test_a_variable_of_a_proof_with_its_name_is_another():
    assert is_parameter(mu)
    assert not is_parameter(var("mu"))
    assert var("mu") != mu


@pytest.mark.parametrize("taken", ["L", "rate", "part"])
def test_a_name_that_is_taken_is_refused(taken):
    own = quantity(taken, PURE, "z", "something")
    part = Definition(defined("part"), mu / L)
    with pytest.raises(InputError, match=taken):
        stated((1 - part.symbol) * Delta, where=(part,), quantities=(MU, own))


def test_the_same_name_twice_is_refused():
    with pytest.raises(InputError, match="mu"):
        stated(quantities=(MU, MU))


def test_one_that_is_not_named_is_refused_with_what_to_do():
    with pytest.raises(InputError, match="quantities="):
        stated(quantities=())


@pytest.mark.parametrize("name", ["lambda", "two words", ""])
def test_a_name_that_no_value_can_be_given_by_is_refused(name):
    with pytest.raises(InputError, match="quantity"):
        quantity(name, PURE, "z", "something")


def test_notation_that_nobody_can_draw_is_refused():
    with pytest.raises(InputError, match="foo"):
        quantity("z", PURE, r"\foo", "something")


def test_it_may_be_zero_where_it_says_so():
    nothing = quantity("nothing", PURE, "z", "something", may_be_zero=True)
    assert nothing.symbol.is_nonnegative
    assert not nothing.symbol.is_positive


def test_zero_is_refused_unless_it_may_be_zero():
    st = stated()
    with pytest.raises(DomainError, match="needs a finite number > 0"):
        st(L=2.0, mu=0, Delta=1.0)
    with pytest.raises(DomainError, match="needs a finite number > 0"):
        st(L=2.0, mu=np.array([0.0, 1.0]), Delta=1.0)
    assert np.isnan(inside(st, {"L": 2.0, "mu": np.array([0.0, 1.0]), "Delta": 1.0})).tolist() == [
        True,
        False,
    ]
    assert st(L=2.0, mu=0.5, Delta=0) == 0
    free = quantity("mu", unit(1, -2), r"\mu", "something", may_be_zero=True)
    assert stated((1 - free.symbol / L) * Delta, domain=(), quantities=(free,))(L=2.0, mu=0, Delta=1.0) == 1


@pytest.mark.parametrize("needs", [("L", "mu", "Delta"), "L", ["L"], ("alpha",)])
def test_a_planner_that_needs_what_is_no_constant_is_refused(needs):
    with pytest.raises(InputError, match=r"needs of the planner gd.*L, rho.*in the module"):
        Planner("gd", needs, lambda constants, epsilon: {})
    assert Planner("gd", ("L", "Delta"), lambda constants, epsilon: {}).needs == ("L", "Delta")


def test_it_can_be_copied_and_sent():
    assert pickle.loads(pickle.dumps(MU)) == MU == copy.deepcopy(MU)
