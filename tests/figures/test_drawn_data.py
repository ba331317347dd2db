"""The pictures show the tables, all of them, and nothing that was altered passes."""

from __future__ import annotations

import figure_artists as drawn
import numpy as np
import pytest

from figures import batch_sizes, displacement, style
from figures.figure import figures

CURVES = {
    "convergence": ("iteration", lambda f: f[(f["quantity"] == "grad_norm") | (f["algorithm"] == "maml")]),
    "plateau": ("x", lambda f: f),
    "iterations": ("x", lambda f: f[f["quantity"] != "recorded"]),
    "batch-sizes": ("x", lambda f: f),
    "k-shot": ("x", lambda f: f[f["algorithm"] == "maml"]),
    "displacement": ("x", lambda f: f[f["value"] > 1e-10]),
    "cost": ("d", lambda f: f[f["quantity"].isin(("work", "bytes", "seconds"))]),
    "samples": ("x", lambda f: f[f["quantity"] == "samples"]),
    "step-moments": ("x", lambda f: f[(f["kind"] != "recorded") | (f["sweep"] == "B_prime")]),
}


class Pictures(dict):
    """The picture of each table, drawn when it is first asked for; tests look at it only."""

    def __init__(self, frames):
        self.frames = frames

    def __missing__(self, name):
        with style.applied():
            self[name] = figures()[name].draw(self.frames[name])
        return self[name]


@pytest.fixture(scope="module")
def pictures(frames):
    return Pictures(frames)


@pytest.mark.parametrize("name", CURVES)
def test_every_row_of_the_table_is_drawn(name, frames, pictures):
    x, shown = CURVES[name]
    frame = frames[name]
    assert len(shown(frame)) > 5
    assert drawn.missing(shown(frame), pictures[name], x) == []


@pytest.mark.parametrize("name", CURVES)
def test_an_altered_number_is_noticed(name, frames, pictures):
    x, shown = CURVES[name]
    altered = frames[name].copy()
    row = shown(altered).dropna(subset=[x, "value"]).index[-1]
    altered.loc[row, "value"] *= 1.01
    assert len(drawn.missing(shown(altered), pictures[name], x)) >= 1


@pytest.mark.parametrize("name", ["convergence", "plateau", "batch-sizes", "step-moments"])
def test_intervals_are_drawn(name, frames, pictures):
    frame = frames[name]
    rows = frame[np.isfinite(frame["lo"]) & np.isfinite(frame["hi"])]
    rows = rows[(rows["quantity"] != "exponent") & (rows["lo"] > 0)]
    edges = drawn.bands(pictures[name])
    assert len(rows) > 3
    assert {drawn._digits(y) for y in [*rows["lo"], *rows["hi"]]} <= _nearly(edges)


def _nearly(edges):
    return edges | {drawn._digits(edge) for edge in edges}


def test_the_map_shows_its_numbers(frames, pictures):
    frame = frames["plateau-map"]
    figure = pictures["plateau-map"]
    values = {name: frame.pivot(index="R", columns="x", values=name) for name in ("predicted", "difference")}
    left, right = (np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes[:2])
    np.testing.assert_array_equal(left, values["predicted"].to_numpy())
    np.testing.assert_allclose(10.0**right, values["difference"].clip(lower=1e-16).to_numpy(), rtol=1e-12)


def test_the_ladder_shows_its_numbers(frames, pictures):
    frame = frames["slack"]
    figure = pictures["slack"]
    for axes, (_, rows) in zip(figure.axes, frame.groupby("panel", sort=False), strict=False):
        ratios = (rows["value"] / rows["value"].iloc[0]).to_numpy()
        ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
        np.testing.assert_allclose(ends, ratios[1:], rtol=1e-12)
        np.testing.assert_allclose([bar.get_x() for bar in axes.patches], ratios[:-1], rtol=1e-12)


