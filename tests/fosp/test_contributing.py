"""What CONTRIBUTING.md says of its first example: a wrong statement, and a loose one, are refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"
MODULE = re.search(r"^```python\n# adapted\.py\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)[1]
FACTOR = "(1 + alpha * L) * gradient,"


@pytest.mark.parametrize(
    ("factor", "status"),
    [
        (FACTOR, "decided given axioms"),
        ("(1 + alpha * L / 2) * gradient,", "status: refuted (a step does not follow"),
        ("(1 + 2 * alpha * L) * gradient,", "status: loose (a tighter bound follows too"),
    ],
)
def test_the_statement_of_the_guide_is_decided_and_no_other(here, forked, factor, status):
    assert MODULE.count(FACTOR) == 1
    (here / "adapted.py").write_text(MODULE.replace(FACTOR, factor))
    outcome = forked("--theory", "adapted", "explain", "sharp.adapted.one-loss")
    assert (outcome.code, outcome.err) == (0, "")
    (line,) = re.findall(r"^status: .*$", outcome.out, re.MULTILINE)
    assert status in line


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ("points=(at(way),)", "proof of sharp.adapted.one-loss = 'way': has no generic value"),
        ("points=({}[L],)", "proof of sharp.adapted.one-loss = 'KeyError: L': must return steps and facts"),
    ],
)
def test_a_proof_that_cannot_be_read_is_refused_in_one_line(here, forked, points, says):
    module = MODULE.replace("given))\n", f"given, {points}))\n")
    assert module != MODULE
    (here / "adapted.py").write_text("from bounds.derivation.generic import at\n" + module)
    outcome = forked("--theory", "adapted", "explain", "sharp.adapted.one-loss")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert says in outcome.err


def test_an_axiom_that_nobody_tries_is_told_without_a_ratio(here, forked):
    own = MODULE.replace("(axioms.NORMS,", '(Axiom("mine", "a fact", "a book"),')
    (here / "adapted.py").write_text("from bounds.derivation.step import Axiom\n" + own)
    outcome = forked("--theory", "adapted", "explain", "sharp.adapted.one-loss")
    assert (outcome.code, outcome.err) == (0, "")
    assert "axiom: mine (a book)\n" in outcome.out
    assert "status: decided given axioms" in outcome.out


def test_a_wrong_statement_is_called_refuted_in_every_form(here, forked):
    (here / "adapted.py").write_text(MODULE.replace(FACTOR, "(1 + alpha * L / 2) * gradient,"))
    status = "tatus: refuted (a step does not follow: a way of "
    for form, says in (
        ((), "\nderivation, refuted\n"),
        (("--latex",), r"\begin{proof}[Derivation, refuted]"),
        (("--html",), "<h3>derivation, refuted</h3>"),
    ):
        out = forked("--theory", "adapted", "explain", "sharp.adapted.one-loss", "--proof", *form).out
        assert says in out
        assert status in out
    out = forked("--theory", "adapted", "explain", "sharp.adapted.one-loss", "--latex").out
    assert f"% s{status}" in out
