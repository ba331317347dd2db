"""Making figures: what is made, what is missing, and that a second time gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import re

import pandas as pd
import pytest
from PIL import Image

import figures
from bounds import files
from bounds.errors import InputError
from bounds.members import THEORY
from figures import figure, gallery, style

# From runs, measured and kept, drawn here from a seed, a map: the others are the same code again.
SOME = ("convergence", "cost", "step-moments", "plateau-map")
DATA = {".csv", ".parquet", ".txt"}


@pytest.fixture(scope="module")
def made(evidence, tmp_path_factory):
    out = tmp_path_factory.mktemp("pictures")
    figures.make(evidence.path, SOME, out, ("svg", "pdf"))
    return out, figures.make(evidence.path, out=out, formats=("png",))


def test_every_figure_is_made_with_data_and_caption(made):
    out, entries = made
    assert [entry.name for entry in entries] == list(figures.names())
    assert len(entries) == 13
    for entry in entries:
        assert entry.missing == ""
        endings = {file.suffix for file in entry.files}
        assert DATA | {".png"} <= endings
        assert all(file.stat().st_size > 0 for file in entry.files)
    for kind in ("svg", "pdf"):
        assert sorted(file.stem for file in out.glob(f"*.{kind}")) == sorted(SOME)


def test_csv_and_parquet_hold_the_same_table(made):
    out, entries = made
    for entry in entries:
        right = pd.read_parquet(out / f"{entry.name}.parquet")
        numbers = {name: [""] for name, kind in right.dtypes.items() if pd.api.types.is_numeric_dtype(kind)}
        left = pd.read_csv(out / f"{entry.name}.csv", keep_default_na=False, na_values=numbers)
        right = right.fillna({name: "" for name in right.columns if name not in numbers})
        pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=0, atol=0)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SOME else pytest.mark.slow) for name in figures.names()]
)
def test_a_second_time_gives_the_same_bytes_whatever_the_users_settings(name, made, evidence, tmp_path):
    """Also where a picture was saved in the other order, or alone."""
    import matplotlib

    before, _ = made
    kinds = (("svg",),) if name in SOME[1:] else (("pdf",), ("png", "svg"))
    if name not in SOME:
        figures.make(evidence.path, name, before := tmp_path / "before", ("svg", "pdf", "png"))
    with matplotlib.rc_context({"font.size": 17, "lines.linewidth": 5, "svg.hashsalt": "mine"}):
        again = {
            file for some in kinds for file in figures.make(evidence.path, name, tmp_path, some)[0].files
        }
    assert {file.suffix for file in again} >= {f".{kind}" for some in kinds for kind in some} | DATA
    assert [file.name for file in again if _digest(file) != _digest(before / file.name)] == []


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_empty_run_is_told_what_is_missing(tmp_path):
    (tmp_path / "experiments.json").write_text("[]")
    entry = figures.make(tmp_path, only=["convergence"], out=tmp_path / "out")[0]
    assert entry.files == ()
    assert "three algorithms" in entry.missing
    assert entry.command.startswith("fosp ")


def test_a_cell_that_is_gone_is_missing_not_wrong(evidence, tmp_path):
    rows = json.loads((evidence.path / "experiments.json").read_text())
    (tmp_path / "experiments.json").write_text(json.dumps(rows))
    made = figures.make(tmp_path, only=["plateau", "slack"], out=tmp_path / "out")
    assert all(entry.missing and entry.command for entry in made)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [({"only": "nonsense"}, "only"), ({"formats": ("gif",)}, "format"), ({"formats": ()}, "format")],
)
def test_bad_arguments_are_refused_before_anything_is_written(arguments, name, evidence, tmp_path):
    with pytest.raises(InputError) as error:
        figures.make(evidence.path, out=tmp_path / "out", **arguments)
    assert error.value.argument == name
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="run directory"):
        figures.make(tmp_path, out=tmp_path / "out")


def test_the_gallery_has_every_figure_its_caption_and_its_command(made, tmp_path):
    out, entries = made
    page = (out / "gallery.md").read_text()
    for entry in entries:
        caption = (out / f"{entry.name}.txt").read_text().strip()
        assert f"({entry.name}.png)" in page
        assert f"fosp figures --only {entry.name}" in page
        assert gallery.escaped(caption.split(". ", 2)[2]) in page
    published = gallery.publish(out, tmp_path).read_text()
    assert published.count("(gallery/") == 13
    assert len(list((tmp_path / "gallery").glob("*.png"))) == 13


def test_a_failed_write_leaves_nothing(tmp_path):
    def fails(path):
        path.write_text("half")
        raise RuntimeError("disk")

    with pytest.raises(RuntimeError):
        files.atomically(tmp_path / "a.txt", fails)
    assert list(tmp_path.iterdir()) == []


def test_series_differ_without_colour():
    looks = list(style.by_algorithm().values())
    assert len({str(look.linestyle) for look in looks}) == 3
    assert len({look.marker for look in looks}) == 3


def test_widths_are_those_of_a_two_column_paper(made):
    out, _ = made
    dots = style.RC["savefig.dpi"]
    for name in figure.figures():
        with Image.open(out / f"{name}.png") as picture:
            assert picture.width in (int(style.COLUMN * dots), int(style.PAGE * dots))
    for name in SOME:
        (points,) = re.findall(r'<svg[^>]*? width="([\d.]+)pt"', (out / f"{name}.svg").read_text())
        assert float(points) / 72 in (style.COLUMN, style.PAGE)


OTHERS = '''
"""How many there are."""

from figures import parts, style
from figures.figure import Figure


def data(evidence):
    import pandas as pd

    return pd.DataFrame({"x": [1, 2, 3], "value": [1.0, 4.0, 9.0]})


def draw(frame):
    picture, (axes,) = parts.canvas(style.COLUMN, 2)
    axes.plot(frame["x"], frame["value"])
    return picture


FIGURE = Figure("squares", "Squares", data, draw, lambda frame: "No seed: nothing is random.")
'''


def test_one_file_of_somebody_adds_a_figure(tmp_path, monkeypatch):
    (tmp_path / "somebodys_figure.py").write_text(OTHERS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(THEORY, "somebodys_figure")
    (entry,) = figures.make(None, "squares", tmp_path / "out")
    assert entry.number == len(figures.names()) == 14
    assert (
        tmp_path / "out" / "squares.txt"
    ).read_text().strip() == "Figure 14. Squares. No seed: nothing is random."
    assert "fosp figures --only squares" in (tmp_path / "out" / "gallery.md").read_text()