def test_the_table_is_set_as_text_latex_and_markdown(frames, pictures):
    frame, module = frames["table1"], figures()["table1"]
    texts = module.texts(frame)
    written = [text.get_text() for text in pictures["table1"].axes[0].texts]
    for cell in frame["measured"]:
        assert cell in texts[".tex"]
        assert cell in texts[".md"]
        assert cell.replace("; ", "\n").replace("--", "–") in written


@pytest.mark.parametrize("name", figures())
def test_captions_are_complete(name, frames):
    caption = figures()[name].caption(frames[name])
    assert "seed" in caption
    assert "nan" not in caption
    assert len(caption) > 150


def test_each_problem_has_its_own_bound_beside_its_stop(frames, pictures):
    """A bound that is known at one factor only makes no line: it is seen all the same."""
    frame = frames["displacement"]
    tent = frame[(frame["panel"] == "hf-counterexample-tent") & (frame["quantity"] == "bound")]
    _, floors, recorded = pictures["displacement"].axes
    assert len(tent) == 1
    assert tent["value"].iloc[0] in drawn.dashes(floors)
    at_rule = frame[(frame["x"] == displacement.RECORDED_DELTA) & (frame["quantity"] == "bound")]
    assert set(at_rule["value"]) <= drawn.dashes(recorded)
    caption = displacement.caption(frame)
    for (_, row), reach in zip(at_rule.iterrows(), displacement.ALPHA.values(), strict=True):
        assert f"{row['problem']}, αL = {reach:.3g}: " in caption
        assert f"bound {row['value']:.4f}" in caption


def test_a_legend_tells_lines_and_panels_apart(pictures):
    legends = pictures["displacement"].legends
    lines = [line for one in legends for line in one.get_lines() if line.get_linestyle() != "None"]
    assert [one.get_title().get_text() for one in legends] == ["in (a)", "in (b) and (c)"]
    assert len({str(line._dash_pattern[1]) for line in lines}) == len(lines)


def test_a_caption_says_where_no_bound_exists(frames):
    frame = frames["batch-sizes"].copy()
    assert "No floor" not in batch_sizes.caption(frame.assign(value=1.0))
    bounds = frame["quantity"] == "bound"
    frame.loc[bounds, ["value", "fails"]] = [1.0, ""]
    frame.loc[bounds & (frame["sweep"] == "B") & (frame["x"] < 16), ["value", "fails"]] = [np.nan, "signal"]
    frame.loc[bounds & (frame["sweep"] == "D_o") & (frame["x"] < 4), ["value", "fails"]] = [np.nan, "tasks"]
    caption = batch_sizes.caption(frame)
    assert "No floor is derived at B = 1, 4 (its condition “signal” fails: at this step" in caption
    assert "No floor is derived at D_o = 1 (its condition “tasks” fails)." in caption


def test_a_bound_that_is_missing_names_the_condition_that_fails(frames):
    bounds = frames["batch-sizes"].query("quantity == 'bound'")
    assert bounds["value"].isna().any()
    assert ((bounds["fails"] == "") == bounds["value"].notna()).all()


def test_the_picture_and_the_table_of_the_slack_name_its_stages_alike(frames, pictures):
    table = figures()["slack"].texts(frames["slack"])[".md"]
    labels = [label.get_text() for label in pictures["slack"].axes[0].get_yticklabels()]
    assert len(labels) == 5
    assert all(f"| {label.replace('$', '').replace(chr(92), '')} |" in table for label in labels)
    assert "worst noise-free problem known" in figures()["slack"].caption(frames["slack"])


@pytest.mark.parametrize(
    ("name", "words"),
    [("k-shot", "K samples (shots)"), ("slack", "K = 3,000 iterations"), ("samples", "K its iterations"),
     ("iterations", "K(ε) on the mean number of iterations")],
)  # fmt: skip
def test_a_caption_says_what_its_k_counts(name, words, frames):
    assert words in figures()[name].caption(frames[name])
