"""Whatever is typed wrong: exit code 2, one clear line on stderr, nothing on stdout, nothing written."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from bounds import Constants
from bounds.errors import InputError
from bounds.recommendation.request import Request
from empirics.engines import cluster

CONSTANTS = {"L": "1", "rho": "1", "sigma": "0.3", "sigma-tilde": "0.3", "sigma-H": "0.3", "Delta": "1"}


def typed(**changed: str | None) -> list[str]:
    """Return ``recommend`` with good constants, some of them changed or (None) left out."""
    chosen = CONSTANTS | {name.replace("_", "-"): value for name, value in changed.items()}
    return ["recommend", "--epsilon", "0.1", *(f"--{k}={v}" for k, v in chosen.items() if v is not None)]


def refused(outcome, *words: str) -> None:
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1, outcome.err
    for word in words:
        assert word in outcome.err
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.parametrize("name", CONSTANTS)
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "-inf", "1e400"])
def test_a_constant_that_is_no_constant(cli, name, value):
    refused(cli(*typed(**{name: value})), f"--{name} = ", "must be a finite number")


@pytest.mark.parametrize("name", CONSTANTS)
@pytest.mark.parametrize("value", ["", "one", "1,5", "1/0", "0x1"])
def test_a_constant_that_is_no_number(cli, name, value):
    refused(cli(*typed(**{name: value})), f"--{name} = {value!r}", "must be a number")


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_missing_constant_is_named(cli, name):
    refused(cli(*typed(**{name: None})), f"--{name} is missing")


def test_all_missing_constants_are_named_at_once(cli):
    missing = "--rho, --sigma-H, --Delta are missing"
    refused(cli(*typed(rho=None, Delta=None, **{"sigma-H": None})), missing)
    with pytest.raises(InputError, match="rho, sigma_H = None"):
        Constants(1.0, None, 1.0, 1.0, None, 1.0)  # type: ignore[arg-type]  # what is refused


def test_a_smoothness_of_zero(cli):
    refused(cli(*typed(L="0")), "--L = 0.0", "> 0")


@pytest.mark.parametrize("value", ["0", "-0.1", "nan", "inf"])
def test_an_epsilon_that_is_no_target(cli, value):
    refused(cli(*typed(), f"--epsilon={value}"), "--epsilon = ", "must be")


@pytest.mark.parametrize("value", ["0", "-0.1", "nan", "inf", "1", "7"])
@pytest.mark.parametrize("theory", ["paper", "sharp"])
def test_an_inner_step_outside_the_theory(cli, value, theory):
    refused(cli(*typed(), f"--alpha={value}", "--theory", theory), "alpha")


def test_an_algorithm_nobody_knows(cli):
    refused(
        cli(*typed(), "--algorithm", "mamel"),
        "--algorithm = 'mamel'",
        "maml, fo-maml, hf-maml",
        "did you mean",
    )


@pytest.mark.parametrize(
    ("option", "allowed"), [("--theory", "paper, sharp"), ("--step", "sampled, self-scaled")]
)
def test_a_choice_that_is_none(cli, option, allowed):
    refused(cli(*typed(), option, "best"), f"{option} = 'best'", allowed)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("rippel:dim=3", "did you mean ripple?"),
        ("", "must start with a family"),
        ("ripple:dm=3", "did you mean dim?"),
        ("ripple:dim", "key=value"),
        ("ripple:dim=x", "must be an integer"),
        ("ripple:dim=0", ">= 1"),
        ("ripple:dim=3,dim=4", "once"),
        ("ripple:sigma=nan", "must be a number"),
        ("no_such_module:factory", "No module named"),
        ("os:getcwd", "must return a Problem"),
    ],
)
def test_a_problem_nobody_knows(cli, spec, says):
    refused(cli("constants", spec), says)
    refused(cli("recommend", "--epsilon", "0.1", "--problem", spec), says)


def test_constants_beside_a_problem(cli):
    refused(cli("recommend", "--epsilon", "0.1", "--problem", "ripple", "--L", "1"), "leave out --L")


@pytest.mark.parametrize(
    "argv", [(), ("recomend",), ("recommend",), ("recommend", "--epsilon"), ("constants",)]
)
def test_an_unfinished_command(cli, argv):
    refused(cli(*argv), "--help")


@pytest.mark.parametrize(
    ("changed", "epsilon", "says"),
    [
        ({}, "1e300", "--epsilon = 1e+300"),
        ({}, "5e-324", "--epsilon = 5e-324"),
        ({"L": "1e308"}, "0.1", "--L = 1e+308"),
    ],
)
def test_numbers_beyond_what_floats_carry(cli, changed, epsilon, says):
    refused(cli(*typed(**changed), f"--epsilon={epsilon}"), says, "measure in other units")


@pytest.mark.parametrize(
    ("changed", "epsilon", "says"),
    [
        ({}, "1e-40", "--Delta = 1.0: is 1e+80 times epsilon^2/L, at most 1e+60"),
        ({"Delta": "0.00123456"}, "1e-40", "--Delta = 0.00123456"),
        ({"Delta": "0", "sigma": "50"}, "1e-59", "--sigma = 50.0"),
        ({"Delta": "0", "sigma_tilde": "12.34567"}, "1e-59", "--sigma-tilde = 12.34567"),
        ({"rho": "1.2345e55"}, "1e10", "--rho = 1.2345e+55"),
    ],
)
def test_numbers_that_no_change_of_units_brings_nearer_are_told_which_epsilon_can_be_asked_for(
    cli, changed, epsilon, says
):
    """The epsilon that is named is allowed, one per cent beyond it is not."""
    outcome = cli(*typed(**changed), f"--epsilon={epsilon}")
    refused(outcome, says, "take epsilon", "or a smaller")
    assert "units" not in outcome.err
    sign, told = outcome.err.partition("take epsilon ")[2].partition(",")[0].split()
    typed_names = {name.replace("-", "_"): value for name, value in CONSTANTS.items()}
    constants = Constants(**{name: float(value) for name, value in (typed_names | changed).items()})
    Request(constants, float(told), "maml", "sharp", 0.1)
    with pytest.raises(InputError, match="take epsilon"):
        Request(constants, float(told) * (1.02 if sign == "<=" else 0.98), "maml", "sharp", 0.1)


@pytest.mark.parametrize("name", ["rho", "sigma", "sigma_H"])
def test_a_constant_that_no_epsilon_brings_nearer(cli, name):
    said = f"--{name.replace('_', '-')} = 1e+300"
    refused(cli(*typed(**{name: "1e300"}), "--epsilon=0.1"), said, f"take a smaller {name}")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--fix", "B"), "--fix = 'B'"),
        (("--fix", "B=x"), "--fix = 'B=x'"),
        (("--fix", "Q=1"), "must be one of B, D_in"),
        (("--fix", "B=0"), "--fix = 'B=0'"),
        (("--samples", "10"), "not two of them"),
        (("--max-iterations", "0"), ">= 1"),
        (("--hessian-cost", "nan"), "nan"),
    ],
)
def test_an_option_that_is_none(cli, argv, says):
    refused(cli(*typed(), *argv), says)


def test_an_option_nobody_knows(cli):
    refused(cli(*typed(), "--epsilom", "0.1"), "--epsilom: is no option", "did you mean --epsilon?")
    refused(cli(*typed(), "--sigma_tilde", "1"), "--sigma_tilde: is no", "did you mean --sigma-tilde?")
    refused(cli("--json", "problems"), "--json: must come after problems")
    refused(cli("problems", "ripple"), "ripple: is one word too many")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("sharp.plateu.upper",), "did you mean sharp.plateau.upper?"),
        (("sharp.plateau.upper", "L"), "SYMBOL=VALUE"),
        (("sharp.plateau.upper", "L=x"), "must be a number"),
        (("sharp.plateau.upper", "Q=1"), "must be a symbol of"),
        (("sharp.plateau.upper", "L=1"), "is missing"),
        (("sharp.plateau.upper", "L=1", "alpha=0.1", "sigma=-3"), "sigma = -3.0"),
        (("sharp.plateau.upper", "L=inf", "alpha=0.1", "sigma=0.3"), "L = inf"),
        (("L=1",), "STATEMENT = 'L=1': must be the name of a statement"),
    ],
)
def test_a_statement_that_cannot_be_explained(cli, argv, says):
    refused(cli("explain", *argv), says)


VALIDATE = ("validate", "--problem", "quadratic:dim=2,n_tasks=3", "--epsilon", "0.4", "--engine", "serial")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--engine", "somewhere"), "--engine = 'somewhere'"),
        (("--claims", "acuracy"), "--claims = 'acuracy'"),
        (("--algorithm", "mml"), "did you mean maml?"),
        (("--replicates", "0"), ">= 1"),
        (("--replicates", "many"), "whole number"),
        (("--seed", "-1"), ">= 0"),
        (("--seed", "1.5"), "whole number"),
        (("--quick",), "must not be given with --problem"),
        (("--full",), "must not be given with --problem"),
        (("--problem", "rippel"), "must start with a family"),
        (("--epsilon", "0"), "--epsilon = 0.0"),
        (("--epsilon", "nan"), "--epsilon = nan"),
        (("--epsilon", "1e-5"), "take a larger one"),
        (("--out", "/dev/null/run"), "--out = '/dev/null/run'"),
        (("--out", "/proc/nowhere/run"), "must be a directory"),
        (("--out", "/usr"), "must be new, empty, or a run directory"),
        (("--out", "/dev/null"), "must be a directory"),
        (("--resume",), "--out is missing"),
        (("--resume", "--out", "nowhere"), "must not be given with --resume"),
    ],
)
def test_a_run_that_cannot_be_started(cli, argv, says):
    refused(cli(*VALIDATE, *argv), says)


def test_a_run_on_a_cluster_that_nobody_is(cli, monkeypatch):
    """With less patience than it has, the only thing that is changed."""
    monkeypatch.setattr(cluster, "DaskCluster", partial(cluster.DaskCluster, answer=0.3))
    refused(cli(*VALIDATE, "--engine", "tcp://127.0.0.1:1"), "running Dask scheduler")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("nowhere.toml",), "CONFIG = 'nowhere.toml'"),
        (("--epsilon", "0.1"), "must come with --problem"),
        (("nowhere.toml", "--quick"), "must not be given with"),
        (("--resume", "--out", "nowhere"), "must be a run directory"),
    ],
)
def test_a_suite_that_cannot_be_started(cli, argv, says):
    refused(cli("validate", *argv), says)


@pytest.mark.parametrize("out", ["/proc/nowhere/plan.json", "/dev/null/plan.json", "."])
def test_a_file_that_cannot_be_written(cli, out):
    refused(cli(*typed(), "--out", out), f"--out = {out!r}", "must be a file")


def test_a_refused_input_writes_no_file(cli):
    refused(cli(*typed(L="-1"), "--out", "deep/down/plan.json"), "--L")


FACTORY = """
import sys
from bounds.errors import InputError
def raises(): raise RuntimeError("no data\\x1b[31m here")
def leaves(): sys.exit(0)
def refuses(): raise InputError("epsilon", 1, "must be less")
def nonsense(): return [1, 2]
def needs(something): return something
number = 3
"""


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("raises", "the factory failed with RuntimeError: no data\\x1b[31m here"),
        ("leaves", "the factory failed with SystemExit"),
        ("refuses", "epsilon = 1: must be less"),
        ("nonsense", "must return a Problem, not list"),
        ("needs", "TypeError"),
        ("number", "must return a Problem, not int"),
        ("absent", "AttributeError"),
    ],
)
@pytest.mark.parametrize("command", ["constants", "recommend", "validate"])
def test_a_factory_that_makes_no_problem_is_named(cli, here, command, name, says):
    (here / f"made_{command}_{name}.py").write_text(FACTORY)
    spec = f"made_{command}_{name}:{name}"
    argv = {"constants": (spec,)}.get(command, ("--problem", spec, "--epsilon", "0.5"))
    outcome = cli(command, *argv)
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "problem = '" + spec + "'" in outcome.err
    assert says in outcome.err


@pytest.mark.parametrize("text", ["def make(:", "raise SystemExit(3)", "import nowhere_at_all", "1/0"])
def test_a_module_that_cannot_be_imported_is_named(cli, here, text):
    (here / "broken_module.py").write_text(text)
    outcome = cli("constants", "broken_module:make")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "broken_module:make" in outcome.err


@pytest.mark.parametrize("value", ["1e999999999", "9" * 5000, "1/1e-400", "0x10", "1e-999999999/0"])
@pytest.mark.parametrize("key", ["sigma", "dim", "seed"])
def test_numbers_in_a_specification_that_are_none_or_too_large(cli, key, value):
    refused(cli("constants", f"quadratic:{key}={value}"), key)


@pytest.mark.parametrize("option", ["--seed", "--replicates"])
def test_an_integer_that_does_not_fit(cli, option):
    refused(cli(*VALIDATE, option, "9" * 30), option, "whole number")


@pytest.mark.parametrize("value", ["x", "0", "-1", "11", "1.5", "9" * 30])
@pytest.mark.parametrize("command", [VALIDATE, ("recommend",), ("audit", "steps:maml")])
def test_inner_steps_are_refused_with_their_range(cli, command, value):
    refused(
        cli(*command, "--inner-steps", value),
        f"--inner-steps = '{value}': must be a whole number from 1 to 10 ",
    )


def test_how_large_a_number_may_be_is_said_where_it_matters(cli):
    refused(cli(*VALIDATE, "--replicates", "x"), "must be a whole number >= 1 (see")
    refused(
        cli(*VALIDATE, "--replicates", "9" * 30), "must be a whole number >= 1, at most 9223372036854775807"
    )


@pytest.mark.parametrize("make", ["link", "fifo", "folder"])
def test_out_writes_regular_files_only(cli, here, make):
    target = here / "target.json"
    {
        "link": lambda: target.symlink_to(here / "elsewhere.json"),
        "fifo": lambda: os.mkfifo(target),
        "folder": target.mkdir,
    }[make]()
    outcome = cli(*typed(), "--out", str(target))
    assert (outcome.code, outcome.out) == (2, "")
    assert "must be a file, new or regular" in outcome.err
    assert [entry.name for entry in here.iterdir()] == ["target.json"]


def test_M_may_come_with_a_problem(cli):
    outcome = cli("recommend", "--problem", "quadratic", "--epsilon", "0.5", "--step", "constant", "--M", "3")
    assert outcome.code == 0


@pytest.mark.parametrize(
    "make", [lambda: Constants(10**400, 1, 1, 1, 1, 1), lambda: Constants(1, 1, 10**400, 1, 1, 1)]
)
def test_an_integer_beyond_a_float_is_bad_input(make):
    with pytest.raises(InputError, match="finite number"):
        make()


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("audit", "psteps.py:maml"), "write psteps:maml, the module"),
        (("audit", "code/psteps.py:maml"), "write code.psteps:maml, the module"),
        (("estimate", "code/models:made"), "write code.models:made, the module"),
        (("measure", "./models.py:made"), "write models:made, the module"),
        (("measure", "../models.py:made"), "is found from the working directory"),
        (("audit", "psteps"), "write psteps:NAME, what in it"),
        (("constants", "code/own.py:make"), "write code.own:make, the module"),
    ],
)
def test_a_file_in_the_place_of_a_module_is_told_how_to_write_it(cli, argv, says):
    refused(cli(*argv), says)


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (
            ("report", "nope"),
            "RUN = 'nope': must be a run directory with config.json; make one: fosp validate --out nope",
        ),
        (("validate", "--resume", "--out", "nope"), "make one: fosp validate --out nope"),
        (("report", "/usr"), "must be a run directory with config.json; No such file or directory"),
    ],
)
def test_what_the_system_says_is_told_in_plain_words(cli, argv, says):
    outcome = cli(*argv)
    refused(outcome, says)
    assert "Errno" not in outcome.err
