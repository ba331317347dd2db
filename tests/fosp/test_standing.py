"""What ``fosp recommend`` says about the constants that a guarantee rests on."""

from __future__ import annotations

import json

import pytest

PROBLEM = """
import numpy as np
from empirics import problems

def loss(w, x):
    return ((w - x) ** 2).sum() / 2

def make(L=2.0, sigma=9.0):
    values = {"L": L, "rho": 1.0, "sigma": sigma, "sigma_tilde": 9.0, "sigma_H": 1.0}
    constants = {name: problems.estimated(value) for name, value in values.items()}
    return problems.own_problem(loss, [(np.ones((3, 2)),), (-np.ones((3, 2)),)], np.full(2, 3.0), constants, 0.0)

def wrong():
    return make(L=0.01)
"""
GIVEN = ["--L=1", "--rho=1", "--sigma=0.3", "--sigma-tilde=0.3", "--sigma-H=0.3", "--Delta=1"]


@pytest.fixture
def own(here):
    name = f"own_{here.name.strip('0123456789')}_{abs(hash(here))}"
    (here / f"{name}.py").write_text(PROBLEM, encoding="utf-8")
    return name


def test_constants_from_the_command_line_are_declared(cli):
    argv = ["recommend", *GIVEN, "--epsilon=0.1"]
    plans = json.loads(cli(*argv, "--json").out)["plans"]
    assert {word for plan in plans for word in plan["constants_status"].values()} == {"declared"}
    page = cli(*argv).out
    assert "is good if the declared L, rho, sigma, sigma_tilde, Delta hold" in page
    assert "is good if the declared L, rho, sigma, sigma_tilde, sigma_H, Delta hold" in page


def test_a_family_s_constants_are_certified_and_no_condition_is_printed(cli):
    page = cli("recommend", "--problem=ripple", "--epsilon=0.1", "--algorithm=maml").out
    assert "certified" in page
    assert "is good if" not in page


def test_estimates_make_the_guarantee_conditional(cli, own):
    argv = ["recommend", f"--problem={own}:make", "--epsilon=1", "--algorithm=maml"]
    (plan,) = json.loads(cli(*argv, "--json").out)["plans"]
    assert plan["feasible"]
    assert plan["constants_status"]["L"] == "estimated"
    page = cli(*argv).out
    assert "The guarantee is good if the declared Delta and the estimated L, rho" in page


@pytest.mark.parametrize("more", [["--epsilon=1"], ["--epsilon=1", "--pareto"], ["--epsilon=1,2"]])
def test_a_refuted_estimate_is_told_and_nothing_is_guaranteed(cli, own, more):
    argv = ["recommend", f"--problem={own}:wrong", "--algorithm=maml", *more]
    for plan in json.loads(cli(*argv, "--json").out)["plans"]:
        assert (plan["feasible"], plan["guarantee"]) == (False, None)
        assert plan["constants_status"]["L"] == "refuted"
    page = cli(*argv).out
    assert "L refuted: observed 1 > given 0.01" in page
    assert "is good if" not in page


def test_the_best_for_given_batches_says_so_too(cli, own):
    page = cli("recommend", f"--problem={own}:wrong", "--algorithm=maml", "--fix", "D_in=1", "--fix", "D_o=1")
    assert "Not to be relied on: L refuted" in page.out
