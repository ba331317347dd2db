"""Whatever is typed: an exit code from 0 to 3, no traceback, one line for what is refused, no half file."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

INPUTS = 2000
BLOCK = 50
PATIENCE = 60
"""Seconds that one input may take; the dearest that is allowed here needs about ten."""

NUMBERS = [
    "0",
    "-1",
    "1",
    "2",
    "0.1",
    "0.3",
    "1/3",
    "1/6",
    "1e-3",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e-400",
    "1e308",
    "5e-324",
    "1e-30",
    "1e30",
    "1/0",
    "x",
    "0x1",
    "1_0",
    "1e999999999",
    "1,2",
    "--",
    "",
    " ",
    "9" * 400,
    "\x1b[31m",
    "０.１",
    "�",
]
COUNTS = [
    "0",
    "-1",
    "1",
    "2",
    "3",
    "5",
    "x",
    "1.5",
    "1e3",
    "nan",
    "-0",
    "+2",
    "0b1",
    "",
    "9" * 30,
    "9" * 5000,
    "٣",
]
SPECS = [
    "quadratic",
    "quadratic:dim=2,n_tasks=3",
    "ripple:dim=2,n_tasks=4",
    "plateau",
    "ramp",
    "trapezoid:m=2",
    "wells:dim=2,n_tasks=2",
    "rippel",
    "quadratic:",
    ":x",
    "quadratic:dim",
    "quadratic:dim=0",
    "quadratic:dim=99999999999999",
    "ripple:n_tasks=1",
    "hf-counterexample",
    "robust-regression:dim=1,n_tasks=1,points=1",
    "sigmoid-classification:dim=2",
    "ripple:sigma=1e400",
    "ripple:sigma=-1",
    "ripple:sigma=1e-90",
    "ripple:sigma=1e90",
    "ripple:rho=1e-30",
    "ripple:sigma_tilde=0,sigma=0",
    "plateau:m=0",
    "ramp:L=0",
    "os:getcwd",
    "no.module:make",
    "json:loads",
    "sys:exit",
    "quadratic:dim=2,dim=3",
    "quadratic:seed=-1",
    "quadratic:n_tasks=1e999999999",
    "quadratic:sigma=1/0",
    "../x:y",
    "a:b:c",
    "",
    "\x00",
    "quadratic:dim=2\n",
    "q" * 5000,
]
NAMES = [
    "maml",
    "fo-maml",
    "hf-maml",
    "all",
    "paper",
    "sharp",
    "both",
    "sampled",
    "self-scaled",
    "constant",
    "mml",
    "accuracy",
    "step",
    "",
    "\x1b",
]
PATHS = (
    "out",
    "out/deep/er",
    ".",
    "/",
    "/dev/full",
    "/dev/null",
    "/proc/x",
    "a" * 300,
    "",
    "file.json",
    "\x1b[0m",
)
STATEMENTS = (
    "sharp.plateau.upper",
    "paper.maml.accuracy",
    "sharp.matrix.upper",
    "x",
    "",
    "L=1",
    "sharp.\x1b",
    "*",
)
CONSTANTS = {
    "--L": "1",
    "--rho": "1",
    "--sigma": "0.3",
    "--sigma-tilde": "0.3",
    "--sigma-H": "0.3",
    "--Delta": "1",
}


def flags(values: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


def recommend(rng: random.Random) -> list[str]:
    given = dict(CONSTANTS) | {"--epsilon": "0.3"}
    numbers = [*given, "--alpha", "--samples", "--hessian-cost", "--M"]
    for name in rng.sample(numbers, rng.randint(0, 3)):
        given[name] = rng.choice(NUMBERS)
    if rng.random() < 0.3:
        given |= {"--problem": rng.choice(SPECS)}
        given = {k: v for k, v in given.items() if k not in CONSTANTS or rng.random() < 0.02}
    more = {
        "--algorithm": NAMES,
        "--theory": NAMES,
        "--step": NAMES,
        "--max-iterations": COUNTS,
        "--out": PATHS,
    }
    for name in rng.sample(list(more), rng.randint(0, 2)):
        given[name] = rng.choice(more[name])
    fixed = [f"--fix={rng.choice(('B', 'D_in', 'D_h', 'Q', ''))}={rng.choice(COUNTS)}"] * rng.randint(0, 1)
    if rng.random() < 0.1:
        del given[rng.choice(list(given))]
    return ["recommend", *flags(given), *fixed, *rng.choice([[], ["--json"], ["--pareto"], ["--bogus"]])]


def validate(rng: random.Random) -> list[str]:
    given = {
        "--problem": "quadratic:dim=2,n_tasks=3",
        "--epsilon": "0.4",
        "--replicates": "8",
        "--engine": "serial",
    }
    given |= {"--claims": "step", "--algorithm": "maml", "--out": "run"}
    wrong = {
        "--problem": SPECS,
        "--epsilon": ("0", "-1", "nan", "0.7", "x", "1e-9", "1e400", ""),
        "--replicates": COUNTS,
        "--engine": ("local ", "tcp://", "tcp://127.0.0.1:9", "tls://x", "", "x"),
        "--claims": ("step", "steps", "", ",", "step,step", "accuracy", "plateau", "\x1b", "c" * 5000),
        "--algorithm": NAMES,
        "--out": PATHS,
        "--seed": COUNTS,
        "--resume": ("",),
    }
    for name in rng.sample(list(wrong), rng.randint(1, 2)):
        given[name] = rng.choice(wrong[name])
    suites = [[], [], [], ["suite.toml"], ["nowhere.toml"], ["default"], ["broken.toml"], ["."]]
    resume = "--resume" in given and given.pop("--resume") == ""
    return ["validate", *flags(given), *(["--resume"] if resume else []), *rng.choice(suites)]


def explain(rng: random.Random) -> list[str]:
    words = [
        f"{rng.choice(('L', 'alpha', 'sigma', 'q', ''))}={rng.choice(NUMBERS)}"
        for _ in range(rng.randint(0, 4))
    ]
    return [
        "explain",
        rng.choice(STATEMENTS),
        *words,
        *rng.choice([[], ["--json"], ["--latex"], ["--html"], ["--x"]]),
    ]


def constants(rng: random.Random) -> list[str]:
    alpha = [f"--alpha={rng.choice(NUMBERS)}"] * rng.randint(0, 1)
    count = rng.choice(("1", "20", "0", "x", "-3", "9" * 30))
    return [
        "constants",
        rng.choice(SPECS),
        f"--evaluations={count}",
        *alpha,
        *rng.choice([[], ["--json"], ["--check"]]),
    ]


def falsify(rng: random.Random) -> list[str]:
    claim = rng.choice(("paper.second-moment", "sharp.gradient-relation", "x", "", "fo-maml.any-epsilon"))
    rounds, restarts = (rng.choice(("0", "1", "2", "x", "9" * 30, "")) for _ in range(2))
    seed = [f"--seed={rng.choice(COUNTS)}"] * rng.randint(0, 1)
    minutes = [f"--minutes={rng.choice(('0', '-1', 'nan', 'x', '1e400'))}"] * rng.randint(0, 1)
    small = ["--rounds=2", "--restarts=2"] if rng.random() < 0.6 else [f"--rounds={rounds}", "--restarts=2"]
    return [
        "falsify",
        claim,
        *small,
        *([f"--restarts={restarts}"] if rng.random() < 0.2 else []),
        *seed,
        *minutes,
    ]


def figures(rng: random.Random) -> list[str]:
    run = rng.choice(("nowhere", ".", "suite.toml", "/dev/null", "", "a" * 300, "emptyrun"))
    only = [f"--only={rng.choice(('convergence', 'x', '', 'samples'))}"] * rng.randint(0, 1)
    return ["figures", run, *only, *([f"--out={rng.choice(PATHS)}"] if rng.random() < 0.5 else [])]


def words(rng: random.Random) -> list[str]:
    pool = [
        *NUMBERS,
        *NAMES,
        "recommend",
        "problems",
        "--help",
        "-V",
        "--json",
        "--",
        "-",
        "--epsilon",
        "explain",
    ]
    return [rng.choice(pool) for _ in range(rng.randint(0, 4))]


COMMANDS: tuple[Callable[[random.Random], list[str]], ...] = (
    recommend, recommend, recommend, explain, explain, validate, constants, falsify, figures, words, words,
)  # fmt: skip


def furnish(here: Path) -> None:
    (here / "suite.toml").write_text(
        '[[convergence]]\nproblem = "quadratic"\nepsilon = [0.4]\nbogus = 1e999\n'
    )
    (here / "broken.toml").write_bytes(bytes(range(256)))
    (here / "emptyrun").mkdir()
    (here / "emptyrun" / "config.json").write_text("[1e999, {")


def too_slow(*_: object) -> None:
    raise AssertionError(f"took more than {PATIENCE} s")


@pytest.mark.slow
@pytest.mark.parametrize("block", range(INPUTS // BLOCK))
def test_no_input_is_answered_by_a_traceback(cli, here, block):
    furnish(here)
    rng = random.Random(block)
    signal.signal(signal.SIGALRM, too_slow)
    for number in range(BLOCK):
        argv = rng.choice(COMMANDS)(rng)
        signal.alarm(PATIENCE)
        try:
            outcome = cli(*argv)
        except BaseException as error:
            pytest.fail(f"{argv} ended in {error!r}")
        finally:
            signal.alarm(0)
        assert outcome.code in (0, 1, 2, 3), (number, argv, outcome.code, outcome.err[-2000:])
        assert "Traceback" not in outcome.err, (number, argv)
        if outcome.code == 2:
            assert outcome.err.count("\n") <= 1 + outcome.err.startswith("note"), (argv, outcome.err)
            assert outcome.out == "", argv
        if outcome.code == 0 and "--json" in argv and "--help" not in argv and "-V" not in argv:
            json.loads(outcome.out)
    assert not [path for path in here.rglob(".*") if path.is_file()]
