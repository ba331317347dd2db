"""A file with the name of one of our packages is noticed and named, before it is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fosp import identity


def run(here, *argv, code=None):
    python = ["-c", code] if code else ["-m", "fosp"]
    done = subprocess.run(
        [sys.executable, *python, *argv], capture_output=True, text=True, check=False, cwd=here
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", identity.OWN)
@pytest.mark.parametrize("form", ["{}.py", "{}/__init__.py"])
def test_a_file_of_ones_own_is_named_and_not_run(tmp_path, name, form):
    file = tmp_path / form.format(name)
    file.parent.mkdir(exist_ok=True)
    file.write_text("raise SystemExit('it was run')\n")
    code, out, err = run(tmp_path, "problems")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert str(file) in err
    assert "rename it, or start from another folder" in err
    assert ("configobj" in err) == (name == "validate")


def test_the_public_names_say_it_too(tmp_path):
    (tmp_path / "bounds.py").write_text("raise SystemExit('it was run')\n")
    code, _, err = run(tmp_path, code="from fosp import recommend")
    assert code == 1
    assert "ImportError: import bounds" in err
    assert "it was run" not in err


def test_nothing_hides_what_is_ours(tmp_path, monkeypatch):
    (tmp_path / "figures").mkdir()
    monkeypatch.chdir(tmp_path)
    assert identity.hidden() == ""
    assert run(tmp_path, "--version")[0] == 0


def test_a_distribution_that_was_installed_over_ours_is_named(tmp_path):
    """Two distributions with one top-level package: the one that came last has its files in our folder."""
    copy = tmp_path / "site"
    for name in (*identity.OWN, "fosp"):
        source = Path(__file__).parents[2] / name
        shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "validate" / "__init__.py").write_text("from configobj.validate import *\n")
    record = copy / "configobj-5.0.9.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: configobj\nVersion: 5.0.9\n")
    (record / "top_level.txt").write_text("validate\n")
    done = subprocess.run(
        [sys.executable, "-m", "fosp", "problems"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(copy)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "configobj has one" in done.stderr
    assert "environment of its own" in done.stderr
