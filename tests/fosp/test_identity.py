"""A file with the name of one of our packages is noticed and named, before it is imported."""

from __future__ import annotations

import subprocess
import sys

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
