"""The options of ``fosp recommend`` beyond a plan for one epsilon."""

from __future__ import annotations

import io
import json

import pandas as pd
import pytest

GIVEN = [
    "--L=1",
    "--rho=1",
    "--sigma=0.3",
    "--sigma-tilde=0.3",
    "--sigma-H=0.3",
    "--Delta=1",
    "--algorithm=maml",
]


def document(cli, *argv):
    outcome = cli("recommend", *GIVEN, *argv, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    return json.loads(outcome.out)


def test_given_batch_sizes_are_kept(cli):
    (plan,) = document(cli, "--epsilon=0.1", "--fix", "B=7", "--fix", "D_in=3")["plans"]
    assert (plan["B"], plan["D_in"]) == (7, 3)
    assert plan["guarantee"] <= 0.1


def test_a_budget_of_samples_gives_the_best_target(cli):
    (plan,) = document(cli, "--samples=50000")["plans"]
    assert plan["total_samples"] <= 50_000
    assert plan["guarantee"] <= plan["epsilon"] < 0.2


def test_a_limit_on_the_iterations_is_obeyed(cli):
    (plan,) = document(cli, "--epsilon=0.1", "--max-iterations=800")["plans"]
    assert plan["iterations"] <= 800


def test_depth_against_samples(cli):
    plans = document(cli, "--epsilon=0.1", "--pareto")["plans"]
    assert len(plans) >= 3
    assert plans[0]["iterations"] > plans[-1]["iterations"]
    page = cli("recommend", *GIVEN, "--epsilon=0.1", "--pareto").out
    assert f"{plans[-1]['total_samples']:,}" in page


def test_depth_against_samples_says_why_there_is_none(cli):
    outcome = cli("recommend", *GIVEN[:-1], "--epsilon=0.01", "--pareto")
    assert (outcome.code, outcome.err) == (0, "")
    assert "fo-maml is infeasible: epsilon = 0.01 is out of reach" in outcome.out
    alone = cli("recommend", *GIVEN[:-1], "--algorithm=fo-maml", "--epsilon=0.01", "--pareto")
    assert alone.code == 0
    (row,) = (line.split() for line in alone.out.splitlines() if line.startswith(" fo-maml"))
    assert row == ["fo-maml", "sharp", *"––––––––"]


def test_the_totals_of_the_depths_can_be_reproduced(cli):
    page = cli("recommend", *GIVEN, "--epsilon=0.1", "--pareto").out
    rows = [line.replace(",", "").split() for line in page.splitlines() if line.startswith(" maml")]
    assert len(rows) >= 3
    assert all(int(row[2]) * int(row[-2]) == int(row[-1]) for row in rows)


def test_halving_keeps_the_given_batch_sizes(cli):
    told = document(cli, "--epsilon=0.1", "--fix=D_in=1000")["halved"][0]
    assert told["sigma_tilde"] > 0.9
    assert told["sigma"] == pytest.approx(0.32, abs=0.02)


def test_k_shot_says_what_is_reachable(cli):
    told = document(cli, "--fix=D_in=5", "--fix=D_o=5", "--fix=D_h=5")
    assert told["fixed"] == {"D_in": 5, "D_o": 5, "D_h": 5}
    assert 0 < told["smallest_epsilon"]["maml"] < 0.01
    assert "epsilon > " in cli("recommend", *GIVEN, "--fix=D_in=5").out


def test_what_halving_a_constant_would_save_is_printed(cli):
    told = document(cli, "--epsilon=0.1")["halved"][0]
    assert told["Delta"] == pytest.approx(0.5, abs=0.02)
    page = cli("recommend", *GIVEN, "--epsilon=0.1").out
    assert f"{told['sigma']:.2f}" in page.splitlines()[-2]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--epsilon=0.1", "--samples=5"), "epsilon"),
        ((), "epsilon"),
        (("--epsilon=0.1", "--fix=K=3"), "--fix = 'K=3': must be one of B"),
        (("--epsilon=0.1", "--fix=B=3", "--fix=B=4"), "--fix = 'B=4': B is given twice"),
        (("--fix=B=3", "--fix=B=3"), "B is given twice"),
        (("--epsilon=0.1", "--fix=D_h=3", "--algorithm=fo-maml"), "D_h = 3: fo-maml takes no"),
        (("--epsilon=0.1", "--fix=B_prime=3", "--step=self-scaled"), "B_prime = 3: the self-scaled step"),
        (("--epsilon=0.1", "--fix=B=3", "--theory=paper"), "20 <= B"),
        (("--fix=B=3", "--theory=paper"), "--theory = 'paper': must not be given with --fix alone"),
        (("--fix=B=3", "--step=sampled"), "--step"),
        (("--fix=B=3", "--max-iterations=9"), "--max-iterations"),
        (("--fix=B=3", "--pareto"), "--pareto"),
        (("--fix=B=3", "--hessian-cost=2"), "--hessian-cost"),
        (("--samples=1000", "--pareto"), "--samples = 1000.0: must not be given with --pareto"),
        (("--epsilon=0.1", "--hessian-cost=inf"), "--hessian-cost = inf"),
        (("--epsilon=0.1", "--hessian-cost=1e300"), "from 0 to 1e+06"),
        (("--epsilon=0.1", "--fix=B"), "NAME=N"),
        (("--epsilon=0.1", "--fix=B=0"), ">= 1"),
        (("--epsilon=0.1", "--hessian-cost=-1"), "hessian-cost"),
        (("--samples=nan",), "samples"),
        (("--epsilon=0.1", "--max-iterations=0"), ">= 1"),
    ],
)
def test_bad_options_are_refused_in_one_line(cli, argv, says):
    outcome = cli("recommend", *GIVEN, *argv)
    assert outcome.code == 2
    assert outcome.out == ""
    assert says in outcome.err
    assert outcome.err.count("\n") == 1


