from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bounds.errors import InputError
from empirics.engines import EngineError
from fosp.commands import problems

PLAN = "recommend --epsilon 1 --L 1 --rho 1 --sigma 1 --sigma-tilde 1 --sigma-H 1 --Delta 1 --algorithm maml"


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch):
    def install(error: BaseException) -> None:
        def run(args):
            args.how_to_resume = "go on with: fosp problems --resume"
            raise error

        monkeypatch.setattr(problems, "COMMAND", problems.COMMAND._replace(run=run))

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
    """More is written than a pipe holds."""
    command = f"{sys.executable} -m fosp explain --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "{", "")


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(28, "No space left on device", "out/x"), 3, "'out/x': No space left on device"),
        (OSError(28, "No space left on device"), 3, "fosp problems: No space left on device"),
        (MemoryError("Unable to allocate 745. GiB"), 3, "not enough memory (Unable to allocate 745. GiB)"),
        (OverflowError("int too large to convert to float"), 2, "beyond what can be computed with"),
    ],
)
def test_what_the_machine_or_a_number_refuses_is_one_line(cli, raising, error, code, says):
    raising(error)
    outcome = cli("problems")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (code, "", 1)
    assert says in outcome.err


def test_control_characters_are_escaped_and_messages_stay_short(cli, raising):
    raising(InputError("a\x1b[31m", "\x1b[2J" + "x" * 10_000, "must be\x07 \u202e" + "y" * 10_000))
    message = cli("problems").err
    assert message.rstrip("\n").isprintable()
    assert len(message) < 1000
    assert "\\x1b[2J" in message


@pytest.mark.parametrize(
    ("redirected", "says"),
    [("> /dev/full", "No space left on device"), (">&-", "stdout is closed")],
)
def test_an_output_that_takes_nothing(redirected, says):
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m fosp {PLAN} {redirected}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert says in done.stderr


def test_an_option_is_named_only_when_it_was_typed_or_is_missing(cli, raising):
    raising(InputError("json", 3, "must not be"))
    assert cli("problems").err.startswith("fosp problems: json = 3")
    assert cli("problems", "--json").err.startswith("fosp problems: --json = 3")


@pytest.mark.parametrize(("level", "code"), [("0", 0), ("1", 0), ("2", 2)])
def test_python_without_its_texts_is_refused_in_one_line(level, code):
    done = subprocess.run(
        [sys.executable, "-m", "fosp", "--help"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONOPTIMIZE": level},
    )
    assert done.returncode == code
    assert done.stderr.count("\n") == (code > 0)
