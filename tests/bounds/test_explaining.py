"""What a reader is told, and the pages that are made of it."""

from __future__ import annotations

import json

import pytest
from fewer import every

import bounds
from bounds import InputError, explain, statements
from bounds.pages import GROUPS, page, write


@pytest.mark.parametrize("name", every(3, statements()))
def test_everything_is_told_and_is_json(name):
    told = explain(name)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["formula"].keys() == {"unicode", "latex", "mathml", "javascript", "plain"}
    assert told["ledger"]["status"] != "unknown"
    assert [s["name"] for s in told["symbols"]] == list(bounds.statement(name).symbols)


def test_values_add_the_value_its_parts_and_the_binding_condition():
    told = explain("sharp.plateau.upper", {"L": 2.0, "alpha": 0.05, "sigma": 0.3})
    assert told["at"]["value"] == bounds.statement("sharp.plateau.upper")(L=2.0, alpha=0.05, sigma=0.3)
    assert told["at"]["binding"] == "inner step"
    assert told["at"]["parts"] == {"x": 0.1}


@pytest.mark.parametrize(
    ("values", "says"), [({"Q": 1.0}, "must be a symbol"), ({"L": 1.0}, "sharp.plateau.upper needs")]
)
def test_values_that_do_not_fit(values, says):
    with pytest.raises(InputError, match=says):
        explain("sharp.plateau.upper", values)


def test_errata_and_dominance_are_told():
    told = explain("paper.second-moment")
    assert [e["identifier"] for e in told["errata"]] == ["E1"]
    assert told["dominance"]["finding"] == "fails somewhere"
    assert explain("sharp.gradient-relation")["dominance"]["finding"] == "dominates"


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_the_pages_hold_every_statement(tmp_path, monkeypatch, step):
    """Of a part of the theory, and of all of it."""
    told = dict(list(statements().items())[::step])
    monkeypatch.setattr(bounds, "statements", lambda: told)
    paths = write(tmp_path / "theory")
    assert len(paths) == len(told) + len(GROUPS) + 3
    whole = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert all(f"`{name}`" in whole for name in told)
    assert all(f"## {identifier}:" in whole for identifier in ("E1", "E2", "E3", "E4"))
    assert {st.chapter for st in statements().values()} == {key for key, _ in GROUPS}


def test_a_page_stands_alone():
    html = page([explain("sharp.maml.floor")])
    assert html.startswith("<!doctype html>")
    assert "http" not in html.replace("http://www.w3.org/1998/Math/MathML", "")
