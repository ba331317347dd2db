from __future__ import annotations

import json
from pathlib import Path

import pytest

from figures import Made, names


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Stand-in for the drawing: remember how it was called."""
    calls = []

    def make(run, only, out, formats, *, progress, say, trust, **asked):
        calls.append((run, only, out, formats, asked))
        say("plateau")
        progress(1, 2)
        files = tuple(out / f"plateau.{kind}" for kind in formats)
        return [
            Made("plateau", 2, files),
            Made("iterations", 3, missing="hitting times", command="fosp validate"),
        ]

    monkeypatch.setattr("figures.make", make, raising=False)
    return calls


def test_what_was_made_and_what_is_missing(cli, drawn):
    outcome = cli("figures", "--only", "plateau", "--only", "iterations", "--format", "svg,png")
    assert outcome.code == 2
    told = "fosp figures: --only = 'iterations': cannot be drawn: hitting times (fosp validate)\n"
    assert outcome.err == told
    nothing = {"seed": None, "replicates": None, "problem": None}
    assert drawn == [(None, ["plateau", "iterations"], Path("runs/figures"), ["svg", "png"], nothing)]
    assert "plateau" in outcome.out
    assert "svg png" in outcome.out
    assert "hitting times (fosp validate)" in outcome.out


def test_what_is_missing_is_no_error_where_it_was_not_asked_for(cli, drawn):
    outcome = cli("figures", "--format", "svg,png")
    assert (outcome.code, outcome.err) == (0, "")
    assert "hitting times (fosp validate)" in outcome.out
    assert cli("figures", "--only", "iterations", "--json").code == 2


def test_figures_of_ones_own_are_asked_for(cli, drawn):
    cli("figures", "--seed", "3", "--replicates", "6", "--problem", "ripple")
    assert drawn[0][-1] == {"seed": 3, "replicates": 6, "problem": "ripple"}


def test_the_document(cli, drawn):
    outcome = cli("figures", "--json", "--out", "here", "--format", "pdf")
    document = json.loads(outcome.out)
    assert document["schema"] == 1
    first, second = document["figures"]
    assert first == {
        "figure": "plateau",
        "number": 2,
        "files": ["here/plateau.pdf"],
        "missing": "",
        "command": "",
    }
    assert (second["files"], second["missing"]) == ([], "hitting times")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--replicates", "1"), "--replicates = 1"),
        (("--seed", "-1"), ">= 0"),
        (("nowhere",), "RUN = 'nowhere'"),
        (("/usr",), "must be a run directory"),
        (("--only", "plato"), f"must be one of {', '.join(names()[:2])}"),
        (("--format", "gif"), "--format = 'gif'"),
        (("--format", ""), "svg, pdf, png"),
        (("--out", "/dev/null/figures"), "--out = '/dev/null/figures'"),
        (("--out", "/proc/nowhere"), "must be a directory"),
    ],
)
def test_figures_that_cannot_be_made(cli, here, argv, says):
    outcome = cli("figures", *argv)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert says in outcome.err
    assert list(here.iterdir()) == []