def test_several_targets_show_what_accuracy_costs_and_its_exponent(cli):
    targets = "--epsilon=1e-5,3e-6,1e-6"
    plans = document(cli, targets, "--theory=both")["plans"]
    assert [plan["epsilon"] for plan in plans] == 3 * [1e-5, 3e-6, 1e-6]
    paper, levels, plain = exponents(cli, targets)
    assert paper == pytest.approx(-6, abs=0.02)
    assert levels == pytest.approx(-4, abs=0.25), "the squared logarithm is still seen"
    assert plain == pytest.approx(-5, abs=0.05)
    assert exponents(cli, targets, "--depth=0") == [paper, plain]


def test_a_target_at_which_levels_are_not_worth_it_keeps_its_place_beside_those_at_which_they_are(cli):
    targets = "--epsilon=0.3,0.01"
    paper, *sharp = document(cli, targets, "--theory=both")["plans"][1:]
    assert paper["theory"] == "paper"
    assert [plan["depth"] > 0 for plan in sharp] == [False, True, False, False]
    page = cli("recommend", *GIVEN, targets, "--theory=both").out
    (header,) = (line for line in page.splitlines() if "ε  " in line)
    assert header.split("maml, ")[1:] == ["paper  ", "multilevel, sharp  ", "plain batch, sharp"]
    (first,) = (line.split() for line in page.splitlines() if line.startswith(" 0.3 "))
    assert first[2] == first[3] == f"{sharp[0]['total_samples']:,}"


def exponents(cli, targets: str, *more: str) -> list[float]:
    page = cli("recommend", *GIVEN, targets, "--theory=both", *more).out
    (last,) = (line.split() for line in page.splitlines() if "exponent" in line)
    return [float(word) for word in last[1:]]


def test_a_target_out_of_reach_leaves_its_cell_empty(cli):
    page = cli("recommend", *GIVEN[:-1], "--algorithm=fo-maml", "--epsilon=0.1,0.001").out
    assert ["0.001", "–"] in [line.split() for line in page.splitlines()]
    assert "fo-maml is infeasible" in page


def test_the_number_of_tasks_lowers_the_price(cli):
    (usual,) = document(cli, "--epsilon=0.05")["plans"]
    (plan,) = document(cli, "--epsilon=0.05", "--n-tasks=4")["plans"]
    assert (usual["n_tasks"], usual["tasks"]) == (None, "with replacement")
    assert (plan["n_tasks"], plan["tasks"], plan["B"]) == (4, "all", 4)
    assert plan["total_samples"] < usual["total_samples"]
    page = cli("recommend", *GIVEN, "--epsilon=0.05", "--n-tasks=4").out
    assert any(line.split() == ["tasks", "drawn", "all"] for line in page.splitlines())
    assert "tasks drawn" not in cli("recommend", *GIVEN, "--epsilon=0.05").out


