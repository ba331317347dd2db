"""What cannot be a quantity of one's own, a field of a statement, or a step: refused when it is made."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Max, Min, exp, log, sqrt

from bounds import InputError
from bounds.bound import Condition, Definition
from bounds.derivation.claim import le
from bounds.derivation.step import Step
from bounds.errors import UnitError
from bounds.rendering.javascript import javascript
from bounds.stating import OBJECTIVE, derived
from bounds.symbols import Delta, L, beta, defined, quantity
from bounds.theory import smoothness
from bounds.units import PURE, unit

HESSIAN = unit(1, -2)
MU = quantity("mu", HESSIAN, r"\mu", "constant of the Polyak-Lojasiewicz inequality")
mu = MU.symbol
TAKEN = (
    "self", "values", "max", "min", "sqrt", "log", "exp", "maximum", "minimum", "Math", "new", "function",
    "const", "let", "var", "undefined", "NaN", "Infinity", "add", "mul", "root", "exactly", "pi", "e",
    "abs", "select", "arguments", "this", "static", "delete", "switch",
)  # fmt: skip
FREE = ("gamma", "tau", "kappa", "mom", "lam_", "std", "q", "name", "statement", "numpy", "E", "I", "N", "μ")


def stated(expression=mu * Delta / L, **changes):
    words = ("own", "something", "f(w)")
    return derived(*words, expression, OBJECTIVE, "nothing", **{"quantities": (MU,)} | changes)


@pytest.mark.parametrize("name", [*TAKEN, "lambda", "\u00b5", 5, None])
def test_a_name_that_formulas_use_is_refused(name):
    with pytest.raises(InputError, match="quantity = "):
        quantity(name, HESSIAN, r"\mu", "something")


@pytest.mark.parametrize("name", FREE)
def test_any_other_name_works_wherever_a_formula_goes(name):
    own = quantity(name, HESSIAN, r"\nu", "something")
    z = own.symbol * beta
    formula = sqrt(z) + Max(1, z) + log(1 + z) + Min(1, z) + exp(z)
    st = derived("named", "t", "r", formula, PURE, "nothing", quantities=(own,))
    expected = 3 + np.log(2) + np.e
    assert st(**{"beta": 2.0, name: 0.5}) == pytest.approx(expected)
    assert st(**{"beta": 2.0, name: np.array([0.5, 0.6])})[0] == pytest.approx(expected)
    assert st.enclose(**{"beta": 2.0, name: 0.5})[1] == pytest.approx(expected)
    assert f"const {{beta, {name}}} = values" in javascript(st)


@pytest.mark.parametrize(
    "latex", ["", "  ", "$a$", "a & b", "50 %", "a # b", "a < b", "a > b", "a~b", 5, None]
)
def test_latex_that_nothing_can_draw_is_refused(latex):
    with pytest.raises(InputError, match="latex of mu"):
        quantity("mu", HESSIAN, latex, "something")


def test_a_unit_that_is_none_is_refused():
    with pytest.raises(InputError, match="unit of mu"):
        quantity("mu", "F/W^2", r"\mu", "something")


@pytest.mark.parametrize(
    ("name", "latex", "as_"), [("l", "L", "L"), ("l", "{ L}", "L"), ("l", "s", "s"), ("l", "μ", "l")]
)
def test_latex_of_another_that_occurs_is_refused(name, latex, as_):
    own = quantity(name, PURE, latex, "something")
    part = Definition(defined("s"), mu / L)
    with pytest.raises(InputError, match=f"drawn as {as_} is in the same statement"):
        stated(own.symbol * part.symbol * Delta, quantities=(MU, own), where=(part,))


def test_latex_of_what_does_not_occur_is_free():
    own = quantity("mom", PURE, r"\beta", "momentum")
    assert stated(own.symbol * Delta, quantities=(own,)).symbols == ("Delta", "mom")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"quantities": MU}, r"a comma makes it one: quantities="),
        ({"quantities": (mu,)}, "not its symbol"),
        ({"quantities": [MU]}, "must be a tuple"),
        ({"domain": Condition("c", mu, L)}, r"domain=\(\.\.\.,\)"),
        ({"where": (mu,)}, "must be a tuple of bounds.bound.Definition"),
        ({"chapter": "nope"}, "must be one of recorded, lemmas, theorems"),
        ({"sharpens": "paper.smoothness"}, "must be a statement, not its name"),
        ({"where": (Definition(defined("mu"), L),)}, "a part or another quantity"),
        ({"expression": Delta}, "occurs neither in the formula nor in the domain"),
    ],
)
def test_a_field_of_another_kind_is_refused_in_one_line(changes, says):
    with pytest.raises(InputError, match=says):
        stated(**changes)


def test_only_what_has_the_same_unit_is_sharpened():
    with pytest.raises(UnitError, match="sharpens"):
        stated(sharpens=smoothness.RECORDED_SMOOTHNESS)


@pytest.mark.parametrize(
    "made",
    [
        lambda: Step("x", mu <= L),
        lambda: Step("x", "mu <= L"),
        lambda: Step("x", le(mu, L), (True,)),
        lambda: Step("x", le(mu, L), le(mu, L)),
        lambda: Step("x", le(mu, L), method="magic"),
    ],
)
def test_a_step_is_made_of_claims(made):
    with pytest.raises(InputError, match="step 'x'"):
        made()
