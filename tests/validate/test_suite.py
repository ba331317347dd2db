import json

import pytest

from bounds.errors import InputError
from validate import check
from validate.rundir import resume, run_suite
from validate.suite import for_problem, from_dict, load, shipped

SMALL = {
    "title": "small",
    "replicates": 8,
    "algorithms": ["maml", "fo-maml"],
    "convergence": [{"problem": "ripple:dim=2,n_tasks=4", "epsilon": [0.3]}],
    "iterations": [{"problem": "ripple:dim=2,n_tasks=4", "epsilon": [0.3]}],
    "plateau": [{"problem": "plateau", "alpha_L": [0.1], "iterations": 800}],
}

SPEC = "ripple:dim=2,n_tasks=4"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """The small suite, run once: where, and its report."""
    path = tmp_path_factory.mktemp("small")
    return path, run_suite(from_dict(SMALL), path, engine="serial")


def test_run_directory_holds_everything_and_a_second_call_goes_on(ran):
    tmp_path, first = ran
    assert first.ok
    names = {path.name for path in tmp_path.iterdir()}
    verdicts = {f"verdicts.{kind}" for kind in ("json", "parquet", "md", "tex")}
    assert names == {"config.json", "cells", "experiments.json"} | verdicts
    rows = json.loads((tmp_path / "experiments.json").read_text())
    assert {row["kind"] for row in rows} == {"convergence", "iterations", "plateau"}
    assert all((tmp_path / "cells" / f"{row['cell']}.parquet").is_file() for row in rows)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells").iterdir()}
    lost = next(iter(before))
    lost.unlink()
    again = resume(tmp_path, engine="serial")
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells").iterdir()}
    assert after.keys() == before.keys()
    assert [path for path in before if after[path] != before[path]] == [lost]
    assert again.to_json() == first.to_json()


def test_a_run_that_serves_two_questions_is_judged_once(ran):
    _, report = ran
    rows = [(v.claim, v.algorithm, v.problem, v.statement) for v in report.verdicts]
    assert len(rows) == len(set(rows))


def test_resume_without_a_run_says_so(tmp_path):
    with pytest.raises(InputError, match=r"config\.json"):
        resume(tmp_path)


def test_shipped_suites_load():
    assert {"default", "quick"} <= set(shipped())
    for name in shipped():
        assert {"convergence", "tight"} <= {kind for kind, _ in load(name).tables}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"convergance": []}, "must be among"),
        ({"convergence": [{"epsilon": 1.0}]}, "must have problem"),
        ({"convergence": [{"problem": "ripple", "epsilonn": 1.0}]}, "must be among"),
    ],
)
def test_mistakes_in_a_configuration_are_named(data, words):
    with pytest.raises(InputError, match=words):
        from_dict(data)


def test_a_missing_configuration_is_named():
    with pytest.raises(InputError, match="or a TOML file"):
        load("nowhere.toml")


def test_tables_for_the_users_problem():
    suite = from_dict(for_problem(("ripple:dim=2,n_tasks=4",), 0.3))
    assert {e.kind for e in suite.experiments()} == {
        "convergence",
        "plateau",
        "lemmas",
        "matrices",
        "estimators",
        "direction",
        "descent",
    }


def test_a_named_claim_that_reads_nothing_of_everyones_brings_its_own():
    suite = from_dict(for_problem((SPEC,), 0.3, ["assurance", "accuracy"]) | {"algorithms": ["maml"]})
    asked = {kind: table for kind, table in suite.tables if kind in ("assurance", "convergence")}
    assert asked["assurance"]["epsilon"] == 0.3
    assert asked["convergence"]["epsilon"] == [0.3]
    assert not any(kind in ("iterations", "tight") for kind, _ in suite.tables)
    assert {e.kind for e in suite.experiments(["assurance"])} == {"assurance"}


def test_a_run_too_long_for_a_table_is_refused_before_anything_is_written(tmp_path):
    far = {"convergence": [{"problem": "ripple", "epsilon": [1e-3]}]}
    with pytest.raises(InputError, match=r"more than the 2e\+07 that can be kept; take a larger one"):
        run_suite(from_dict(far), tmp_path / "run", engine="serial")
    assert not (tmp_path / "run").exists()
    with pytest.raises(InputError, match="can be kept"):
        check("ripple", epsilon=1e-3)


@pytest.mark.parametrize("name", ["default", "full", "paper"])
def test_a_curve_of_iterations_is_of_one_step_rule_and_one_number_of_tasks(name):
    """The cheapest rule may change from one target to the next: an exponent over both says nothing."""
    suite = load(name)
    long = [row for row in suite.tables if row[0] == "iterations" and len(row[1]["epsilon"]) >= 3]
    ends = [
        (kind, {**table, "epsilon": sorted(table["epsilon"])[:: len(table["epsilon"]) - 1]})
        for kind, table in long
    ]
    made = suite.with_(tables=tuple(ends)).experiments()
    assert len(made) >= 6
    assert len({(e.plan.step_rule.kind, e.plan.B) for e in made}) == 1