def test_a_problem_brings_its_number_of_tasks(cli):
    argv = ["recommend", "--problem=ripple:n_tasks=4", "--algorithm=maml", "--epsilon=0.05"]
    (plan,) = json.loads(cli(*argv, "--json").out)["plans"]
    assert (plan["n_tasks"], plan["tasks"]) == (4, "all")
    refused = cli(*argv, "--n-tasks=4")
    assert refused.code == 2
    assert "--n-tasks" in refused.err
    assert cli("recommend", *GIVEN, "--epsilon=0.05", "--n-tasks=0").code == 2


COLUMNLESS = ["--L=1", "--rho=1", "--sigma-tilde=0.3", "--sigma-H=0.3", "--Delta=1", "--algorithm=maml"]


def a_table(here, text):
    (here / "constants.csv").write_text(text)


def test_a_table_of_constants_gives_a_table_of_plans(cli, here):
    a_table(here, "L,rho,sigma,sigma_tilde,sigma_H,Delta\n1,1,0.3,0.3,0.3,1\n2,1,0.3,0.3,0.3,1\n")
    given = ("recommend", "--table=constants.csv", "--epsilon=0.1,0.3", "--algorithm=maml")
    printed = cli(*given)
    assert (printed.code, printed.err) == (0, "")
    rows = pd.read_csv(io.StringIO(printed.out))
    assert [(row.L, row.epsilon) for row in rows.itertuples()] == [(1, 0.1), (1, 0.3), (2, 0.1), (2, 0.3)]
    (alone,) = document(cli, "--epsilon=0.1")["plans"]
    assert all(rows[name][0] == alone[name] for name in ("B", "iterations", "guarantee"))
    stored = cli(*given, "--out=plans.parquet", "--workers=1")
    assert (stored.out, stored.err) == ("", "4 plans, 4 of them feasible: plans.parquet\n")
    assert pd.read_parquet(here / "plans.parquet").to_csv(index=False) == printed.out
    assert len(json.loads(cli(*given, "--json").out)["plans"]) == 4
    assert len(pd.read_csv(io.StringIO(cli(*given[:2], "--epsilon=0.3").out))) == 6


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--L=3"], "--L = 3.0: is a column of the table"),
        (["--epsilon=0.1"], "epsilon"),
        (["--problem=ripple"], "must not be given with --table"),
        (["--out=plans.txt"], "must end with .csv or .parquet"),
        (["--theory=both"], "must be one of them"),
        (["--table=nothing.csv"], "must be a table that can be read"),
        (["--table=constants.json"], "must be a file that ends with"),
        ([], "line 2 of constants.csv: rho, sigma"),
    ],
)
def test_a_table_that_cannot_be_answered_is_refused(cli, here, argv, message):
    a_table(here, "L,epsilon\n1,0.3\n")
    outcome = cli("recommend", "--table=constants.csv", *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert [path.name for path in here.iterdir()] == ["constants.csv"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sigma,epsilon\n0.3,0.1\n\n0.3,abc\n", "line 4 of constants.csv: epsilon = 'abc': must be a number"),
        ("sigma,epsilon\n0.3,0.1\n,0.1\n", "line 3 of constants.csv: sigma is missing: must be"),
        ("\nsigma,epsilon\n0.3,0.1\n0.3,-1\n", "line 4 of constants.csv: epsilon = -1.0"),
        ("sigma,epsilon,depth\n0.3,0.1,\n0.3,0.1,1.5\n", "line 3 of constants.csv: depth = 1.5"),
        (
            "sigma,epsilon,depth\n0.3,0.1,1\n0.3,0.1,x\n",
            "line 3 of constants.csv: depth = 'x': must be a whole",
        ),
        ("sigma,epsilon\n0.3,0.1,maml\n", "line 2 of constants.csv has 3 cells, the header 2"),
        ("sigma,epsilon\n0.3,0.1,\n0.3,0.1,\n", "line 2 of constants.csv has 3 cells, the header 2"),
        ("\n\nsigma,epsilon\n\n0.3,0.1\n0.3,0.1,4\n", "line 6 of constants.csv has 3 cells, the header 2"),
        ("sigma,epsilon,sigma\n0.3,0.1,1\n", "sigma': is the name of two columns of constants.csv"),
        ("sigma,epsilon,\n0.3,0.1,1\n", "constants.csv': column 3 of 3 has no name"),
        ("sigma,epsilon\n,\n", "constants.csv': must have at least one row"),
    ],
)
def test_the_line_that_is_wrong_is_named_whatever_its_column_has_elsewhere(cli, here, text, message):
    a_table(here, text)
    outcome = cli("recommend", "--table=constants.csv", *COLUMNLESS)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_row_may_end_early_and_a_cell_may_be_quoted(cli, here):
    a_table(here, 'sigma,epsilon,"n_tasks",alpha\r\n0.3, "0.3"\r\n"0.3",0.3,,0.1\r\n')
    rows = json.loads(cli("recommend", "--table=constants.csv", *COLUMNLESS, "--json").out)["plans"]
    assert [(row["epsilon"], row["n_tasks"], row["alpha"]) for row in rows] == [
        (0.3, None, 1 / 6),
        (0.3, None, 0.1),
    ]


