"""Ctrl-C as a terminal sends it, to the whole process group: one line, whenever it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SUITE = '[[grid]]\nproblem = "ripple:dim=4,n_tasks=6"\nepsilon = 0.1\nseeds = 40\n'
ROWS = "L,rho,sigma,sigma_tilde,sigma_H,Delta,epsilon\n" + "1,1,0.3,0.3,0.3,1,0.1\n" * 4000
COMMANDS = {
    "validate": "validate --problem ripple --epsilon 0.1 --out out",
    "figures": "figures --out out",
    "sweep": "sweep suite.toml --out out --workers 2",
    "recommend": "recommend --table rows.csv --workers 2 --out out.csv",
}
DELAYS = (0.3, 1, 2, 3, 4, 5, 6, 8, 10)
SILENT_START = 0.15
"""Seconds in which it is Python itself that starts, and answers."""


def started(here: Path, command: str) -> subprocess.Popen:
    (here / "suite.toml").write_text(SUITE)
    (here / "rows.csv").write_text(ROWS)
    return subprocess.Popen(
        [sys.executable, "-m", "fosp", *command.split()],
        cwd=here, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def said_when_interrupted(process: subprocess.Popen) -> str:
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert said.count("\n") == 1, said
    assert said.startswith("fosp: interrupted")
    return said


def servers_of(process: subprocess.Popen) -> list[int]:
    """The servers for workers that a process has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for child processes in /proc")
@pytest.mark.parametrize("later", [0.0, pytest.param(0.5, marks=pytest.mark.slow)])
def test_workers_that_are_starting_say_nothing(here, later):
    process = started(here, COMMANDS["sweep"])
    while process.poll() is None and not servers_of(process):
        time.sleep(0.01)
    time.sleep(SILENT_START + later)
    assert "go on with: fosp sweep --resume --out out" in said_when_interrupted(process)


@pytest.mark.parametrize("delay", [0.2, 0.25, 0.3, 0.35, 0.45])
def test_one_line_while_modules_are_imported(here, delay):
    process = started(here, COMMANDS["validate"])
    time.sleep(delay)
    said_when_interrupted(process)


@pytest.mark.slow
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("command", COMMANDS)
def test_one_line_at_every_moment(here, command, delay):
    process = started(here, COMMANDS[command])
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        said_when_interrupted(process)
    else:
        assert process.returncode == 0
