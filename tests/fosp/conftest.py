from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from warm import Warm

from fosp.__main__ import main


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit code, and what it wrote on both streams."""

    code: int
    out: str
    err: str


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """Run a command in this process, in an empty working directory; however slow the machine, no progress."""
    monkeypatch.setattr("fosp.progress.PATIENCE", math.inf)

    def run(*argv: str) -> Outcome:
        capsys.readouterr()
        try:
            code = main(argv)
        except SystemExit as left:
            code = int(left.code or 0)
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def model(here: Path, request: pytest.FixtureRequest) -> str:
    """Write the test module's MODEL into a module of its own, and return that one's name."""
    name = f"own_model_{abs(hash(here)) % 10**8}"
    (here / f"{name}.py").write_text(request.module.MODEL)
    return name


@pytest.fixture
def forked(here: Path, warm: Warm) -> Callable[..., Outcome]:
    """Run a command in a fork of a process that has imported everything, in an empty working directory."""

    def run(*argv: str) -> Outcome:
        done = warm.run("fosp", *argv, cwd=here)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def shell(here: Path) -> Callable[..., Outcome]:
    """Run a command in a process of its own, in an empty working directory."""

    def run(*argv: str, python: Sequence[str] = ("-m", "fosp")) -> Outcome:
        command = [sys.executable, *python, *argv]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=here)
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run
