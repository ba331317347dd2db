"""What the small commands print, in both forms."""

from __future__ import annotations

import json

import pytest

from bounds import Constants, recommend, statement, statements
from bounds.constants import NAMES
from bounds.theory.algorithms import names
from empirics import problems
from fosp.commands import recommend as command

GIVEN = [
    "--L=1",
    "--rho=1",
    "--sigma=0.3",
    "--sigma-tilde=0.3",
    "--sigma-H=0.3",
    "--Delta=1",
    "--epsilon=0.1",
]
CONSTANTS = Constants(L=1, rho=1, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1)


def printed(outcome):
    """Return the one JSON document of a command that went well."""
    assert (outcome.code, outcome.err) == (0, "")
    document = json.loads(outcome.out, parse_constant=pytest.fail)
    assert document["schema"] == 1
    return document


def test_the_choices_are_those_of_the_theory():
    assert set(command._names()) == {*names(), command.ALL}
    assert tuple(command.CONSTANTS) == NAMES


def test_recommend_prints_the_plans_of_bounds(cli):
    plans = printed(cli("recommend", *GIVEN, "--theory", "both", "--alpha", "1/10", "--json"))["plans"]
    asked = [(name, theory) for name in names() for theory in ("paper", "sharp")]
    assert [(plan["algorithm"], plan["theory"]) for plan in plans] == asked
    for plan, (name, theory) in zip(plans, asked, strict=True):
        assert plan == json.loads(json.dumps(recommend(CONSTANTS, 0.1, name, theory, 0.1).to_dict()))
        assert not plan["feasible"] or plan["guarantee"] <= 0.1


def test_the_contract_of_a_plan(cli):
    (plan,) = printed(cli("recommend", *GIVEN, "--algorithm", "hf-maml", "--json"))["plans"]
    contract = """algorithm theory alpha step_factor step_rule B D_in D_o D_h B_prime D_beta delta_factor
    probe_length
    iterations samples_per_iteration total_samples guarantee epsilon feasible reason binding"""
    assert set(contract.split()) <= set(plan)
    assert plan["step_rule"]["kind"] == "sampled"


def test_the_table_says_what_the_json_says(cli):
    (plan,) = printed(cli("recommend", *GIVEN, "--algorithm", "maml", "--json"))["plans"]
    page = cli("recommend", *GIVEN, "--algorithm", "maml").out
    rows = {
        line.rsplit("  ", 1)[0].strip(): line.rsplit("  ", 1)[1].strip()
        for line in page.splitlines()
        if "  " in line
    }
    assert rows["iterations K"] == f"{plan['iterations']:,}"
    assert rows["total samples"] == f"{plan['total_samples']:,}"
    assert rows["tasks B"] == str(plan["B"])


def test_an_infeasible_plan_says_why_and_what_is_reachable(cli):
    argv = ["recommend", *GIVEN[:-1], "--epsilon=0.01", "--algorithm=fo-maml"]
    (plan,) = printed(cli(*argv, "--json"))["plans"]
    assert not plan["feasible"]
    assert plan["smallest_epsilon"] > 0.01
    page = cli(*argv)
    assert page.code == 0
    assert "infeasible" in page.out
    assert f"{plan['smallest_epsilon']:.4g}" in page.out


def test_a_problem_brings_its_constants(cli):
    spec = "ripple:dim=3,n_tasks=9,seed=1"
    plans = printed(cli("recommend", "--problem", spec, "--epsilon=0.2", "--alpha=0.1", "--json"))["plans"]
    assert plans[0]["constants"] == problems.from_spec(spec).constants(0.1).to_dict()


def test_out_writes_the_document(cli, here):
    document = printed(cli("recommend", *GIVEN, "--json", "--out", "deep/plan.json"))
    assert json.loads((here / "deep" / "plan.json").read_text()) == document
    assert [file.name for file in (here / "deep").iterdir()] == ["plan.json"]


def test_constants_have_formulas_enclosures_and_what_was_found(cli):
    document = printed(cli("constants", "plateau", "--json", "--evaluations", "500"))
    expected = problems.from_spec("plateau").certificates()
    assert document["problem"] == problems.from_spec("plateau").spec
    assert set(document["constants"]) == set(expected)
    for name, one in document["constants"].items():
        declared = (expected[name].value, expected[name].formula, expected[name].attained)
        assert (one["value"], one["formula"], one["attained"]) == declared
        assert one["found"] <= one["value"] * (1 + 1e-9)
        assert one["enclosure"][1] <= one["value"] * (1 + 1e-9)
    assert "findings" not in document
    page = cli("constants", "plateau", "--evaluations", "500").out
    assert all(name in page for name in expected)


