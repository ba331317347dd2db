from __future__ import annotations

import subprocess
import sys

import pytest

from bounds.errors import InputError
from empirics.engines import EngineError
from fosp.commands import problems


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch):
    def install(error: BaseException) -> None:
        def run(args):
            args.how_to_resume = "go on with: fosp problems --resume"
            raise error

        monkeypatch.setattr(problems, "run", run)

    return install


def test_ctrl_c_says_how_to_go_on(cli, raising):
    raising(KeyboardInterrupt())
    outcome = cli("problems")
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err == "fosp: interrupted; go on with: fosp problems --resume\n"


def test_refused_input_is_one_line(cli, raising):
    raising(InputError("a", 1, "must be\nsmaller", "try 0"))
    assert cli("problems").err == "fosp problems: a = 1: must be smaller; try 0\n"


def test_unfinished_work_is_one_line_and_says_how_to_go_on(cli, raising):
    raising(EngineError("the cluster was\nlost"))
    outcome = cli("problems")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "fosp problems: the cluster was lost; go on with: fosp problems --resume\n"


def test_a_fault_of_the_program_is_no_verdict(cli, raising):
    raising(RuntimeError("a bug"))
    outcome = cli("problems")
    assert outcome.code not in (0, 1, 2)
    assert "RuntimeError: a bug" in outcome.err


def test_a_reader_who_stops_reading_is_no_error():
    command = f"{sys.executable} -m fosp problems --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")
