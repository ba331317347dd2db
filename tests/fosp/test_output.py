from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from bounds import files
from bounds.errors import InputError
from fosp import output, tables
from validate.verdict import Status


def test_json_is_standard_json():
    text = output.json_text(
        {"a": float("nan"), "b": (1, np.float64(0.5)), "c": Status.FAILED, "d": np.int64(3)}
    )
    assert json.loads(text, parse_constant=pytest.fail) == {
        "schema": 1, "a": None, "b": [1, 0.5], "c": "FAILED", "d": 3,
    }  # fmt: skip


def test_a_file_is_whole_or_not_there(tmp_path: Path):
    target = tmp_path / "deep" / "plan.json"
    files.write_text(target, "first")
    with pytest.raises(UnicodeEncodeError):
        files.write_text(target, "second \ud800")
    assert target.read_text() == "first\n"
    assert [file.name for file in target.parent.iterdir()] == ["plan.json"]


def test_checking_a_directory_leaves_nothing_behind(tmp_path: Path):
    output.check_directory("out", tmp_path / "a" / "b")
    output.check_file("out", tmp_path / "a" / "plan.json")
    assert list(tmp_path.iterdir()) == []


def test_a_check_makes_no_directory_that_another_process_may_take_for_its_own(tmp_path: Path, monkeypatch):
    made = []
    monkeypatch.setattr(os, "mkdir", lambda *args: made.append(args))
    output.check_run_directory("out", tmp_path / "a" / "run")
    output.check_file("out", tmp_path / "b" / "plan.json")
    assert made == []


def test_what_a_check_tries_where_files_need_names_is_a_leftover(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(files.tempfile, "_O_TMPFILE_WORKS", False)
    names = []
    monkeypatch.setattr(files.tempfile._os, "unlink", lambda path: names.append(Path(path)))
    output.check_run_directory("out", tmp_path / "run")
    assert len(names) == 1
    assert names[0].parent == tmp_path
    assert files.is_leftover(names[0])


@pytest.mark.parametrize("name", ["n" * 300, "nul\0", "file/run", "nowhere"])
def test_a_name_that_no_directory_can_have_is_refused(tmp_path: Path, name):
    (tmp_path / "file").write_text("x")
    (tmp_path / "nowhere").symlink_to(tmp_path / "missing" / "place")
    with pytest.raises(InputError, match="that can be written"):
        output.check_run_directory("out", tmp_path / name)


def test_checking_a_directory_leaves_what_was_there(tmp_path: Path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    output.check_directory("out", kept)
    assert [file.name for file in kept.iterdir()] == ["file"]


def test_a_directory_below_a_file_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="must be a directory"):
        output.check_directory("out", tmp_path / "file" / "run")
    with pytest.raises(InputError, match="must be a directory"):
        output.check_directory("out", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "x"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (1234567, "1,234,567"),
        (10**12, "1e+12"),
        (0.1234567, "0.1235"),
        (1e-9, "1e-09"),
        (0.1, "0.1"),
    ],
)
def test_numbers_are_shown_for_readers(value, text):
    assert output.show(value) == text


def test_a_table_holds_every_cell_and_no_trailing_blanks(capsys):
    tables.print_table("title", ["a", "b"], [["1", "long " * 40], ["[bold]", "x"]], wrap=1)
    page = capsys.readouterr().out
    assert page.startswith("title\n")
    assert page.count("long") == 40
    assert "[bold]" in page
    assert all(line == line.rstrip() for line in page.splitlines())


def test_no_cell_is_cut_off_however_many_columns_there_are():
    row = ["sharp.hf-maml.guarantee.paper-step", "NOT_APPLICABLE", "5.22e-16", "-1.52e-12 to 2.57e-15"] * 2
    _, body = tables.table_lines(["a", "b", "c", "d"] * 2, [row])
    assert all(cell in body[0] for cell in row)


@pytest.fixture
def narrow(monkeypatch):
    """A terminal of 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(tables, "on_terminal", lambda: True)


def test_a_table_that_does_not_fit_is_a_list(narrow, capsys):
    tables.print_table(
        "a title that is longer than the terminal is wide", ["name", "", "c"], [["x" * 30, "y" * 20, "z"]]
    )
    page = capsys.readouterr().out
    assert page.splitlines() == [
        "a title that is longer than the terminal",
        "is wide",
        "",
        "x" * 30,
        f"    {'y' * 20}",
        "    c: z",
        "",
    ]  # fmt: skip


def test_what_is_compared_is_split_into_tables_that_fit(narrow, capsys):
    header = ["", *(f"algorithm {n}" for n in range(3))]
    tables.print_columns("title", header, [["samples per iteration", "1", "2", "3"], ["K", "4", "5", "6"]])
    lines = capsys.readouterr().out.splitlines()
    assert sum("samples per iteration" in line for line in lines) == 3
    assert [line for line in lines if "title" in line] == ["title"]
    assert all(len(line) <= 40 for line in lines)


def test_sentences_are_broken_between_words_on_a_terminal_only(narrow, capsys, monkeypatch):
    text = "one\n    indented words that go on for longer than forty columns do\n"
    tables.say(text)
    assert capsys.readouterr().out.splitlines() == [
        "one", "    indented words that go on for longer", "    than forty columns do", "",
    ]  # fmt: skip
    monkeypatch.setattr(tables, "on_terminal", lambda: False)
    tables.say(text)
    assert capsys.readouterr().out == text + "\n"
