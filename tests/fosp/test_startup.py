from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from fosp.command import own
from fosp.parser import build_parser

HEAVY = {
    "numpy",
    "torch",
    "sympy",
    "scipy",
    "matplotlib",
    "pandas",
    "pyarrow",
    "rich",
    "jinja2",
    "z3",
    "dask",
}
OWN = {"bounds", "empirics", "validate", "figures"}


def imported(stderr: str) -> set[str]:
    """Top-level packages in the report of ``-X importtime``."""
    lines = [
        line.rsplit("|", 1)[1].strip() for line in stderr.splitlines() if line.startswith("import time:")
    ]
    return {name.split(".")[0] for name in lines}


@pytest.mark.parametrize(
    ("argv", "more"),
    [
        (("--help",), set()),
        (("--version",), set()),
        (("recommend", "--help"), set()),
        (("recomend",), {"bounds"}),
    ],
)
def test_nothing_heavy_is_imported_before_there_is_work(shell, argv, more):
    outcome = shell(*argv, python=("-X", "importtime", "-m", "fosp"))
    names = imported(outcome.err)
    assert "argparse" in names, "the report was not understood"
    assert not names & ((HEAVY | OWN) - more)


def test_the_guard_sees_a_heavy_import(shell):
    assert "numpy" in imported(shell(python=("-X", "importtime", "-c", "import numpy")).err)


def test_recommend_needs_no_torch(shell):
    argv = ["recommend", "--epsilon", "0.1"]
    for name in ("L", "rho", "sigma", "sigma-tilde", "sigma-H", "Delta"):
        argv += [f"--{name}", "1"]
    outcome = shell(*argv, python=("-X", "importtime", "-m", "fosp"))
    assert outcome.code == 0
    assert not imported(outcome.err) & {"torch", "scipy", "matplotlib", "pandas", "pyarrow", "z3"}


@pytest.mark.parametrize(
    "more",
    [
        ("--theory", "both"),
        ("--inner-steps", "3"),
        ("--confidence", "0.9"),
        ("--algorithm", "fo-maml", "--alpha", "0.3", "--n-tasks", "20", "--json"),
        ("--fix", "D_in=5", "--step", "self-scaled"),
    ],
)
def test_recommend_needs_no_computer_algebra_and_no_module_of_the_theory(shell, more):
    argv = ["recommend", "--epsilon", "0.1", *more]
    for name in ("L", "rho", "sigma", "sigma-tilde", "sigma-H", "Delta"):
        argv += [f"--{name}", "0.5"]
    outcome = shell(*argv, python=("-X", "importtime", "-m", "fosp"))
    assert outcome.code == 0
    assert "mpmath" in imported(outcome.err), "the report was not understood"
    assert not imported(outcome.err) & (HEAVY - {"rich"})
    assert "bounds.theory" not in outcome.err, "python -m bounds.kit"


@pytest.mark.parametrize("name", [command.name for command in own()])
def test_every_command_explains_itself(cli, name):
    outcome = cli(name, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"usage: fosp {name}")
    assert len(outcome.out.split("\n\n")[1].split()) >= 5, "a sentence on what it does"


def test_every_option_has_a_help_text():
    (commands,) = (a for a in build_parser()._actions if a.dest == "command")
    silent = [(n, a.dest) for n, p in commands.choices.items() for a in p._actions if not a.help]
    assert silent == []


def test_the_version_is_that_of_the_project(cli):
    project = tomllib.loads(Path(__file__, "../../../pyproject.toml").resolve().read_text())["project"]
    assert cli("--version").out == f"fosp {project['version']}\n"