OWN = """
import torch
from empirics import problems


def loss(w, x):
    return torch.cos(w[0] - x)


def make(rho=1.0):
    size = {"L": 1.0, "rho": rho, "sigma": 1.0, "sigma_tilde": 1.0, "sigma_H": 1.0}
    constants = {name: problems.certified(value, "sup|cos|") for name, value in size.items()}
    return problems.own_problem(loss, [[[0.0, 1.0]], [[2.0, 3.0]]], start=[0.3], constants=constants, infimum=-1.0)


def wrong():
    return make(rho=0.5)
"""


def test_a_problem_of_ones_own_is_checked(cli, here):
    (here / "own_waves.py").write_text(OWN)
    outcome = cli("constants", "own_waves:make", "--json", "--evaluations", "500")
    assert all(one["passed"] for one in printed(outcome)["findings"])


def test_a_constant_that_is_too_small_is_refuted(cli, here):
    (here / "own_waves_wrong.py").write_text(OWN)
    outcome = cli("constants", "own_waves_wrong:wrong", "--json", "--evaluations", "500")
    document = json.loads(outcome.out)
    assert outcome.code == 1
    assert document["constants"]["rho"]["status"] == "too small"
    assert [one["check"] for one in document["findings"] if not one["passed"]] == ["rho holds"]
    assert "WRONG" in cli("constants", "own_waves_wrong:wrong", "--evaluations", "500").out


def test_few_evaluations_say_not_reached_and_refute_nothing(cli):
    outcome = cli("constants", "ripple:dim=6,n_tasks=8", "--check", "--evaluations", "20")
    assert outcome.code == 0
    assert "not reached" in outcome.out
    assert "WRONG" not in outcome.out


def test_a_search_cut_short_says_so(cli, monkeypatch):
    monkeypatch.setattr("fosp.progress.PATIENCE", 0.8)
    argv = ("constants", "ripple:dim=6,n_tasks=8", "--evaluations", "10000000", "--json")
    outcome = cli(*argv, "--seconds", "1")
    document = json.loads(outcome.out)
    assert all(one["made"] < 1 for one in document["constants"].values())
    assert "stopped after 1 seconds" in outcome.err
    assert "L = 1, largest found" in outcome.err
    assert cli(*argv, "--seconds", "0").code == 2


def test_every_family_is_listed_and_can_be_built(cli):
    document = printed(cli("problems", "--json"))
    page = cli("problems").out
    for family in document["families"]:
        assert f"{family['name']}: " in page
        assert problems.from_spec(family["name"]).family == family["name"]
        assert all(one["name"] in page for one in family["parameters"])


def test_explain_lists_every_statement(cli):
    listed = printed(cli("explain", "--json"))["statements"]
    assert [one["name"] for one in listed] == list(statements())
    assert "sharp.maml.guarantee" in cli("explain").out


def test_explain_evaluates_a_statement(cli):
    argv = ("explain", "sharp.plateau.upper", "L=2", "alpha=1/20", "sigma=0.3")
    value = statement("sharp.plateau.upper")(L=2, alpha=1 / 20, sigma=0.3)
    assert printed(cli(*argv, "--json"))["statement"]["value"] == value
    assert f"value: {value:.6g}" in cli(*argv).out


def test_explain_says_when_a_point_is_outside(cli):
    argv = ("explain", "sharp.plateau.upper", "L=1", "alpha=3", "sigma=0.3")
    document = printed(cli(*argv, "--json"))["statement"]
    assert document["value"] is None
    assert [c["holds"] for c in document["conditions"]] == [False]
    assert "outside the domain" in cli(*argv).out


EVERY = [
    pytest.param(name, marks=() if number % 3 == 0 else pytest.mark.slow)
    for number, name in enumerate(sorted(statements()))
]


@pytest.mark.parametrize("name", EVERY)
def test_every_statement_can_be_explained(cli, name):
    outcome = cli("explain", name)
    assert outcome.code == 0
    assert outcome.out.startswith(f"{name}: ")
    assert "**" not in outcome.out


def test_several_inner_steps_on_the_command_line(cli):
    asked = ("recommend", *GIVEN, "--algorithm", "hf-maml", "--inner-steps", "3", "--json")
    (plan,) = printed(cli(*asked))["plans"]
    expected = recommend(CONSTANTS, 0.1, "hf-maml", inner_steps=3).to_dict()
    assert plan == json.loads(json.dumps(expected))
    assert plan["inner_steps"] == 3
    for words in (("recommend", *GIVEN), ("validate", "--quick")):
        outcome = cli(*words, "--inner-steps", "11")
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert "--inner-steps = '11': must be a whole number from 1 to 10" in outcome.err
