"""``fosp sweep``: the table, the JSON document, exit codes, resuming."""

from __future__ import annotations

import json

import pytest

SUITE = """
replicates = 2
iterations = 3

[[grid]]
problem = "ripple:dim=2,n_tasks=4"
epsilon = [0.4, 0.02]
algorithm = ["maml", "fo-maml"]
seeds = 2
plan = { B = 2 }
"""


@pytest.fixture
def suite(here):
    (here / "suite.toml").write_text(SUITE)
    return here


def test_a_row_for_each_setting_and_a_document_of_all_cells(cli, suite):
    first = cli("sweep", "suite.toml", "--out", "out", "--engine", "serial")
    assert first.code == 0
    assert "8 cells: 6 done, 2 infeasible" in first.out
    assert "4 of 4" in first.out
    assert "dataset: out" in first.err
    again = cli("sweep", "--resume", "--out", "out", "--engine", "serial", "--json")
    document = json.loads(again.out)
    assert (document["done"], document["failed"], document["infeasible"]) == (6, 0, 2)
    assert [row["seed"] for row in document["cells"]] == [0, 1] * 4
    assert document["cells"][-1]["final"] is None
    assert "out of reach" in document["cells"][-1]["reason"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "SUITE is missing: must be a TOML file"),
        (("missing.toml",), "SUITE = 'missing.toml': must be a TOML file"),
        (("--resume",), "--out is missing: must say which sweep to resume"),
        (("--resume", "--out", "nothing"), "holds no sweep to go on with"),
        (("suite.toml", "--workers", "0"), "--workers"),
        (("suite.toml", "--engine", "slurm"), "--engine = 'slurm'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(cli, suite, arguments, told):
    found = cli("sweep", *arguments)
    assert found.code == 2
    assert told in found.err
    assert [path.name for path in suite.iterdir()] == ["suite.toml"]


@pytest.mark.parametrize("out", ["/dev/null/out", "/proc/out"])
def test_a_folder_that_cannot_be_written_is_told_in_plain_words(cli, suite, out):
    found = cli("sweep", "suite.toml", "--engine", "serial", "--out", out)
    assert (found.code, found.err.count("\n")) == (2, 1)
    assert f"--out = '{out}': must be a folder that can be written" in found.err
    assert "Errno" not in found.err


def test_a_required_name_that_is_misspelt_is_told_before_it_is_missed(cli, suite):
    (suite / "suite.toml").write_text(SUITE.replace("problem", "problm"))
    found = cli("sweep", "suite.toml")
    assert (found.code, found.err.count("\n")) == (2, 1)
    assert "SUITE = 'problm': at [[grid]]: must be among problem" in found.err
    assert "did you mean problem?" in found.err


def test_a_cell_that_fails_is_told_and_the_exit_code_says_so(cli, suite):
    (suite / "sour.py").write_text(
        "from empirics.problems import Ripple\nclass Sour(Ripple):\n"
        "    def sample(self, rng, tasks, D):\n"
        "        if D == 3:\n            raise ArithmeticError('sour')\n"
        "        return super().sample(rng, tasks, D)\n"
        "def make():\n    return Sour(dim=2, n_tasks=4)\n"
    )
    (suite / "suite.toml").write_text(
        SUITE.replace('"ripple:dim=2,n_tasks=4"', '"sour:make"').replace("B = 2", "B = 2, D_in = 3")
    )
    refused = cli("sweep", "suite.toml", "--out", "out", "--engine", "serial")
    assert (refused.code, "confirm with --trust" in refused.err) == (2, True)
    found = cli("sweep", "suite.toml", "--out", "out", "--engine", "serial", "--trust")
    assert found.code == 1
    assert "failed: ArithmeticError: sour" in found.err
