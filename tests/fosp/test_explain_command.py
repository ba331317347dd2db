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
    outcome = cli("explain", "zzz")
    assert (outcome.code, outcome.out) == (2, "")


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
