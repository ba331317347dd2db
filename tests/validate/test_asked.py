"""What is asked is run, and nothing else is made or run."""

import json

import pytest

from bounds.errors import InputError
from empirics import problems
from validate import check, design, onestep, runner
from validate.claim import claims
from validate.rundir import run_suite
from validate.suite import from_dict, load, made_by

SPEC = "ripple:dim=2,n_tasks=4"
TIGHT = "ramp-bowl"
PLACES = {"confidence": (TIGHT, 0.3)}
"""Where a claim on one family is asked."""
ONE = {"assurance": ["maml"]}
"""Algorithms of a claim whose plans take long to find."""
pytestmark = pytest.mark.usefixtures("short_climbs")


class Stop(Exception):
    """Raised in place of running."""


@pytest.fixture
def prepared(monkeypatch):
    """What the next call would run."""
    seen = []

    def stop(self, experiments):
        seen.extend(experiments)
        raise Stop

    monkeypatch.setattr(runner.Runner, "prepare", stop)
    return seen


@pytest.mark.parametrize("claim", claims())
def test_check_runs_what_the_claim_reads(claim, prepared):
    with pytest.raises(Stop):
        check(*PLACES.get(claim, (SPEC, 0.3)), claims=[claim], alpha=1e-5, algorithms=ONE.get(claim))
    assert {e.kind for e in prepared} <= set(claims()[claim].kinds)
    assert prepared


def test_a_claim_on_one_family_says_which():
    with pytest.raises(InputError, match="must be a ramp-bowl"):
        check(SPEC, 0.3, claims=["confidence"])
    with pytest.raises(InputError, match="take alpha L = 1e-05"):
        check(TIGHT, 0.3, claims=["confidence"])


def test_check_of_everything_runs_everything(prepared):
    with pytest.raises(Stop):
        check(SPEC, 0.3)
    assert {"convergence", "plateau", "direction", "descent", "lemmas"} <= {e.kind for e in prepared}


def test_one_direction_is_asked_without_a_simulation(monkeypatch):
    def never(*_):
        raise AssertionError("a trajectory is simulated")

    monkeypatch.setattr(runner, "simulated", never)
    for made in ((design, "convergence"), (design, "plateau"), (onestep, "experiments")):
        monkeypatch.setattr(*made, never)
    assert check(SPEC, 0.3, claims=["lemma"], algorithms=["maml"]).verdicts


def test_what_is_not_asked_need_not_be_affordable():
    assert check(SPEC, 1e-9, claims=["lemma"]).verdicts
    with pytest.raises(InputError, match="epsilon"):
        check(SPEC, 1e-9, claims=["accuracy"])


def test_a_suite_makes_and_lists_what_is_asked(tmp_path):
    suite = from_dict(
        {
            "title": "two",
            "replicates": 8,
            "algorithms": ["maml"],
            "convergence": [{"problem": SPEC, "epsilon": [0.3]}],
            "plateau": [{"problem": SPEC, "iterations": 40}],
            "batches": [
                {"problem": SPEC, "algorithm": "maml", "sizes": {"D_in": [2]}, "iterations": 8,
                 "base": {"B": 2, "D_in": 2, "D_o": 2, "D_h": 2}}
            ],
        }
    )  # fmt: skip
    run_suite(suite, tmp_path / "one", claims=["accuracy"], engine="serial")
    assert _listed(tmp_path / "one") == {"convergence"}
    run_suite(suite, tmp_path / "all", engine="serial")
    assert _listed(tmp_path / "all") == {"convergence", "plateau", "batches"}


def _listed(path):
    rows = json.loads((path / "experiments.json").read_text())
    assert all((path / "cells" / f"{row['cell']}.parquet").is_file() for row in rows)
    assert len(list((path / "cells").glob("*.parquet"))) == len(rows)
    return {row["kind"] for row in rows}


def test_a_table_makes_experiments_of_one_kind():
    suite = load("quick").with_(algorithms=("maml",))
    whole = suite.experiments()
    for kind, table in suite.tables:
        assert {e.kind for e in suite._made(kind, table)} <= {made_by(kind)}
    for kind in {made_by(kind) for kind, _ in suite.tables}:
        assert suite.experiments([kind]) == [e for e in whole if e.kind == kind]


def test_the_verdicts_do_not_depend_on_what_else_is_asked():
    problem = problems.from_spec(SPEC)
    alone = check(problem, 0.3, claims=["lemma"], algorithms=["maml"]).verdicts
    among = check(problem, 0.3, claims=["lemma", "matrix"], algorithms=["maml"]).verdicts
    assert [v.statistic for v in alone] == [v.statistic for v in among if v.claim == "lemma"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (lambda oracle, w, alpha: w, 'must map the name of an algorithm.*directions={"maml": my_direction}'),
        ({"maml": 3}, "maml must be a function or package.module:callable"),
        ({"mamml": print}, "must be among the algorithms that are tested"),
    ],
)
def test_directions_that_are_none_are_refused_in_one_line(given, says):
    with pytest.raises(InputError, match=says):
        check(SPEC, 1.0, directions=given)


def test_an_erratum_is_no_accusation_where_it_need_not_show():
    found = check("quadratic:dim=2,n_tasks=3", 0.4, claims=["errata"], replicates=8)
    assert not found.refuted
    (row,) = [v for v in found.verdicts if v.claim == "erratum.E3"]
    assert row.status.name == "NOT_APPLICABLE"
