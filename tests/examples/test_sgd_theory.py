"""A theory of one's own, in one file of the examples: every command works with it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

import figures
from bounds import Constants, ledger, statement
from bounds.members import THEORY
from bounds.recommendation.planner import planners
from validate import check
from validate.instances import against
from validate.suite import load
from validate.verdict import Status

ROOT = Path(__file__).parents[2]
NAME = "examples.sgd_theory"
GIVEN = ("--L", "1", "--sigma", "1", "--sigma-tilde", "1", "--Delta", "1")


@pytest.fixture
def sgd(monkeypatch):
    """The module, taken in as ``--theory`` does."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv(THEORY, NAME)
    statement("sharp.sgd.mean-square")
    return sys.modules[NAME]


@pytest.fixture
def fosp(warm):
    """A command with the theory, from where its package lies."""
    return lambda *argv: warm.run("fosp", "--theory", NAME, *argv, cwd=ROOT)


def test_it_is_one_file_of_at_most_120_lines():
    assert len((ROOT / "examples" / "sgd_theory.py").read_text().splitlines()) <= 120


def test_explain_decides_its_derivation_and_evaluates_it(fosp):
    point = ("L=1", "Delta=1", "beta=0.5", "K=100", "sigma=1", "sigma_tilde=1", "B=2", "D=4")
    done = fosp("explain", "sharp.sgd.mean-square", *point, "--json")
    told = json.loads(done.stdout)["statement"]
    assert told["ledger"]["status"] == "decided given axioms"
    assert told["value"] == pytest.approx((2 / 50 + 0.5 * (1 + 1 / 4) / 2) / 1.5)
    assert [step["status"] for step in told["ledger"]["steps"]] == ["decided"] * 3


@pytest.mark.parametrize("change", ["noise", "start", "iterations"])
def test_a_wrong_constant_is_not_decided(sgd, change):
    if change == "noise":
        part = replace(sgd.NOISE, expression=sgd.NOISE.expression * sp.Rational(9, 10))
        wrong = replace(sgd.GUARANTEE, where=(part,))
    elif change == "start":
        wrong = replace(sgd.GUARANTEE, expression=sgd.GUARANTEE.expression * sp.Rational(99, 100))
    else:
        wrong = replace(sgd.ITERATIONS, expression=sgd.ITERATIONS.expression / 2)
    assert ledger.decide(wrong)["entry"]["status"] == "refuted"


def test_the_claim_is_tested_and_a_bound_that_is_too_small_is_violated(sgd, monkeypatch):
    (row,) = check(sgd.PROBLEM, 0.3, claims=["sgd"]).verdicts
    assert (row.status, row.statement) == (Status.CONSISTENT, "sharp.sgd.mean-square")
    small = replace(sgd.GUARANTEE, expression=sgd.GUARANTEE.expression / 4)
    monkeypatch.setattr(sgd, "GUARANTEE", small)
    (row,) = check(sgd.PROBLEM, 0.3, claims=["sgd"]).verdicts
    assert row.status is Status.VIOLATED


def test_falsify_searches_its_runs_and_finds_nothing(fosp):
    done = fosp("falsify", "sharp.sgd.mean-square", "--rounds", "80", "--restarts", "32", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["broken"]) == (0, False)
    assert set(found["instance"]) == {"L beta", "sigma", "K"}
    assert found["ratio"] > 0.5
    assert "sharp.sgd.mean-square" in fosp("falsify").stdout


def test_a_guarantee_that_is_half_as_large_is_broken(sgd):
    small = replace(sgd.GUARANTEE, expression=sgd.GUARANTEE.expression / 2)
    found = against(small, rounds=80, restarts=32)
    assert found.broken
    assert found.ratio > 1.2


def test_shipped_suites_test_it_too(sgd):
    assert ("sgd", {"problem": sgd.PROBLEM}) in load("quick").tables


def test_validate_runs_it(fosp, tmp_path):
    done = fosp(
        "validate", "--problem", "ripple:dim=2,n_tasks=4", "--claims", "sgd", "--out", tmp_path / "run"
    )
    assert done.returncode == 0, done.stderr
    assert "CONSISTENT" in done.stdout
    again = fosp("figures", tmp_path / "run", "--only", "sgd", "--format", "png")
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "run" / "figures" / "sgd.png").is_file()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("known", [(1, 1, 1), (0, 0, 1), (3, 0, 0), (0, 2, 5)])
def test_the_recommendation_is_on_the_safe_side_and_not_wasteful(sgd, scale, known):
    sigma, sigma_tilde, Delta = known
    target = 0.1 * scale
    given = Constants(scale, 0, sigma * scale, sigma_tilde * scale, 0, Delta * scale)
    made = planners()["sgd"].plan(given, target)

    def squared(K):
        s2 = ((sigma * scale) ** 2 + (sigma_tilde * scale) ** 2 / made["D"]) / made["B"]
        x = scale * made["beta"]
        return (2 * given.Delta / (made["beta"] * K) + x * s2) / (2 - x)

    assert squared(made["iterations"]) <= target**2 * (1 + 1e-12)
    assert made["iterations"] == 1 or not squared(made["iterations"] - 2) <= target**2


def test_recommend_finds_it(fosp):
    done = fosp("recommend", "--algorithm", "sgd", *GIVEN, "--epsilon", "0.1,0.05", "--json")
    plans = json.loads(done.stdout)["plans"]
    assert [plan["epsilon"] for plan in plans] == [0.1, 0.05]
    assert all(plan["algorithm"] == "sgd" and plan["iterations"] > 1 for plan in plans)


@pytest.mark.parametrize(
    ("more", "name"),
    [
        (("--step", "constant", "--epsilon", "0.1"), "--step"),
        (("--rho", "-1", "--epsilon", "0.1"), "--rho"),
        (("--epsilon", "0"), "--epsilon"),
        ((), "--epsilon"),
        (("--problem", "ripple", "--epsilon", "0.1"), "--Delta"),
    ],
)
def test_what_it_cannot_use_is_refused_in_one_line(fosp, more, name):
    done = fosp("recommend", "--algorithm", "sgd", *GIVEN, *more)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"fosp recommend: {name}")


def test_its_figure_shows_the_guarantee_above_what_was_measured(sgd, tmp_path):
    frame = sgd.FIGURE.data(None)
    assert (frame["measured"] < frame["guarantee"]).all()
    (made,) = figures.make(None, "sgd", tmp_path, ("png",))
    assert made.missing == ""


def test_the_commands_of_the_guide_run(warm, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    page = (ROOT / "docs" / "own-theorem.md").read_text()
    commands = [line.split() for line in page.splitlines() if line.startswith("fosp --theory")]
    assert len(commands) == 6
    for _, *argv in commands:
        done = warm.run("fosp", *argv, cwd=tmp_path)
        assert done.returncode == 0, done.stderr


def test_without_it_nothing_is_known_of_it(warm):
    done = warm.run("fosp", "explain", "sharp.sgd.mean-square", cwd=ROOT)
    assert done.returncode == 2
