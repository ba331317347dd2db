"""A statement is found by a word or a number, and its proof is printed in every form."""

from __future__ import annotations

import json

import pytest


def test_a_number_finds_the_statement_that_it_is_the_constant_of(cli):
    outcome = cli("explain", "61")
    assert outcome.code == 0
    assert "One of them: fosp explain paper.maml.accuracy" in outcome.out
    assert "sharp.maml.accuracy" not in outcome.out
    assert cli("explain", "911/1000").out.startswith("paper.maml.accuracy: ")


def test_a_word_finds_statements_and_json_lists_them(cli):
    found = [row["name"] for row in json.loads(cli("explain", "gradient", "--json").out)["statements"]]
    assert "sharp.gradient-relation" in found
    assert len(found) == len(set(found)) > 10


def test_values_need_one_statement(cli):
    outcome = cli("explain", "gradient", "L=1")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "is a word of" in outcome.err


def test_what_nothing_is_about_is_refused_with_the_nearest_names(cli):
    for word in ("zzz", "0.77123", "0/0", "no.such.name"):
        outcome = cli("explain", word)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert "was looked for in names, words and numbers" in outcome.err


def test_what_only_falsify_knows_is_told_with_where_it_is(cli):
    outcome = cli("explain", "fo-maml.any-epsilon")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "fosp falsify fo-maml.any-epsilon" in outcome.err
    assert "falsify" not in cli("explain", "fo-maml.any-epsilo").err


def test_a_paper_has_numbers_only_where_values_are_given(cli):
    asked, form = ("explain", "sharp.matrix.upper"), ("--latex", "--proof")
    plain = cli(*asked, *form).out
    assert r"\begin{proof}" in plain
    assert "At $" not in plain
    assert "is at most $1.5$" in cli(*asked, "L=1", "alpha=0.5", *form).out


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_outside_the_domain_no_part_has_a_number(cli, form):
    asked = ("explain", "sharp.gradient-relation", "L=1", "sigma=0.3", "y=0.1")
    outside, inside = (cli(*asked, f"alpha={alpha}", *form) for alpha in (0.9, 0.1))
    assert (outside.code, inside.code) == (0, 0)
    assert "-3.2" not in outside.out
    assert "0.9" in outside.out
    if form:
        assert json.loads(outside.out)["statement"]["parts"] == {}
        assert json.loads(inside.out)["statement"]["parts"]["x"] == 0.1


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ((), "decided by the solver z3"),
        (("--latex",), r"\begin{proof}"),
        (("--json",), '"notation"'),
        (("--html",), "decided by the solver z3"),
    ],
)
def test_the_proof_comes_in_every_form(cli, form, says):
    outcome = cli("explain", "sharp.smoothness", "--proof", *form)
    assert outcome.code == 0
    assert says in outcome.out


def test_a_proof_in_a_terminal_has_no_plain_letters_of_symbols(cli):
    text = cli("explain", "sharp.inner.bias", "--proof").out.split("proof\n", 1)[1]
    assert "‖" in text
    assert not any(word in text for word in ("||", "sigma_tilde", "grad ", "<=", "E_noise"))


@pytest.mark.parametrize("option", ["--latex", "--json"])
def test_options_may_stand_anywhere_among_the_values(cli, option):
    words = ["sharp.gradient-relation", "L=1", "sigma=2", "alpha=0.1", "y=1"]
    first = cli("explain", option, *words)
    assert first.code == 0
    assert all(cli("explain", *words[:k], option, *words[k:]) == first for k in range(1, len(words) + 1))
