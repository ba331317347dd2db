"""A shell that asks is answered: commands, options, and names that are looked up."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def offered(line, tmp_path, warm=None):
    """Return what is offered at the end of a line, by a new process or by a fork of a warm one."""
    answer = tmp_path / "answer"
    asked = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "COMP_LINE": line, "COMP_POINT": str(len(line))}
    env = os.environ | asked | {"_ARGCOMPLETE_STDOUT_FILENAME": str(answer)}
    if warm is not None:
        warm.run("fosp", cwd=tmp_path, environment=env)
    else:
        subprocess.run([sys.executable, "-m", "fosp"], env=env, check=False, capture_output=True, timeout=120)
    return answer.read_text().split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fosp rec", {"recommend"}),
        ("fosp recommend --sigma", {"--sigma", "--sigma-tilde", "--sigma-H"}),
        ("fosp recommend --algorithm h", {"hf-maml"}),
        ("fosp explain sharp.plateau.u", {"sharp.plateau.upper"}),
    ],
)
def test_a_shell_is_told_what_may_come(line, words, tmp_path):
    assert set(offered(line, tmp_path)) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("fosp figures --only plateau-", {"plateau-map"}),
        ("fosp validate --problem ripp", {"ripple"}),
        ("fosp validate --claims acc", {"accuracy"}),
        ("fosp validate --claims accuracy,err", {"accuracy,errata"}),
        ("fosp validate --claims accuracy,acc", set()),
        ("fosp report run --claims des", {"descent"}),
        ("fosp constants quad", {"quadratic"}),
    ],
)
def test_a_shell_is_told_what_is_looked_up(line, words, tmp_path, warm):
    assert set(offered(line, tmp_path, warm)) == words


@pytest.mark.parametrize(
    "asked", ["report r", "figures r", "figures --out r", "validate --out r", "sweep --out r"]
)
def test_where_a_run_is_named_directories_are_offered_and_no_files(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("run", "runs", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "report.html").touch()
    assert set(offered(f"fosp {asked}", tmp_path)) == {"run/", "runs/"}


@pytest.mark.parametrize(
    "module",
    [
        "bounds.ledger",
        "bounds.pages",
        "validate.instances",
        "figures.gallery",
        "studies.sabotage",
        "studies.power",
    ],
)
def test_help_of_every_entry_point_does_nothing_else(module, tmp_path, warm):
    done = warm.run("python", "-m", module, "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: python -m {module}")
    assert list(tmp_path.iterdir()) == []
