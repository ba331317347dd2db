"""One file adds a claim, with its experiments and what a suite may say about them."""

from __future__ import annotations

import pytest

from bounds.errors import InputError
from bounds.members import THEORY
from validate import check
from validate.claim import claims, kinds
from validate.suite import for_problem, from_dict, load

FILE = '''
"""The start is where it is said to be."""

from validate.claim import Claim, Kind
from validate.claims.exact import exactly


def make(setting, table):
    yield from setting.pointwise("start")


def checks(experiment, frame, run):
    size = float(experiment.problem.start.norm())
    return [experiment.check("start", "sharp.plateau.upper", 0.5, exactly(size), algorithm="all")]


KIND = Kind("start", make, {"far": {"type": "boolean"}}, everyones=True, usual=({"problem": "ripple"},))
CLAIM = Claim("start", ("start",), checks)
'''
SPEC = "ripple:dim=2,n_tasks=4"


@pytest.fixture
def added(tmp_path, monkeypatch, request):
    name = f"others_{request.node.name}"
    (tmp_path / f"{name}.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(THEORY, name)
    return name


def test_it_is_asked_and_judged(added):
    assert list(claims())[-1] == "start"
    (row,) = check(SPEC, 0.3, claims=["start"]).verdicts
    assert (row.claim, row.bound) == ("start", 0.5)


def test_suites_know_its_table(added):
    assert from_dict({"start": [{"problem": SPEC, "far": True}]}).experiments(["start"])
    with pytest.raises(InputError, match="near"):
        from_dict({"start": [{"problem": SPEC, "near": True}]})
    assert ("start", {"problem": "ripple"}) in load("quick").tables
    assert for_problem((SPEC,), None)["start"] == [{"problem": SPEC}]


def test_without_it_nothing_is_known_of_it():
    assert "start" not in claims()
    assert "start" not in kinds()
    with pytest.raises(InputError, match="start"):
        from_dict({"start": [{"problem": SPEC}]})


def test_a_name_that_is_taken_is_refused(tmp_path, monkeypatch):
    (tmp_path / "taken.py").write_text(FILE.replace('Claim("start"', 'Claim("lemma"'))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(THEORY, "taken")
    with pytest.raises(InputError, match="'lemma'"):
        claims()
