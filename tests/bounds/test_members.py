"""What a folder offers, and what outsiders add to it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from bounds import members as members_of
from bounds.bound import Definition
from bounds.errors import InputError
from bounds.installed import may_offer
from bounds.members import THEORY, members, sources

ONE = """
import sympy as sp
from bounds.bound import Definition
ONE = Definition(sp.Symbol('{0}'), sp.Integer(1))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch, request):
    """Return a way to write the modules of a package with a name of its own."""
    name = f"members_of_{request.node.originalname.removeprefix('test_')}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)

    def write(**modules: str) -> str:
        for module, text in modules.items():
            (tmp_path / name / f"{module}.py").write_text(text)
        return name

    return write


def _names(*places: str) -> list[str]:
    return [one.symbol.name for one in members(places, Definition)]


def test_place_orders_and_then_the_name(folder):
    last, first = "PLACE = 2\n" + ONE.format("last"), "PLACE = 1\n" + ONE.format("first")
    name = folder(a=last, b=first, d=ONE.format("d"), c=ONE.format("c"))
    assert _names(name) == ["first", "last", "c", "d"]


def test_tuples_are_looked_into_and_other_things_are_not_members(folder):
    name = folder(a=ONE.format("a") + "MANY = (Definition(sp.Symbol('b'), sp.Integer(1)), 3)\nTEXT = 'c'\n")
    assert _names(name) == ["a", "b"]


def test_equal_objects_are_two_members(folder):
    assert _names(folder(a=ONE.format("same"), b=ONE.format("same"))) == ["same", "same"]


def test_one_object_has_one_home(folder):
    name = folder(a=ONE.format("a"))
    folder(b=f"from {name}.a import ONE\n")
    with pytest.raises(InputError, match=rf"{name}\.b.*is offered by {name}\.a too; import the module"):
        _names(name)


def test_a_module_may_be_imported(folder):
    name = folder(a=ONE.format("a"))
    folder(b=f"from {name} import a\n" + ONE.format("b"))
    assert _names(name) == ["a", "b"]


def test_what_cannot_be_imported_is_not_left_out(folder):
    name = folder(a=ONE.format("a"), b="raise SystemExit(3)\n")
    with pytest.raises(InputError, match=rf"{name}\.b.*SystemExit"):
        _names(name)


def test_a_module_that_asks_for_all_while_it_is_imported_is_refused_and_loses_nothing(folder, monkeypatch):
    name = folder(
        a=ONE.format("a") + "from bounds.members import members\nmembers((__name__,), Definition)\n"
    )
    for _ in range(2):
        with pytest.raises(
            InputError, match="while it is itself being imported; take one statement from its"
        ):
            _names(name)
        with pytest.raises(InputError, match="while it is itself being imported"):
            import_module(f"{name}.a")
    folder(
        b=ONE.format("b") + "from bounds.theory import smoothness\nR = smoothness.RECORDED_SMOOTHNESS.name"
    )
    assert _names(f"{name}.b") == ["b"]


def test_others_come_last_and_once(monkeypatch):
    monkeypatch.setenv(THEORY, " one, two.three,one ,")
    assert sources("bounds.theory")[:3] == ("bounds.theory", "one", "two.three")
    monkeypatch.delenv(THEORY)
    assert "one" not in sources("bounds.theory")


def offering(place, text):
    """A distribution in a folder, with these entry points."""
    folder = place / "theirs-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(text)


@pytest.fixture
def alone(monkeypatch):
    """Without the files that other tests have left on the path."""
    monkeypatch.setattr("sys.path", [place for place in sys.path if not Path(place).is_file()])


@pytest.mark.usefixtures("alone")
def test_an_installed_theory_is_seen_and_other_distributions_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(members_of, "_installed", members_of._installed.__wrapped__)
    offering(tmp_path / "others", "[console_scripts]\nfosp-theories = theirs:main\n")
    monkeypatch.syspath_prepend(tmp_path / "others")
    assert not may_offer(members_of.GROUP)
    assert sources("bounds.theory") == ("bounds.theory",)
    offering(tmp_path / "ours", f"[{members_of.GROUP}]\nmine = their_package.theory\n")
    monkeypatch.syspath_prepend(tmp_path / "ours")
    assert may_offer(members_of.GROUP)
    assert sources("bounds.theory") == ("bounds.theory", "their_package.theory")


@pytest.mark.usefixtures("alone")
def test_what_cannot_be_looked_through_may_offer_something(tmp_path, monkeypatch):
    archive = tmp_path / "packages.zip"
    with monkeypatch.context() as patch:
        patch.syspath_prepend(archive)
        assert not may_offer(members_of.GROUP)
        archive.touch()
        assert may_offer(members_of.GROUP)

    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with monkeypatch.context() as patch:
        patch.setattr("sys.path", [*sys.path, tmp_path, "\0"])
        assert sources("bounds.theory") == ("bounds.theory",)
        patch.setattr("sys.path", [str(loop), *sys.path])
        assert may_offer(members_of.GROUP)

    class Finder:
        def find_distributions(self, context=None):
            return ()

    assert not may_offer(members_of.GROUP)
    monkeypatch.setattr("sys.meta_path", [Finder(), *sys.meta_path])
    assert may_offer(members_of.GROUP)
