"""Every step of every derivation is decided; the deciders can say no."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from derived import derived

from bounds import statement, statements
from bounds.derivation import generic, identity, smt, sturm, subdivision, tools
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.deciding import decide
from bounds.derivation.step import Step
from bounds.deriving import derivation
from bounds.errors import InputError
from bounds.ledger import SETTLED
from bounds.symbols import L, alpha, defined, epsilon, gradient
from bounds.theory.algorithms import algorithms

a, b, x = sp.symbols("a b x", positive=True)
THIRD = sp.Rational(1, 3)
DEAR = "G against grad F"


def every_step() -> list[Step]:
    return list(dict.fromkeys(step for name in statements() for step in derived(name).steps))


def undecided(steps) -> list[tuple[str, str]]:
    outcomes = [(step.name, decide(step).status) for step in steps]
    assert len(outcomes) > 80
    return [(name, status) for name, status in outcomes if status not in SETTLED]


def test_every_kind_of_step_is_decided():
    """A part of each method, without the one on which the solver sits; the ledger says when any has changed."""
    steps = sorted(every_step(), key=lambda step: (step.name == DEAR, step.method))[:-1:3]
    assert {step.method for step in steps} == {step.method for step in every_step()}
    assert undecided(steps) == []


@pytest.mark.slow
def test_every_step_is_decided():
    assert undecided(every_step()) == []


@pytest.mark.parametrize("name", statements())
def test_a_statement_has_a_derivation_or_says_why_not(name):
    found = derived(name)
    assert found.steps or found.reason
    assert found.kind in ("hypothesis", "order", "refuted") or found.steps


def test_the_solver_proves_refutes_and_notices_what_says_nothing():
    young = Step("Young", le(2 * a * b, a**2 + b**2))
    assert smt.decide(young).status == "decided"
    assert smt.decide(replace(young, claim=le(3 * a * b, a**2 + b**2))).status == "refuted"
    assert smt.decide(replace(young, claim=le(a * b, a**2 + b**2))).status == "loose"
    assert smt.decide(replace(young, given=(lt(a, b), lt(b, a)))).status == "vacuous"


@pytest.mark.parametrize(("factor", "status"), [(1, "decided"), (2, "loose"), (Fraction(9, 10), "refuted")])
def test_a_step_without_points_is_tried_at_generic_values(factor, status):
    """As small as it may be for small alpha, a constant that is too large is not tight in general."""
    size, change = tools.var("size"), tools.var("change")
    given = (le(change, alpha * L * gradient), le(size, gradient + change))
    bound = (1 + sp.Rational(factor) * alpha * L) * gradient
    found = smt.decide(Step("one inner step", le(size, bound), given))
    assert found.status == status
    assert ("loose at" in found.detail) == (status == "loose")
    assert smt.decide(Step("anywhere", le(size, bound), given, points=generic.ANYWHERE)).status != "loose"


def test_a_value_that_nobody_can_know_is_asked_for():
    assert generic.at(epsilon, defined("eps2"))
    with pytest.raises(InputError, match="points = 'size'"):
        generic.at(tools.var("size"))
    assert generic.at(L, L=5) == {L: 5}


def test_a_proof_that_fails_is_its_authors_fault():
    def broken(st):
        return (at_all[L],)

    at_all = {}
    with pytest.raises(InputError, match=r"proof of sharp.smoothness.*KeyError"):
        derivation(replace(statement("sharp.smoothness"), proof=broken))


def test_a_bound_that_is_tight_at_one_point_only_is_loose():
    at_zero_only = Step("loose for x > 0", le(a, 1 / (1 - x) ** 3), (le(a, 1 / (1 - x) ** 2), le(x, THIRD)))
    assert smt.decide(at_zero_only).status == "loose"
    assert smt.decide(replace(at_zero_only, claim=le(a, 1 / (1 - x) ** 2))).decided


def test_the_solver_reads_roots_minima_and_branches():
    assert smt.prove(le(sp.sqrt(a * b), (a + b) / 2), ())[0] == "proved"
    assert smt.prove(le(sp.Min(a, b), sp.sqrt(a * b)), ())[0] == "proved"
    assert smt.prove(le(sp.Max(a, b), sp.sqrt(a * b)), ())[0] == "refuted"
    with pytest.raises(TypeError):
        smt.Encoder().expression(sp.sin(a))


def test_identities_are_decided_by_their_normal_form():
    root = sp.sqrt(1 + a**2)
    assert identity.is_zero((root + a) * (root - a) - 1)
    assert not identity.is_zero((root + a) * (root - a) - 1 - a)
    assert identity.decide(
        Step("square", eq((a + b) ** 2, a**2 + 2 * a * b + b**2), method="identity")
    ).decided
    assert (
        identity.decide(Step("square", eq((a + b) ** 2, a**2 + b**2), method="identity")).status == "refuted"
    )


def test_what_compares_an_expression_with_itself_is_a_definition_and_not_decided():
    square = Step("square", eq((a + b) ** 2, (a + b) ** 2), method="identity")
    assert identity.decide(square).status == "definition"
    assert (
        identity.decide(replace(square, claim=eq((a + b) ** 2, a**2 + 2 * a * b + b**2))).status == "decided"
    )
    assert identity.decide(replace(square, claim=eq((a + b) ** 2, a**2))).status == "refuted"


def test_sturm_counts_roots():
    inside = (le(0, x), le(x, sp.Rational(1, 2)))
    touching = Step(
        "touches at 1/4", le(0, (x - sp.Rational(1, 4)) ** 2), inside, "sturm", controls=(le(1, x),)
    )
    assert sturm.decide(touching).decided
    crossing = replace(touching, claim=le(0, x - sp.Rational(1, 4)))
    assert sturm.decide(crossing).status == "refuted"


def test_subdivision_proves_refutes_and_gives_up():
    box = {x: (0, 1)}
    assert subdivision.nonnegative(sp.Rational(11, 10) + x - sp.sqrt(1 + x), box)[0] == "proved"
    assert subdivision.nonnegative(x - THIRD, box)[0] == "refuted"
    assert subdivision.decide(
        1 - x * (1 - x), box, sp.Rational(7, 10) - x * (1 - x) - sp.Rational(1, 2)
    ).decided
    outcome = subdivision.nonnegative((x - THIRD) ** 2 - sp.Rational(1, 10**40), box)
    assert outcome[0] in ("unknown", "refuted")


def test_intervals_contain_the_exact_values():
    import numpy as np

    from bounds.derivation.intervals import Interval

    rng = np.random.default_rng(0)
    low = rng.normal(size=400)
    u, w = Interval(low, low), Interval(low[::-1].copy(), low[::-1].copy())
    for i in range(0, 400, 37):
        exact = [sp.Rational(float(v)) for v in (u.low[i], w.low[i])]
        for op in ("__add__", "__sub__", "__mul__"):
            found = getattr(u, op)(w)
            value = getattr(exact[0], op)(exact[1])
            assert sp.Rational(float(found.low[i])) <= value <= sp.Rational(float(found.high[i]))
        square = u.power(2)
        assert sp.Rational(float(square.low[i])) <= exact[0] ** 2 <= sp.Rational(float(square.high[i]))


def test_the_smallest_constants_are_smaller_than_the_recorded_ones():
    certified = {name: one.recorded.certificate.constant for name, one in algorithms().items()}
    assert certified["maml"] < 1
    assert certified["fo-maml"] < THIRD
    assert all(certified[name] < algorithms()[name].recorded.constant for name in ("maml", "fo-maml"))


@pytest.mark.parametrize(("name", "limit"), [("maml", 0.911), ("fo-maml", 0.277)])
def test_the_constant_as_a_function_stays_below_its_certified_value(name, limit):
    st, record = statement(f"sharp.{name}.constant"), algorithms()[name].recorded
    worst = max(
        st(L=1.0, alpha=float(record.largest_x) * i / 20, B=tasks, c=float(record.step_factor))
        for i in range(1, 21)
        for tasks in (20, 30, 100, 1e4, 1e9)
    )
    assert 0.97 * limit < worst <= limit
