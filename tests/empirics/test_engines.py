"""The engines: order, failures, dead workers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import engine_work
import pytest

from bounds.errors import InputError
from empirics.engines import Failure, open_engine
from empirics.engines.local import LocalProcesses, Serial


@pytest.fixture(params=["serial", "local"])
def runner(request):
    return open_engine(request.param, workers=2)


def outcomes(runner, function, items):
    return dict(runner.map(function, items))


def test_the_names_of_the_engines():
    assert isinstance(open_engine("serial"), Serial)
    assert isinstance(open_engine("local", workers=1), Serial)
    assert open_engine("local", workers=3) == LocalProcesses(3)
    for name in ("", "cloud", "tcp:/x", "localhost:80"):
        with pytest.raises(InputError, match="engine"):
            open_engine(name)
    with pytest.raises(InputError, match="workers"):
        open_engine("local", workers=0)


def test_every_item_has_its_outcome(runner):
    assert outcomes(runner, engine_work.double, range(9)) == {number: 2 * number for number in range(9)}
    assert outcomes(runner, engine_work.double, []) == {}


def test_an_exception_is_a_failure_of_its_item_only(runner):
    found = outcomes(runner, engine_work.fail_on_three, range(5))
    assert found.pop(3).reason == "ValueError: three"
    assert found == {0: 0, 1: 1, 2: 2, 4: 4}


def test_a_worker_has_one_thread():
    assert set(outcomes(LocalProcesses(2), engine_work.threads, range(3)).values()) == {1}


def test_a_result_that_cannot_be_sent_is_a_failure():
    assert isinstance(outcomes(LocalProcesses(1), engine_work.not_picklable, [1])[0], Failure)


@pytest.mark.faults
def test_the_pool_outlives_a_killed_worker(tmp_path):
    items = [(number, str(tmp_path / "died")) for number in range(8)]
    found = outcomes(LocalProcesses(2), engine_work.die_once, items)
    assert (tmp_path / "died").exists()
    assert found == {number: 10 * number for number in range(8)}


def test_an_item_that_always_kills_its_worker_fails_alone():
    found = outcomes(LocalProcesses(2), engine_work.die_always, list(range(8)))
    assert "the worker process died twice" in found.pop(2).reason
    assert found == {number: 10 * number for number in range(8) if number != 2}


@pytest.mark.faults
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    told = tmp_path / "pid"
    script = tmp_path / "script.py"
    script.write_text(
        "import engine_work\n"
        "from empirics.engines.local import LocalProcesses\n"
        "if __name__ == '__main__':\n"
        f"    list(LocalProcesses(2).map(engine_work.sleep_and_tell, [{str(told)!r}]))\n"
    )
    folder = Path(__file__).parent
    paths = os.pathsep.join([str(folder), str(folder.parents[1])])
    parent = subprocess.Popen([sys.executable, str(script)], env=os.environ | {"PYTHONPATH": paths})
    try:
        worker = int(_wait_for(lambda: told.exists() and told.read_text()))
        parent.kill()
        parent.wait()
        assert _wait_for(lambda: not _alive(worker))
    finally:
        parent.kill()
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(told.read_text()), signal.SIGKILL)


def _wait_for(condition, seconds=40.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def _alive(pid):
    """Whether the process runs (one that waits to be collected does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