def test_a_row_is_named_where_every_row_gets_each_algorithm(cli, here):
    pd.DataFrame({"sigma": ["0.3", "0.3"], "epsilon": ["1/10", "zero"]}).to_parquet(here / "rows.parquet")
    outcome = cli("recommend", "--table=rows.parquet", *COLUMNLESS[:-1])
    assert "row 2 of rows.parquet: epsilon = 'zero'" in outcome.err
    pd.DataFrame({"sigma": [0.3, 0.3, -1]}).to_parquet(here / "rows.parquet")
    outcome = cli("recommend", "--table=rows.parquet", *COLUMNLESS[:-1], "--epsilon=0.1,0.2")
    assert "row 3 of rows.parquet: sigma = -1" in outcome.err


def test_numbers_of_a_table_are_read_as_the_options_are(cli, here):
    a_table(here, "sigma,epsilon,alpha,n_tasks\n0.3,1/10,1/12,4\n0.3,0.1,0.1,\n")
    printed = cli("recommend", "--table=constants.csv", *COLUMNLESS, "--json")
    rows = json.loads(printed.out)["plans"]
    assert [(row["epsilon"], row["alpha"], row["n_tasks"]) for row in rows] == [
        (0.1, 1 / 12, 4),
        (0.1, 0.1, None),
    ]


def test_where_the_paper_has_no_theorem_both_says_that_it_is_left_out(cli):
    asked = ("recommend", *GIVEN, "--epsilon=0.1", "--theory=both", "--algorithm=maml")
    outcome = cli(*asked, "--inner-steps=2")
    assert outcome.code == 0
    assert outcome.err == "the paper has no theorem on maml with 2 inner steps: sharp theory only\n"
    assert cli(*asked).err == ""


@pytest.mark.parametrize(("typed", "code"), [("1e-60", 0), ("9.9e-61", 2), ("1e60", 0), ("1.1e60", 2)])
def test_the_range_that_is_named_has_its_ends(cli, typed, code):
    free = [f"--{name}=0" for name in ("rho", "sigma", "sigma-tilde", "sigma-H", "Delta")]
    outcome = cli("recommend", "--L=1", *free, f"--epsilon={typed}", "--algorithm=maml")
    assert outcome.code == code
    assert ("must be between 1e-60 and 1e+60" in outcome.err) == (code == 2)


@pytest.mark.parametrize("L", ["1e-320", "1e-309", "1e308"])
def test_an_L_without_a_reciprocal_is_named_as_it_was_typed(cli, L):
    others = [f"--{name}=1" for name in ("rho", "sigma", "sigma-tilde", "sigma-H", "Delta", "epsilon")]
    outcome = cli("recommend", f"--L={L}", *others)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert f"--L = {float(L)!r}: must be between 1e-60 and 1e+60" in outcome.err


RANDOM = """
import numpy as np
from empirics import problems

def make():
    tasks = [(np.random.default_rng().normal(size=(5, 2)),) for _ in range(2)]
    constants = {n: problems.certified(9.0) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H")}
    return problems.own_problem(lambda w, x: (x * w).sum().cos(), tasks, [0, 1], constants, infimum=-1)
"""


@pytest.mark.parametrize(
    "command", ["recommend --epsilon 1 --problem", "constants", "figures --only convergence --problem"]
)
def test_a_factory_that_draws_another_problem_each_time_is_refused(cli, here, command):
    name = f"drawn_anew_by_{command.split()[0]}"
    (here / f"{name}.py").write_text(RANDOM)
    outcome = cli(*command.split(), f"{name}:make")
    assert outcome.code == 2
    assert "must give the same problem at every call" in outcome.err
