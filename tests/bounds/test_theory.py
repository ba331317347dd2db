"""A theory is what its files offer: one file adds a statement, one an algorithm, from anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Rational

from bounds import dominance, statement, statements
from bounds.bound import nothing
from bounds.derivation.deciding import decide
from bounds.deriving import derivation
from bounds.ledger import SETTLED
from bounds.members import THEORY
from bounds.theory import directions
from bounds.theory.algorithms import algorithms

GUIDE = Path(__file__).parents[2] / "examples/own_theory.py"
LEMMA = """
from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.step import Step
from bounds.derivation.tools import var
from bounds.stating import GRADIENT, derived
from bounds.symbols import sigma
from bounds.theory import matrices

spread, kept, moved = var("spread"), var("kept"), var("moved")


def proof(st):
    given = (le(spread, kept + moved), le(kept, sigma), le(moved, matrices.x * sigma))
    return (axioms.NORMS, Step("stretched", le(spread, st.expression), given))


OWN = derived("own.spread", "own lemma", "s", {expression}, GRADIENT, "own", where=(matrices.X,), proof=proof)
"""
ALGORITHM = """
from sympy import sqrt

from bounds.theory import algorithms, directions
from bounds.theory.algorithm import Algorithm
from bounds.theory.difference import h2
from bounds.theory.directions import A0, A1, B0, B1
from bounds.theory.estimators import T, b
from bounds.theory.matrices import UPPER

ZERO = A0**2 + UPPER**2 * T + h2 * (B0**2 + T)
PARTS = (
    *directions.COMMON,
    directions.NOISE_OF_PRODUCT,
    *directions.four(
        "twice",
        (UPPER * b, 0, sqrt(ZERO), sqrt(A1**2 + h2 * B1**2)),
        bias=UPPER * b,
        spread=lambda left: (ZERO, A1**2 + h2 * B1**2),
    ),
)
TWICE = Algorithm("twice", PARTS, directions.different(PARTS))
"""
ASK = """
import json
from bounds import Constants, InputError, recommend, statements
from bounds.deriving import derivation
from bounds.derivation.deciding import decide

def asked(**options):
    constants = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)
    try:
        return recommend(constants, 0.1, "twice", **options).statement
    except InputError as error:
        return str(error)

def status(name):
    return [decide(step).status for step in derivation(statements()[name]).steps]

try:
    told = list(statements())
except InputError as error:
    told = str(error)
"""


def run(warm, folder, code: str, files: dict[str, str]):
    """Return what a process of its own prints that has the files as its own theory."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "ask.py").write_text(f"{ASK}\nprint(json.dumps({code}))", encoding="utf-8")
    done = warm.run("python", "ask.py", cwd=folder, environment=os.environ | {THEORY: ",".join(files)})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def own(tmp_path_factory, warm):
    """What one process says that has two lemmas, an algorithm and the example of the guide as its own theory."""
    files = {
        "own_lemma": LEMMA.replace("{expression}", "matrices.UPPER * sigma"),
        "own_wrong_lemma": LEMMA.replace("{expression}", "matrices.LOWER * sigma").replace(
            "own.spread", "own.less"
        ),
        "own_algorithm": ALGORITHM,
        GUIDE.stem: GUIDE.read_text(encoding="utf-8"),
    }
    code = """{
        "told": told,
        "lemmas": [status(f"sharp.own.{name}") for name in ("spread", "less")],
        "guide": status("sharp.adapted.mean"),
        "plans": [asked(alpha=0.1), asked(alpha=0.1, theory="paper"), asked()],
    }"""
    return run(warm, tmp_path_factory.mktemp("own"), code, files)


def test_files_add_statements_that_are_decided_or_refuted(own):
    assert {"sharp.own.spread", "sharp.own.less"} <= set(own["told"])
    assert [statuses[-1] for statuses in own["lemmas"]] == ["decided", "refuted"]


def test_the_statement_of_the_guide_is_decided(own):
    assert own["guide"] == ["decided", "decided"]


def test_a_file_adds_an_algorithm_that_is_recommended(own):
    plain, theory, alpha = own["plans"]
    assert {"sharp.twice.guarantee", "sharp.twice.bias", "sharp.twice.step-factor"} <= set(own["told"])
    assert plain.startswith("sharp.twice.guarantee")
    assert "has no recorded theorem" in theory
    assert "give alpha" in alpha


def test_an_added_algorithm_is_planned_for_on_the_command_line(tmp_path):
    (tmp_path / "own_command_algorithm.py").write_text(ALGORITHM, encoding="utf-8")
    known = "--L 1 --rho 1 --sigma 0.3 --sigma-tilde 0.3 --sigma-H 0.3 --Delta 1 --epsilon 0.1 --alpha 0.1"
    asked = f"-m fosp --theory own_command_algorithm recommend --algorithm twice {known}"
    done = subprocess.run(
        [sys.executable, *asked.split()],
        env={"PYTHONPATH": f"{tmp_path}:{':'.join(sys.path)}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert "twice" in done.stdout
    assert "Paper theory" not in done.stdout


def test_two_statements_of_one_name_are_refused(tmp_path, warm):
    twice = LEMMA.replace("{expression}", "matrices.UPPER * sigma").replace("own.spread", "gradient-relation")
    assert "is stated twice" in run(warm, tmp_path, "told", {"own_double": twice})


@pytest.mark.parametrize("name", statements())
def test_what_is_derived_has_a_proof_and_reasons_of_its_own(name):
    st = statement(name)
    if st.standing.kind == "derived":
        assert st.proof is not nothing
        assert [d.symbol for d in st.where if d.why is nothing] == []


def test_an_altered_statement_has_an_altered_derivation():
    st = statement("sharp.root-mean-square")
    known = set(derivation(st).steps)
    altered = replace(st, expression=st.expression * Rational(9, 10))
    (step,) = (step for step in derivation(altered).steps if step not in known)
    assert decide(step).status not in SETTLED


def test_a_recorded_statement_is_implied_by_the_one_that_sharpens_it():
    for name, sharper in dominance.pairs().items():
        found = derivation(statement(name))
        assert found.kind == "refuted" or found.reason == f"implied by {sharper.name}"


@pytest.mark.parametrize("name", algorithms())
def test_an_algorithm_has_its_four_parts_with_and_without_replacement(name):
    needed = {directions.R0, directions.R1, directions.v0, directions.v1}
    for parts in (algorithms()[name].parts, algorithms()[name].different):
        assert needed <= {part.symbol for part in parts}
