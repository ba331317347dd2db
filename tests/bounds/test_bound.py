"""Statements: exact, unit-checked, with a domain that is enforced and a number that is enclosed."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
import sympy as sp
from fewer import every

from bounds import DomainError, InputError, statement, statements
from bounds.bound import MARKS, Condition, Definition, Statement
from bounds.stating import GRADIENT, derived
from bounds.symbols import QUANTITIES, B, L, alpha, defined, epsilon, rho, sigma
from bounds.units import UnitError, unit

VALUES = {
    "L": 1.3, "rho": 0.7, "sigma": 0.4, "sigma_tilde": 0.5, "sigma_H": 0.6, "Delta": 2.0, "M": 1.5, "alpha": 0.07,
    "epsilon": 0.3, "B": 400, "D_in": 300, "D_o": 20, "D_h": 30, "B_prime": 7, "D_beta": 9, "K": 10**5, "c": 0.3,
    "theta": 0.8, "probe_length": 0.06, "point_norm": 1.5, "R": 20.0, "m": 0.4, "mean_norm": 1.1, "gradient": 0.9,
    "y": 0.2, "n_tasks": 700, "damping": 1.25,
    "outer_norm": 1.2, "probe_norm": 1.4, "delta": 0.02, "probe_gradient": 1.3, "rounding": 1e-3,
    "D_test": 12, "phi": 0.6, "d": 5,
    "D": 5, "bias": 0.1, "variance": 0.8, "error": 0.3, "beta": 0.1, "depth": 3, "rate": 0.5,
    "guarantee": 0.4, "chance": 0.3, "best": 0.25, "lapse": 0.1,
}  # fmt: skip


def inside(st: Statement) -> bool:
    return all(row[3] for row in st.margins(VALUES))


def usable() -> list[Statement]:
    return [st for st in statements().values() if inside(st)]


@pytest.mark.parametrize("name", statements())
def test_units_are_consistent_or_said_not_to_be(name):
    st = statement(name)
    if st.inhomogeneous:
        with pytest.raises(UnitError):
            st.check_units()
    else:
        st.check_units()


@pytest.mark.parametrize("st", usable(), ids=lambda st: st.name)
def test_the_value_scales_with_its_unit(st):
    f, w = 4.0, 0.5
    scaled = {
        n: v * f ** float(QUANTITIES[n].unit.F) * w ** float(QUANTITIES[n].unit.W) for n, v in VALUES.items()
    }
    expected = st(**VALUES) * f ** float(st.unit.F) * w ** float(st.unit.W)
    if st.inhomogeneous:
        assert st(**scaled) != pytest.approx(expected, rel=1e-9)
    else:
        assert st(**scaled) == pytest.approx(expected, rel=1e-12)


def to_sixty_digits(expression, known):
    symbols = sorted(expression.free_symbols, key=str)
    return _to_sixty_digits(expression, tuple((symbol, known[symbol]) for symbol in symbols))


@cache
def _to_sixty_digits(expression, known):
    """Statements share most of their parts."""
    return sp.N(expression.subs(dict(known)), 60)


@pytest.mark.parametrize("st", every(3, usable()), ids=lambda st: st.name)
def test_the_enclosure_is_tight_and_contains_the_exact_value(st):
    low, high = st.enclose(**VALUES)
    known = {QUANTITIES[n].symbol: sp.Rational(VALUES[n]) for n in st.symbols}
    for definition in st.where:
        known[definition.symbol] = to_sixty_digits(definition.expression, known)
    value = to_sixty_digits(st.expression, known)
    assert low <= value <= high
    assert high - low <= 4e-16 * abs(st(**VALUES)) * 2


@pytest.mark.parametrize("st", every(2, usable()), ids=lambda st: st.name)
def test_arrays_agree_with_floats(st):
    rng = random.Random(0)
    factors = np.array([1.0] + [1 + 1e-3 * rng.random() for _ in range(3)])
    grid = st(**{**VALUES, "L": VALUES["L"] * factors, "B": VALUES["B"] * factors})
    each = [st(**{**VALUES, "L": VALUES["L"] * x, "B": VALUES["B"] * x}) for x in factors]
    assert np.broadcast_to(grid, (4,)) == pytest.approx(each, rel=1e-13)


def test_floats_are_refused_in_formulas():
    with pytest.raises(InputError, match="exact"):
        Definition(defined("x"), 0.1 * alpha)
    with pytest.raises(InputError, match="exact"):
        Condition("inner step", alpha * L, 0.1)


def test_outside_the_domain_the_error_names_the_inequality_and_both_sides():
    with pytest.raises(DomainError) as caught:
        statement("paper.maml.accuracy")(**{**VALUES, "alpha": 0.5})
    assert caught.value.argument == "inner step"
    assert "L*alpha <= 1/6" in str(caught.value)
    assert "0.65" in str(caught.value)


@pytest.mark.parametrize("name", ["paper.maml.accuracy", "sharp.maml.guarantee"])
def test_nan_fails_closed(name):
    with pytest.raises(DomainError):
        statement(name)(**{**VALUES, "alpha": math.nan})


@pytest.mark.parametrize("bad", [-3.0, math.inf, -math.inf, math.nan, np.array([0.3, -0.1]), np.array(-1.0)])
@pytest.mark.parametrize("name", ["sigma", "L"])
def test_a_quantity_that_none_can_be_is_refused_by_name(name, bad):
    st = statement("sharp.plateau.upper")
    known = {"L": 1.0, "alpha": 0.1, "sigma": 0.3}
    ways = (st, st.enclose, st.explain) if np.ndim(bad) == 0 else (st,)
    for way in ways:
        with pytest.raises(InputError, match="finite number >= 0") as caught:
            way(**{**known, name: bad})
        assert caught.value.argument == name


@pytest.mark.parametrize(
    "bad",
    [
        "0.3",
        b"1",
        1j,
        sp.pi,
        sp.Symbol("x"),
        10**400,
        True,
        [],
        ["a"],
        [0.1, [0.2]],
        [10**400],
        {"a": 1},
        Decimal("0.3"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("way", ["__call__", "at", "enclose", "explain", "margins"])
def test_what_is_no_number_is_refused_by_name(bad, way):
    st = statement("sharp.plateau.upper")
    known = {"L": 1.0, "alpha": 0.1, "sigma": bad}
    if way == "at":
        value, reason = st.at(known)
        assert math.isnan(value)
        assert reason.startswith("sigma = ")
        return
    with pytest.raises(InputError, match=r"sharp\.plateau\.upper needs a finite number >= 0") as caught:
        st.margins(known) if way == "margins" else getattr(st, way)(**known)
    assert (caught.value.argument, caught.value.value) == ("sigma", bad)


@pytest.mark.parametrize(
    "same", [sp.Rational(1, 4), Fraction(1, 4), np.float32(0.25), np.array(0.25), sp.Float(0.25)]
)
def test_a_number_of_any_real_type_is_its_float(same):
    st, known = statement("sharp.plateau.upper"), {"L": 1, "alpha": 0.1}
    for way in (st, st.enclose, st.explain):
        assert way(**known, sigma=same) == way(**known, sigma=0.25)
    assert type(st(**known, sigma=same)) is float


def test_lists_are_arrays_where_arrays_are_taken():
    st, known = statement("sharp.plateau.upper"), {"L": 1, "alpha": 0.1}
    expected = [st(**known, sigma=0.1), st(**known, sigma=0.2)]
    for several in ([0.1, 0.2], (0.1, 0.2), np.array([0.1, 0.2])):
        assert st(**known, sigma=several) == pytest.approx(expected, rel=1e-15)
        for way in (st.enclose, st.explain):
            with pytest.raises(InputError, match="a single number"):
                way(**known, sigma=several)
        assert "a single number" in st.at(known | {"sigma": several})[1]
    with pytest.raises(InputError, match="shapes fit together"):
        st(L=[1, 2, 3], alpha=0.1, sigma=[0.1, 0.2])


def test_values_that_are_not_needed_are_passed_over():
    st, known = statement("sharp.plateau.upper"), {"L": 1, "alpha": 0.1, "sigma": 0.3}
    assert st(**known, extra="whatever", D_in=None) == st(**known)


@pytest.mark.parametrize("seen", [math.nan, math.inf])
def test_what_was_observed_is_carried_into_the_value_but_not_explained(seen):
    st = statement("sharp.root-mean-square")
    known = {**VALUES, "gradient": seen, "y": seen}
    assert not math.isfinite(st(**known))
    with pytest.raises(InputError, match="finite number >= 0"):
        st.explain(**known)
    with pytest.raises(InputError, match="finite number >= 0"):
        st(**{**known, "gradient": -1.0, "y": -1.0})


def test_zero_and_huge_whole_numbers_are_quantities():
    assert statement("sharp.plateau.upper")(L=1.0, alpha=0.1, sigma=0) == 0
    assert statement("sharp.maml.guarantee")(**{**VALUES, "B": 10**30, "K": 10**30}) > 0


def test_the_edge_of_the_domain_is_inside_despite_rounding():
    for smoothness in (3.0, 7.0, 0.3, 1e-7):
        values = {**VALUES, "L": smoothness, "alpha": 1 / (10 * smoothness), "rho": 0.0}
        assert statement("paper.fo-maml.accuracy")(**values) > 0


def test_a_missing_value_is_named():
    with pytest.raises(InputError, match="sigma = None"):
        statement("sharp.plateau.upper")(L=1.0, alpha=0.1)


def test_an_unknown_statement_is_told_the_nearest_names():
    with pytest.raises(InputError, match=r"sharp\.maml\.guarantee"):
        statement("sharp.maml.garantee")


def test_explain_names_the_binding_condition():
    told = statement("sharp.maml.guarantee").explain(**{**VALUES, "c": 0.93})
    assert told["binding"] == "step factor"
    assert told["value"] == pytest.approx(statement("sharp.maml.guarantee")(**{**VALUES, "c": 0.93}))
    assert told["parts"]["x"] == pytest.approx(VALUES["alpha"] * VALUES["L"])


def test_a_wrong_unit_is_caught_wherever_it_stands():
    good = statement("paper.maml.accuracy")
    mixed = {"expression": good.expression + sigma**2}
    wrong = {"expression": good.expression * L}
    condition = {"domain": (Condition("Hessian batch", 36 * (alpha * rho * sigma) ** 2, B),)}
    part = {"where": (replace(good.where[0], expression=good.where[0].expression * L),)}
    for sabotaged in (mixed, wrong, condition, part):
        with pytest.raises(UnitError):
            replace(good, **sabotaged)


@pytest.mark.parametrize(
    "where", [(), (Definition(defined("p"), defined("later")), Definition(defined("later"), L))]
)
def test_an_unknown_symbol_is_refused(where):
    good = statement("sharp.plateau.upper")
    with pytest.raises(InputError, match="later"):
        replace(good, expression=good.expression * (defined("p") if where else defined("later")), where=where)
    with pytest.raises(InputError, match="strange"):
        replace(good, domain=(Condition("inner step", defined("strange"), 1),))
    lookalike = sp.Symbol("L")
    with pytest.raises(InputError, match="L"):
        replace(good, expression=lookalike * good.expression / L)


def test_each_recorded_statement_names_its_provenance():
    for name, st in statements().items():
        assert (st.provenance == "recorded") == bool(st.marks), name
        assert name.startswith(("paper.", "multi-step.")) or st.provenance != "recorded"
        assert set(st.marks) <= set(MARKS)
    with pytest.raises(InputError, match="marks"):
        replace(statement("paper.maml.accuracy"), marks=())
    with pytest.raises(InputError, match="hearsay"):
        replace(statement("paper.maml.accuracy"), marks=("hearsay",))
    with pytest.raises(InputError, match="any other none"):
        replace(statement("sharp.plateau.upper"), marks=("notes",))


def test_what_stands_in_for_the_paper_says_so():
    ours = [st for name, st in statements().items() if name.startswith("paper.") and not st.marks]
    assert {st.name.rpartition(".")[2] for st in ours} == {"tasks", "inner-batch", "outer-batch"}
    for st in ours:
        assert "our" in st.title
        assert st.source.startswith("ours, in place of")
        assert "not in the record" in st.note


def test_what_the_remarks_say_is_so():
    for name in (
        "paper.step.tasks",
        "paper.step.samples",
        "paper.maml.hessian-batch",
        "paper.hf-maml.hessian-batch",
    ):
        assert "epsilon" in statement(name).note
        assert not {"epsilon", "D_o", "D_in"} & set(statement(name).symbols)
    assert statement("paper.smoothness")(**{**VALUES, "mean_norm": 1e9}) > 1e6


def test_the_factor_of_a_mean_of_matrices_is_the_least_over_all_orders():
    orders = np.linspace(2, 60, 200_001)
    for d in (1, 2, 7, 8, 30, 10**6):
        found = statement("sharp.matrix.mean")(d=d, sigma_H=1, D_h=1)
        assert found == pytest.approx(((orders - 1) * d ** (2 / orders)).min(), rel=1e-8)
        assert found <= d


def test_without_replacement_all_tasks_together_do_not_vary():
    assert statement("sharp.tasks.without-replacement")(B=7, n_tasks=7, variance=2.0) == 0
    assert statement("sharp.tasks.without-replacement")(B=1, n_tasks=7, variance=2.0) == 2
    with pytest.raises(DomainError):
        statement("sharp.tasks.without-replacement")(B=8, n_tasks=7, variance=2.0)


def test_definitions_that_are_not_used_are_dropped():
    st = statement("sharp.plateau.upper")
    assert [d.symbol.name for d in st.where] == ["x"]
    assert st.symbols == ("L", "sigma", "alpha")
    assert unit(1, -1) == QUANTITIES[epsilon.name].unit


@pytest.mark.parametrize("name", ["", "my theorem", "a//b", ".a", "a..b", "a\nb"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(InputError, match="name of a statement"):
        derived(name, "told", "x", sigma, GRADIENT, "told", unmeasured="a test")


@pytest.mark.parametrize("number", [sp.oo, -sp.oo, sp.zoo, sp.nan])
def test_what_is_not_finite_is_no_formula(number):
    with pytest.raises(InputError, match="must be finite"):
        derived("told", "told", "x", sigma * number, GRADIENT, "told", unmeasured="a test")
    with pytest.raises(InputError, match="must be finite"):
        Condition("told", sigma, number)


def test_a_condition_with_two_units_is_told_them_in_words():
    domain = (Condition("told", sigma, L),)
    with pytest.raises(UnitError, match="compares the units F W"):
        derived("told", "told", "x", sigma, GRADIENT, "told", domain=domain, unmeasured="a test")
