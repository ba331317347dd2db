"""A wrong suite is refused before anything is run or written."""

import json

import pytest
import torch

from bounds.errors import InputError
from validate import check
from validate.rundir import run_suite
from validate.suite import from_dict, load, shipped
from validate.verdict import Status

P = {"problem": "ripple:dim=2,n_tasks=4"}
WRONG = [
    ({"replicates": "many", "lemmas": [P]}, "'many': at replicates: must be of type integer"),
    ({"replicates": 2, "lemmas": [P]}, "2: at replicates: must be >= 8"),
    ({"lemmas": [{"problem": 3}]}, r"3: at \[\[lemmas\]\], problem: must be of type string"),
    ({"lemmas": [{}]}, r"at \[\[lemmas\]\]: must have problem"),
    ({"lemmas": [P | {"draws": 3}]}, r"'draws': at \[\[lemmas\]\]: must be among problem, alpha_L"),
    ({"lemmas": [{"problm": "ripple"}]}, r"'problm': .*; did you mean problem\?"),
    ({"batches": [P]}, "must have algorithm, iterations, base, sizes"),
    ({"plateau": [P | {"batches": {"foo": 3}}]}, "'foo': .* must be among B, D_in, D_o, D_h"),
    ({"plateau": [P | {"batches": {"B": 0}}]}, "0: .* must be >= 1"),
    ({"plateau": [P | {"iterations": -5}]}, "-5: .* must be >= 1"),
    ({"seed": -3, "lemmas": [P]}, "-3: at seed: must be >= 0"),
    ({"descent": [P | {"draws": 0}]}, "0: .* must be >= 100"),
    ({"descent": [P | {"exact": "no"}]}, "'no': .* must be of type boolean"),
    ({"direction": [P | {"draws": "lots"}]}, "'lots': .* must be of type integer"),
    ({"error": 2, "lemmas": [P]}, "2: at error: must be < 1"),
    ({"algorithms": "maml"}, "'maml': at algorithms: must be of type array"),
    ({"algorithms": ["maml", "x"]}, "'x': at algorithms: must be among maml"),
    ({"convergence": P}, r"at \[\[convergence\]\]: must be of type array"),
    ({"convergence": [P | {"epsilon": []}]}, "must be of length >= 1"),
    ({"convergence": [P | {"theory": "mine"}]}, "'mine': .* must be among sharp, paper"),
    ({"iterations": [P | {"step": "armijo"}]}, "'armijo': .* must be among sampled, self-scaled, constant"),
    ({"iterations": [P | {"batches": {"B": 0}}]}, "0: .* must be >= 1"),
    ({"nothing": 3}, "'nothing': must be among title"),
]


@pytest.mark.parametrize(("data", "says"), WRONG)
def test_a_wrong_entry_is_named_with_its_place(data, says):
    with pytest.raises(InputError, match=says):
        from_dict(data)


LONG = ("default", "full", "paper")
"""Suites whose plans take seconds; that they can be read is tested of all of them."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in shipped()]
)
def test_the_shipped_suites_are_right(name):
    assert load(name).experiments()


def test_a_suite_that_asks_nothing_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(InputError, match="must ask something"):
        run_suite(from_dict({"lemmas": [P]}), tmp_path / "run", claims=["accuracy"], engine="serial")
    with pytest.raises(InputError, match="no experiments"):
        run_suite(from_dict({"title": "empty"}), tmp_path / "run", engine="serial")
    assert list(tmp_path.iterdir()) == []


def test_tables_that_differ_in_their_sizes_only_are_both_run():
    tables = [P | {"batches": {"B": 3}}, P | {"batches": {"B": 10}}, P | {"batches": {"B": 3}}]
    made = from_dict({"direction": tables, "algorithms": ["maml"]}).experiments()
    assert [experiment.plan.B for experiment in made] == [3, 10]
    assert len({experiment.name for experiment in made}) == 2


def test_another_run_in_the_directory_is_set_aside(tmp_path):
    run_suite(from_dict({"matrices": [P]}), tmp_path, engine="serial")
    before = (tmp_path / "verdicts.json").read_text()
    run_suite(from_dict({"matrices": [P], "seed": 1}), tmp_path, engine="serial")
    (kept,) = (tmp_path / "previous").iterdir()
    assert (kept / "verdicts.json").read_text() == before
    assert json.loads((kept / "config.json").read_text())["seed"] == 0
    assert json.loads((tmp_path / "config.json").read_text())["seed"] == 1


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"directions": {"mamll": "maml"}}, "'mamll': must be among the algorithms that are tested"),
        ({"directions": {"maml": "maml"}, "algorithms": ["fo-maml"]}, "that are tested: fo-maml"),
        ({"algorithms": []}, "must name one of"),
        ({"claims": []}, "must ask something"),
        ({"replicates": 7}, "must be an integer >= 8"),
    ],
)
def test_a_check_that_would_not_test_what_was_given_is_refused(more, says):
    with pytest.raises(InputError, match=says):
        check("plateau", epsilon=0.2, **more)


def test_a_direction_that_is_not_a_number_fails_everything_it_is_asked():
    def broken(oracle, w, alpha):
        return torch.nan * oracle.gradient(w, "in")

    report = check(
        P["problem"], epsilon=0.3, algorithms=["maml"], directions={"maml": broken}, claims=["direction"]
    )
    assert {verdict.status for verdict in report.verdicts} == {Status.FAILED}


def test_a_custom_direction_is_put_to_the_one_step_inequality():
    report = check(P["problem"], epsilon=0.3, algorithms=["maml"], claims=["descent"])
    assert report.ok
    assert {verdict.statement for verdict in report.verdicts} >= {"sharp.descent.sampled"}
