"""Pools of processes: a script that starts a run outside of the guard is told so once."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from bounds.processes import leave_if_run_again

RUN = "import empirics\nempirics.run_sweep({suite!r}, {out!r}, workers=2)\n"
SUITE = """
replicates = 2
iterations = 3
[[grid]]
problem = ["plateau:dim=1"]
algorithm = ["maml"]
epsilon = [0.3]
seeds = 3
"""


def test_a_worker_that_comes_to_the_run_again_ends_without_a_word(tmp_path, capfd):
    script = tmp_path / "script.py"
    script.write_text("from bounds.processes import ready\nready(())\n")
    with pytest.raises(SystemExit, match="1"):
        runpy.run_path(str(script), run_name="__mp_main__")
    assert capfd.readouterr() == ("", "")


def test_what_a_worker_calls_may_open_a_pool_of_its_own():
    scope = {"__name__": "__mp_main__", "leave_if_run_again": leave_if_run_again}
    exec("def called():\n    leave_if_run_again()", scope)
    scope["called"]()


@pytest.mark.slow
def test_a_script_without_the_guard_gets_one_traceback(tmp_path):
    suite, script = tmp_path / "suite.toml", tmp_path / "script.py"
    suite.write_text(SUITE)
    script.write_text(RUN.format(suite=str(suite), out=str(tmp_path / "out")))
    paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
    outcome = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, env=os.environ | paths
    )
    assert outcome.returncode == 1
    assert outcome.stderr.count("Traceback") == 1
    assert "outside of `if __name__ == '__main__':`" in outcome.stderr
