"""Words with formulas in plain letters, set as formulas are."""

from __future__ import annotations

import re

import pytest

from bounds import statements
from bounds.errata import ERRATA
from bounds.ledger import entry
from bounds.rendering import prose
from bounds.rendering.formulas_in_words import typeset
from bounds.rendering.notation import parse
from bounds.rendering.proof import proof
from bounds.rendering.proof_names import NOTATION
from bounds.rendering.proof_names import QUANTITIES as LOCAL
from bounds.symbols import QUANTITIES

LEFT_OVER = re.compile(
    r"\|\||<=|>=|[\^~_<>]|\b(?:grad|Hess|sqrt|alpha|beta|sigma|epsilon|rho|delta|Lambda)\b"
)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("E beta~ <= mu1u / Lambda", r"$E \tilde \beta \le \bar\mu_1 / \Lambda$"),
        ("||grad f|| <= C1 ||grad F|| + C2 sigma", r"$\|\nabla f\| \le C_1 \|\nabla F\| + C_2 \sigma$"),
        ("a task's 2N factors about a number", r"a task's $2N$ factors about a number"),
        ("error of N differences, relative to ||v||", r"error of $N$ differences, relative to $\|v\|$"),
        ("drawn with probability q_J 2^-j", r"drawn with probability $q_{J} 2^{-j}$"),
        ("<v, w> of the K-shot mean", r"$\langle v, w\rangle$ of the $K$-shot mean"),
        ("at most ``2 (a + b)``, see sharp.floor", r"at most $2 (a + b)$, see \texttt{sharp.floor}"),
        ("the paper's theorem on F^ against F", r"the paper's theorem on $\hat F$ against $F$"),
        ("erratum E1: a gradient, an error, a bias", "erratum E1: a gradient, an error, a bias"),
        ("$x^2$ stays", "$x^2$ stays"),
        ("at most m binomial(k, h) chi^h", r"at most $m \operatorname{binom} (k, h) \chi ^{h}$"),
    ],
)
def test_the_formulas_in_words_are_found(text, latex):
    assert prose.latex(text) == latex


def words() -> set[str]:
    found = set()
    for name, st in statements().items():
        found |= {st.title, st.note, st.inhomogeneous, st.source, st.standing.reason}
        found |= {part.meaning for part in st.where} | {condition.name for condition in st.domain}
        found |= {step["name"] for step in entry(name)["steps"]}
        found |= {axiom["statement"] for axiom in entry(name)["axioms"]}
    return found


def test_no_plain_letters_are_left_of_a_formula():
    for text in words():
        for piece in typeset(text):
            assert piece.formula or piece.name or not LEFT_OVER.search(piece.text), text
            assert not piece.formula or parse(piece.text), text


def test_meanings_and_notation_are_set():
    texts = [q.meaning for q in QUANTITIES.values()] + [meaning for _, meaning in LOCAL.values()]
    texts += [meaning for _, meaning in NOTATION.values()]
    texts += [text for e in ERRATA.values() for text in (e.title, e.recorded, e.true, e.survives)]
    for text in texts:
        assert prose.html(text).count("<math") == sum(piece.formula for piece in typeset(text))
        assert not any(LEFT_OVER.search(piece.text) for piece in typeset(text) if not piece.formula), text
    for latex, _ in [*LOCAL.values(), *NOTATION.values()]:
        assert parse(latex)


def test_what_a_proof_talks_about_is_defined():
    found = proof(statements()["paper.maml.accuracy"])
    assert r"\psi(y)" in dict(found.notation)
    assert "as in sharp.maml.constant" in dict(found.notation)["A"]
