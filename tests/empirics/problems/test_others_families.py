"""One file adds a problem family, from this folder or from a package of others."""

from __future__ import annotations

import pytest

from bounds.errors import InputError
from bounds.members import THEORY
from empirics import problems
from empirics.identity import problem_identity
from empirics.problems.ripple import Ripple

FILE = '''
from dataclasses import dataclass
from typing import ClassVar

from empirics.problems.ripple import Ripple


@dataclass(frozen=True, kw_only=True)
class Wave(Ripple):
    """Ripples under another name."""

    family: ClassVar[str] = "{name}"


@dataclass(frozen=True, kw_only=True)
class NoFamilyOfItsOwn(Ripple):
    """A class that names itself no family."""


@dataclass(frozen=True, kw_only=True)
class NotTyped(Ripple):
    """A family that cannot be typed: a parameter has no default."""

    family: ClassVar[str] = "not-typed"
    columns: dict
'''


@pytest.fixture
def added(tmp_path, monkeypatch):
    def add(module, name):
        (tmp_path / f"{module}.py").write_text(FILE.format(name=name))
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv(THEORY, module)
        return tmp_path / f"{module}.py"

    return add


def test_it_is_listed_and_built(added):
    before = [family.name for family in problems.families()]
    added("waves", "wave")
    assert [family.name for family in problems.families()] == [*before, "wave"]
    made = problems.from_spec("wave:dim=2,n_tasks=4")
    assert made.spec.startswith("wave:")
    assert made.constants() == Ripple(dim=2, n_tasks=4).constants()


def test_results_are_kept_under_the_text_that_made_them(added):
    file = added("kept_waves", "kept-wave")
    first = problem_identity("kept-wave:dim=2,n_tasks=4")
    file.write_text(file.read_text() + "\n# another text\n")
    second = problem_identity("kept-wave:dim=2,n_tasks=4")
    assert first["files"].keys() == second["files"].keys() == {"kept_waves"}
    assert first["files"] != second["files"]
    assert problem_identity("ripple:dim=2,n_tasks=4") is None


def test_a_parameter_that_cannot_be_typed_is_said_to_be_one(added):
    file = added("odd_waves", "odd-wave")
    file.write_text(file.read_text().replace("columns: dict", "columns: tuple = ()"))
    assert {f.name for f in problems.families()} >= {"odd-wave", "not-typed"}
    with pytest.raises(InputError, match="columns = '3': must be a tuple, which cannot be typed"):
        problems.from_spec("not-typed:columns=3")


def test_a_name_that_is_taken_is_refused(added):
    added("taken_waves", "ripple")
    with pytest.raises(InputError, match="'ripple'"):
        problems.families()


def test_without_it_nothing_is_known_of_it():
    with pytest.raises(InputError):
        problems.from_spec("wave:dim=2")
