"""Figures as somebody asks for them: another seed, other replicates, a problem of one's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bounds.errors import InputError
from figures import convergence, make, parts, style
from figures.asking import Asked
from figures.figure import figures

OWN = "ripple:dim=2,n_tasks=4"


def test_seed_and_replicates_are_those_of_everything_random():
    for figure in figures().values():
        asked = Asked(seed=7, replicates=5).experiments(figure)
        for one, usual in zip(asked, figure.needed, strict=True):
            assert (one.seed, one.replicates) == ((usual.seed, usual.replicates) if one.exact else (7, 5))
            assert replace(one, seed=usual.seed, replicates=usual.replicates).name == usual.name


def test_nothing_asked_is_the_figures_own():
    figure = figures()["k-shot"]
    assert [e.name for e in Asked().experiments(figure)] == [e.name for e in figure.experiments()]
    assert not Asked().anything
    with pytest.raises(InputError, match="replicates = 1"):
        Asked(replicates=1)


@pytest.mark.parametrize("name", [name for name, figure in figures().items() if figure.on is not None])
def test_a_problem_of_ones_own_is_drawn_and_named(name, tmp_path, monkeypatch):
    monkeypatch.setattr("figures.slack.SIZES", {"B": 4, "D_in": 4, "D_o": 2, "D_h": 2, "iterations": 40})
    monkeypatch.setattr("figures.batch_sizes.ITERATIONS", 30)
    monkeypatch.setattr("figures.batch_sizes.SIZES", (1, 4, 16))
    (made,) = make(only=name, out=tmp_path, formats=["svg"], problem=OWN, seed=5, replicates=4)
    caption = (tmp_path / f"{name}.txt").read_text()
    assert made.files
    assert "ripple:dim=2,n_tasks=4,seed=0" in caption
    assert "n = 4" in caption
    assert "seed 5" in caption
    assert "fixed point" not in caption


def test_figures_on_problems_of_their_own_say_so(tmp_path):
    (made,) = make(only="plateau", out=tmp_path, formats=["svg"], problem=OWN)
    assert made.files == ()
    assert "problems of its own" in made.missing
    assert made.command == "fosp figures --only plateau"
    assert list(tmp_path.iterdir()) == []


def test_what_was_run_is_not_run_otherwise(tmp_path):
    with pytest.raises(InputError, match="has been run already"):
        make(tmp_path, only="plateau", seed=3)


def test_nothing_stands_in_a_legend_that_is_not_drawn(frames):
    frame = frames["convergence"]
    with style.applied():
        whole = convergence.draw(frame)
        part = convergence.draw(frame[frame["quantity"] != "plateau"])
    label = "FO-MAML's predicted floor"
    said = [[text.get_text() for text in one.legends[0].get_texts()] for one in (whole, part)]
    assert [label in texts for texts in said] == [True, False]
    assert "fixed point" not in convergence.caption(frame[frame["quantity"] != "plateau"])
    assert parts.numbered(1, 2, "title") == "(b) title"
    assert parts.numbered(0, 1, "title") == "title"
