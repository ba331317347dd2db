"""Proofs as they are read: nothing of the derivation is missing, and what is written compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from xml.dom.minidom import parseString

import pytest
import sympy as sp
from derived import derived

from bounds import statements
from bounds.catalogue import statement
from bounds.derivation.claim import le, lt
from bounds.derivation.step import Step
from bounds.derivation.tools import var
from bounds.pages import striking
from bounds.plainly import at_typical_numbers, sentence
from bounds.rendering import claims, paper, prose
from bounds.rendering.proof import proof, told
from bounds.stating import GRADIENT
from bounds.stating import derived as state
from bounds.symbols import sigma
from bounds.typical import look
from fosp import proofs

LATEX = shutil.which("pdflatex")
LEMMAS = [name for name, st in statements().items() if st.chapter != "theorems"]


@pytest.mark.parametrize("name", LEMMAS)
def test_a_proof_has_every_step_and_fact_of_the_derivation(name):
    st = statement(name)
    lines = [line for part in proof(st).parts for line in part.lines]
    items = derived(name).items
    assert len(lines) == len(items)
    decided = [line.claim for line in lines if line.kind == "step"]
    assert set(decided) <= {item.claim for item in items if isinstance(item, Step)}
    assert {line.reason for line in lines if line.kind == "fact"} == {a.name for a in derived(name).axioms}


def test_a_step_that_is_added_is_read():
    st = statement("sharp.smoothness")
    more = Step("one step more", le(st.expression, st.expression + 1))
    longer = replace(st, proof=lambda altered: (*st.proof(altered), more))
    assert proof(longer).parts[-1].lines[-1].claim == more.claim


def test_a_brief_proof_names_the_lemmas_where_its_parts_are_shown():
    st = statement("sharp.maml.guarantee")
    brief = proof(st, brief=True)
    homes = {part.elsewhere for part in brief.parts if part.elsewhere}
    assert "sharp.matrix.inner" in homes
    for part in brief.parts:
        if part.elsewhere:
            shown = [one.formula for one in proof(statement(part.elsewhere)).parts]
            assert part.formula in shown


@pytest.mark.parametrize("name", LEMMAS)
def test_claims_are_written_in_every_form(name):
    found = proof(statement(name))
    for part in found.parts:
        for line in part.lines:
            for claim in filter(None, (line.claim, *line.given)):
                assert "_" not in parseString(claims.mathml(claim, found.names)).documentElement.toxml()
                assert not re.search(r"[a-z]{2}_[a-z]", claims.unicode(claim, found.names))
                assert " ".join(claims.lines(claim, found.names))


def test_a_long_claim_is_broken_between_its_terms():
    found = proof(statement("sharp.maml.constant"))
    lines = [line.claim for part in found.parts for line in part.lines if line.claim is not None]
    longest = max((claims.lines(claim, found.names) for claim in lines), key=len)
    assert len(longest) > 3
    assert sum(line.startswith(("=", r"\le")) for line in longest) == 1


@pytest.mark.parametrize("name", statements())
def test_every_statement_has_a_sentence_and_a_value(name):
    st = statement(name)
    assert sentence(st).endswith(".")
    values, value = look(st)
    assert float(st(**values)) == value
    assert at_typical_numbers(st)


def test_the_numbers_by_which_a_statement_is_known():
    assert striking(statement("paper.maml.accuracy")) == ["61", "911/1000"]
    assert striking(statement("sharp.gradient-relation")) == []


@pytest.mark.skipif(LATEX is None, reason="LaTeX is not installed")
def test_the_lemmas_and_a_theorem_compile(tmp_path):
    chosen = [statement(name) for name in (*LEMMAS, "sharp.hf-maml.guarantee", "sharp.maml.constant")]
    _compile(tmp_path, paper.document(chosen))


def _compile(tmp_path, body):
    text = rf"\documentclass{{article}}{paper.PREAMBLE}\begin{{document}}{chr(10)}{body}{chr(10)}\end{{document}}"
    (tmp_path / "proofs.tex").write_text(text, encoding="utf-8")
    command = [LATEX, "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "proofs.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


def test_a_proof_is_plain_data():
    found = told(proof(statement("sharp.inner.bias")), claims.latex, prose.latex)
    kinds = {line["kind"] for part in found["parts"] for line in part["lines"]}
    assert kinds >= {"fact", "step"}
    assert all(
        isinstance(one, str) for part in found["parts"] for line in part["lines"] for one in line["given"]
    )


def _from(claim, given=()):
    """Return a statement whose one step is this, beside one that is decided."""
    steps = (Step("fine", le(var("b"), sigma), (le(var("b"), sigma),)), Step("last", claim, given))
    st = state("told", "told", r"\|g\|", sigma, GRADIENT, "told", proof=lambda st: steps, unmeasured="a test")
    return st, proof(st)


A = var("a")
FAILING = {
    "refuted": (le(A, sigma), (le(A, 5 * sigma),)),
    "loose": (le(A, sigma), (le(2 * A, sigma),)),
    "vacuous": (le(A, sigma), (lt(A, sigma), lt(sigma, A))),
    "unknown": (le(sp.exp(A), sigma), (le(A, sigma),)),
}


@pytest.mark.parametrize("status", FAILING)
def test_what_is_not_decided_is_nowhere_called_decided(status):
    st, found = _from(*FAILING[status])
    last = found.parts[-1].lines[-1]
    assert (found.status, last.status) == (status, status)
    assert last.how.startswith(("REFUTED", "NOT DECIDED"))
    assert "decided by" not in last.how
    assert "refuted with" not in last.how
    plain = told(found, claims.latex, prose.plain)
    assert (plain["status"], plain["parts"][-1]["lines"][-1]["status"]) == (status, status)
    assert proofs.text(plain).startswith(f"derivation, {status}\n")
    text = "\n".join(paper.piece(st))
    assert f"Status: {status} (" in text
    assert r"\begin{proof}" + f"[Derivation, {status}]" in text
    assert r"\qedsymbol" in text


def test_what_is_decided_is_called_a_proof():
    st, found = _from(le(A, sigma), (le(A**2, sigma**2),))
    assert (found.status, found.heading) == ("decided", "proof")
    assert "Status: decided." in list(paper.piece(st))
    assert [line.status for line in found.parts[-1].lines] == ["definition", "decided"]


@pytest.mark.skipif(LATEX is None, reason="LaTeX is not installed")
def test_what_is_not_decided_compiles(tmp_path):
    body = "\n".join(line for args in FAILING.values() for line in paper.piece(_from(*args)[0]))
    _compile(tmp_path, body)


def test_a_variable_of_somebody_elses_proof_is_not_told_as_ours():
    gap, p, T = var("gap"), var("p"), var("T")
    found = _from(le(gap + p + T, sigma), (le(gap + p, sigma / 2), le(T, sigma / 2)))[1]
    assert found.notation == ()
    assert {found.names[s] for s in (gap, p, T)} == {r"\text{gap}", "p", "T"}


def test_our_part_in_somebody_elses_statement_keeps_our_words():
    ours = statement("sharp.inner.bias")
    theirs = replace(ours, proof=lambda st: (Step("last", le(var("gap"), st.expression), ()),))
    kept = [row for row in proof(ours).notation if "inner batch" in row[1]]
    assert kept
    assert set(kept) <= set(proof(theirs).notation)
    assert proof(theirs).names[var("gap")] == r"\text{gap}"
