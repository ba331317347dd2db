"""Two drivers, a dead holder, a full disk, workers and clusters that are lost."""

from __future__ import annotations

import os
import resource
import signal
import socket
import time

import pytest
from fault_tools import RUN, child

from bounds.files import LOCK
from bounds.locking import locked
from fosp.output import check_run_directory

pytestmark = pytest.mark.faults


def holding(directory) -> int:
    """Hold a directory in another process until it is killed."""
    pid = os.fork()
    if pid == 0:
        with locked(directory):
            time.sleep(60)
        os._exit(0)
    while not ((directory / LOCK).is_file() and (directory / LOCK).read_text()):
        time.sleep(0.01)
    return pid


def test_a_second_driver_is_told_who_holds_it_and_a_dead_one_holds_nothing(fosp):
    holder = holding(fosp.here / "run")
    try:
        for _ in range(2):
            assert fosp(*RUN) == 2
            assert fosp.said.count("\n") == 1
            assert f"in use by process {holder} on {socket.gethostname()} since 20" in fosp.said
    finally:
        os.kill(holder, signal.SIGKILL)
        os.waitpid(holder, 0)
    assert (fosp.here / "run" / LOCK).exists()
    assert fosp(*RUN) == 0, fosp.said
    assert not (fosp.here / "run" / LOCK).exists()


def test_many_at_once_leave_one_right_result(fosp, make_fosp):
    alone = make_fosp("alone")
    assert alone(*RUN) == 0
    pids = []
    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            os._exit(fosp(*RUN))
        pids.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    assert 0 in codes
    assert set(codes) <= {0, 2}
    assert (fosp.here / "run/verdicts.json").read_bytes() == (alone.here / "run/verdicts.json").read_bytes()


def test_looking_at_one_place_at_once_refuses_nobody(tmp_path):
    def look() -> int:
        for _ in range(500):
            check_run_directory("out", tmp_path / "run")
        return 0

    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            os._exit(child(look)[0])
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 4


@pytest.mark.parametrize("size", [0, 500, 2_000, 4_000, 8_000])
def test_a_full_disk_leaves_what_the_same_command_goes_on_with(fosp, make_fosp, size):
    alone = make_fosp("alone")
    assert alone(*RUN) == 0

    def fill():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    assert fosp(*RUN, before=fill) not in (0, 1)
    assert fosp(*RUN) == 0, fosp.said
    assert (fosp.here / "run/verdicts.json").read_bytes() == (alone.here / "run/verdicts.json").read_bytes()
    assert {p.name for p in (fosp.here / "run").iterdir()} == {p.name for p in (alone.here / "run").iterdir()}


@pytest.mark.parametrize("engine", ["local", "serial"])
def test_a_run_in_processes_survives_files_named_like_the_standard_library(fosp, engine):
    for name in ("random", "json", "selectors", "queue", "tempfile", "numpy", "pandas", "torch"):
        (fosp.here / f"{name}.py").write_text(f"open('executed-{name}', 'w').close()\nraise SystemExit(9)\n")
    import subprocess
    import sys
    from pathlib import Path

    env = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    code = "import sys; sys.path[:] = [p for p in sys.path if p]; from fosp.__main__ import main"
    argv = [*RUN[:2], "--engine", engine, "--out", "run"]
    guard = f"{code}\nif __name__ == '__main__': sys.exit(main({argv}))\n"
    script = fosp.here.with_name("fosp-script.py")
    script.write_text(guard)
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, str(script)], cwd=fosp.here, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(fosp.here.glob("executed-*")) == []
