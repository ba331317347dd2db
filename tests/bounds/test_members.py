"""What a folder offers, and what outsiders add to it."""

from __future__ import annotations

from importlib import import_module

import pytest

from bounds.bound import Definition
from bounds.errors import InputError
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
