"""A statement is decided only where a step says what it says, and does not take it for granted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import expand

from bounds import ledger, statement
from bounds.concluding import unproved
from bounds.derivation import axioms
from bounds.derivation.claim import eq, le, lt
from bounds.derivation.deciding import decide
from bounds.derivation.restating import restates
from bounds.derivation.step import Step
from bounds.derivation.tools import identity, var
from bounds.errors import InputError
from bounds.parts import Definition
from bounds.stating import GRADIENT_SQUARED, derived
from bounds.symbols import defined, gradient, sigma, y

m, v = var("m"), var("v")
BOTH = gradient**2 + sigma**2
SHOWN = (le(m, gradient**2 + v), le(v, sigma**2))


def stated(expression, *items, **fields):
    more = fields | ({"proof": lambda st: tuple(i(st) if callable(i) else i for i in items)} if items else {})
    return derived(
        "told", "told", r"E\|g\|^2", expression, GRADIENT_SQUARED, "told", unmeasured="a test", **more
    )


def status(st):
    entry = ledger.decide(st)["entry"]
    return entry["status"], entry["reason"]


def concluding(st):
    return Step("Pythagoras", le(m, st.expression), SHOWN)


def wished(st):
    return Step("wish", le(2 * m, 2 * st.expression), (le(m, st.expression),))


TYPED = Step("Pythagoras", le(m, BOTH), SHOWN)
RESTATED = Step("again", le(m, BOTH), (le(m, BOTH),))
BESIDE = Step("between", le(v, sigma**2), (le(v, m), le(m, sigma**2)))


def test_a_statement_whose_step_concludes_with_its_expression_is_decided():
    assert status(stated(BOTH, concluding)) == ("decided", "")
    assert status(stated(BOTH, TYPED)) == ("decided", "")
    assert status(stated(BOTH, concluding, RESTATED, axioms.NORMS)) == ("decided given axioms", "")


@pytest.mark.parametrize("items", [(), (axioms.NORMS,)])
def test_without_a_step_it_is_unproved(items):
    assert status(stated(BOTH, *items)) == ("unproved", "no proof is given")


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (("trust me",), "'trust me': must return steps and facts for the statement, and nothing else"),
        ((TYPED, ["more"]), r"\['more'\]: must return"),
        (None, "is missing: must return|None: must return"),
    ],
)
def test_a_proof_that_returns_something_else_is_told_what(returned, words):
    with pytest.raises(InputError, match=f"proof of sharp.told.*{words}"):
        ledger.decide(replace(stated(BOTH), proof=lambda st: returned))


def test_a_reason_of_a_part_that_returns_something_else_is_told_what():
    part = Definition(defined("whole"), BOTH, "told", why=lambda expression, st: ("trust me",))
    with pytest.raises(InputError, match="trust me"):
        ledger.decide(stated(part.symbol, where=(part,)))


def test_an_empty_proof_is_none():
    st = replace(stated(BOTH), proof=lambda st: ())
    assert status(st) == ("unproved", "no proof is given")


@pytest.mark.parametrize("items", [(RESTATED,), (TYPED,), (BESIDE, axioms.NORMS)])
def test_a_proof_of_something_else_is_none(items):
    assert status(stated(gradient**2, *items)) == (
        "unproved",
        "no step concludes with the statement's expression",
    )


@pytest.mark.parametrize("more", [(), (axioms.NORMS,), (BESIDE,)])
def test_a_step_that_takes_the_statement_for_granted_shows_nothing(more):
    assert status(stated(gradient**2, wished, *more)) == ("unproved", "restates its hypothesis: wish")
    assert status(stated(BOTH, RESTATED, *more)) == ("unproved", "restates its hypothesis: again")


def itself(st):
    return Step("again", le(st.expression, st.expression))


def twice(st):
    return Step("twice", eq(2 * st.expression, st.expression * 2))


def rearranged(st):
    return Step("rearranged", le(expand(st.expression), st.expression))


def the_same(st):
    return identity("the same", st.expression, expand(st.expression))


@pytest.mark.parametrize("more", [(), (axioms.NORMS,), (BESIDE,)])
@pytest.mark.parametrize("step", [itself, twice, rearranged, the_same])
def test_a_step_that_would_hold_of_any_expression_shows_nothing(step, more):
    st = stated(gradient * (gradient + sigma), step, *more)
    name = step(st).name
    assert status(st) == ("unproved", f"compares an expression with itself: {name}")
    both = stated(gradient * (gradient + sigma), step, wished, step)
    reason = f"compares an expression with itself: {name}; restates its hypothesis: wish"
    assert status(both) == ("unproved", reason)


def test_what_compares_an_expression_with_itself_is_a_definition_by_any_method():
    for method in ("smt", "identity"):
        assert decide(Step("same", eq(BOTH, BOTH), method=method)).status == "definition"
    assert decide(Step("same", le(BOTH, BOTH))).status == "definition"
    assert decide(Step("same", le(y, y), (le(0, y), le(y, 1)), method="sturm")).definition
    assert status(stated(BOTH, Step("typed", le(BOTH, BOTH)))) == (
        "unproved",
        "compares an expression with itself: typed",
    )


def test_a_comparison_with_what_is_typed_is_a_definition_and_notices_a_change():
    typed = identity("typed", BOTH, BOTH)
    st = stated(BOTH, lambda st: identity("typed", st.expression, BOTH))
    assert decide(typed).status == "definition"
    assert status(st) == ("definition", "")
    assert status(replace(st, expression=2 * BOTH))[0] == "refuted"


def test_a_step_is_named_once():
    both = le(m, gradient**2)
    st = stated(gradient**2, wished, Step("wish", both, (both,)))
    assert status(st) == ("unproved", "restates its hypothesis: wish")


def test_a_wrong_step_is_still_told_first():
    found = status(stated(gradient**2, concluding))
    assert found == ("refuted", "a step does not follow: Pythagoras")


@pytest.mark.parametrize(
    ("claim", "given", "same"),
    [
        (le(m, v), le(m, v), True),
        (le(m, v), lt(2 * m, 2 * v), True),
        (lt(m, v), le(m, v), False),
        (le(m + y, v), le(m, v - y), True),
        (le(v, m), le(m, v), False),
        (eq(v, m), eq(2 * m, 2 * v), True),
        (le(m, v), eq(m, v), True),
        (le(m, 2 * v), le(m, v), False),
    ],
)
def test_what_restates(claim, given, same):
    assert restates(Step("s", claim, (given,))) is same


def test_a_step_that_restates_is_no_decision():
    assert decide(RESTATED).status == "definition"
    assert decide(TYPED).status == "decided"


@pytest.mark.parametrize(
    "name",
    [
        "sharp.matrix.upper",
        "sharp.confidence",
        "sharp.plateau.hf-maml.repair",
        "sharp.plateau.shared-hessian",
    ],
)
def test_what_is_shipped_concludes_and_without_its_last_steps_does_not(name):
    st = statement(name)
    assert unproved(st, ledger.derivation(st)) == ""
    cut = replace(st, proof=lambda st: ())
    assert unproved(cut, ledger.derivation(cut))
