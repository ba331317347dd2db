from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fosp import verdicts
from validate.report import Report
from validate.verdict import Status, Verdict

PROBLEM = ("validate", "--engine", "serial", "--problem", "quadratic:dim=2,n_tasks=3")
SMALL = (*PROBLEM, "--epsilon", "0.4", "--replicates", "8")
FEW = ("--claims", "accuracy,plateau,lemma,errata")
VERDICTS = {"verdicts.json", "verdicts.parquet", "verdicts.md", "verdicts.tex"}
FILES = {"cells", "config.json", "experiments.json"} | VERDICTS


def verdict(status: Status = Status.CONSISTENT, **changed) -> Verdict:
    fields = {
        "claim": "accuracy.best", "statement": "sharp.maml.guarantee", "algorithm": "maml", "problem": "ripple",
        "status": status, "statistic": 0.05, "interval": (0.04, 0.06), "level": 0.999, "bound": 0.1, "slack": 2.0,
        "slack_interval": (1.6, 2.5), "n": 64, "detail": "a sentence", "setting": "epsilon = 0.1",
        "relation": "at most",
    }  # fmt: skip
    return Verdict(**(fields | changed))


def report(*rows: Verdict) -> Report:
    return Report(rows, "id", ("ripple",), 0, 0.01)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, warm) -> tuple[Path, subprocess.CompletedProcess]:
    """One small run, in a process of its own."""
    where = tmp_path_factory.mktemp("run")
    return where / "run", warm.run("fosp", *SMALL, *FEW, "--out", "run", "--json", cwd=where)


def test_stdout_holds_one_document_and_the_exit_code_follows_it(finished):
    path, done = finished
    document = json.loads(done.stdout, parse_constant=pytest.fail)
    assert document["schema"] == 1
    assert {"run", "problem", "seed", "versions", "verdicts"} <= set(document)
    refuted = any(one["status"] in ("VIOLATED", "FAILED") for one in document["verdicts"])
    assert done.returncode == int(refuted) == 0
    assert done.stderr == "run directory: run\n"
    assert {file.name for file in path.iterdir()} == FILES
    assert json.loads((path / "verdicts.json").read_text()) == document


def test_a_verdict_has_what_the_contract_says(finished):
    contract = "claim statement algorithm problem status statistic interval level bound slack n detail"
    for one in json.loads(finished[1].stdout)["verdicts"]:
        assert set(contract.split()) <= set(one)
        assert len(one["interval"]) == 2


def test_resuming_takes_what_is_there(finished, cli, monkeypatch):
    path, done = finished
    monkeypatch.chdir(path.parent)
    before = {file.name: file.stat().st_mtime_ns for file in (path / "cells").iterdir()}
    outcome = cli("validate", "--resume", "--out", "run", "--json", "--engine", "serial")
    assert outcome.code == 0
    assert json.loads(outcome.out) == json.loads(done.stdout)
    assert {file.name: file.stat().st_mtime_ns for file in (path / "cells").iterdir()} == before


def started(here: Path) -> subprocess.Popen:
    """A run in a process of its own, one cell after the other, as soon as its first result is there."""
    command = (*PROBLEM, "--epsilon", "0.2", "--claims", "accuracy", "--out", "run")
    process = subprocess.Popen(
        [sys.executable, "-m", "fosp", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    while process.poll() is None and not list((here / "run" / "cells").glob("*.parquet")):
        time.sleep(0.02)
    return process


def finished_cells(run: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (run / "cells").glob("[!.]*.parquet")}


def go_on(here: Path, cli, command: str) -> None:
    kept = finished_cells(here / "run")
    assert kept
    assert not any((here / "run" / name).exists() for name in VERDICTS)
    assert cli(*command.split()[1:], "--engine", "serial").code == 0
    assert {file.name for file in (here / "run").iterdir()} == FILES
    assert kept.items() <= finished_cells(here / "run").items()


def test_an_interrupted_run_goes_on(here, cli):
    process = started(here)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (
        said == "fosp: interrupted; what is finished is kept; go on with: fosp validate --resume --out run\n"
    )
    go_on(here, cli, said.split("go on with: ")[1])


def test_a_run_that_was_killed_outright_goes_on_and_says_the_same(here, cli):
    process = started(here)
    process.kill()
    process.wait(timeout=60)
    assert process.returncode == -signal.SIGKILL
    go_on(here, cli, "fosp validate --resume --out run")
    resumed = (here / "run" / "verdicts.json").read_text()
    assert cli(*PROBLEM, "--epsilon", "0.2", "--claims", "accuracy", "--out", "new").code == 0
    assert (here / "new" / "verdicts.json").read_text() == resumed


def test_the_default_directory_follows_from_the_configuration(cli, here):
    outcome = cli(*SMALL, "--algorithm", "maml", "--claims", "accuracy", "--json")
    document = json.loads(outcome.out)
    assert outcome.err == f"run directory: {Path('runs') / document['run']}\n"
    assert {one["algorithm"] for one in document["verdicts"]} == {"maml"}
    assert {one["claim"].split(".")[0] for one in document["verdicts"]} == {"accuracy"}
    assert {file.name for file in (here / "runs" / document["run"]).iterdir()} == FILES


@pytest.mark.parametrize(("status", "code"), [(s, int(s in ("VIOLATED", "FAILED"))) for s in Status])
def test_the_exit_code_says_whether_a_claim_was_refuted(cli, monkeypatch, status, code):
    monkeypatch.setattr("validate.rundir.run_suite", lambda *_, **__: report(verdict(), verdict(status)))
    outcome = cli(*SMALL, "--out", "run")
    assert outcome.code == code
    assert status.value in outcome.out


def test_the_table_has_a_row_for_each_claim(capsys):
    odd = verdict(Status.NOT_APPLICABLE, statistic=float("nan"), algorithm="fo-maml", detail="out of reach")
    verdicts.print_report(report(verdict(), odd, verdict(problem="plateau")))
    page = capsys.readouterr().out
    rows = [line for line in page.splitlines() if line.startswith("   accuracy.best")]
    assert len(rows) == 3
    assert rows[0].split() == [
        "accuracy.best",
        "maml",
        "CONSISTENT",
        "0.05",
        "0.04",
        "to",
        "0.06",
        "at",
        "most",
        "0.1",
        "2",
    ]
    assert rows[1].split()[:3] == ["accuracy.best", "fo-maml", "NOT_APPLICABLE"]
    assert "out of reach" in page
    assert "3 claims: 2 CONSISTENT, 1 NOT_APPLICABLE" in page


def test_answers_to_one_question_share_a_row_unless_they_are_not_consistent(capsys):
    loose, tight = verdict(slack=30.0, statistic=0.0033), verdict(slack=1.5, statistic=0.066)
    unsure = verdict(Status.INCONCLUSIVE, slack=1.1, statistic=0.09)
    verdicts.print_report(report(loose, tight, unsure, verdict(slack=float("nan"))))
    page = capsys.readouterr().out
    rows = [line.split()[:5] for line in page.splitlines() if line.startswith("   accuracy.best")]
    assert rows == [
        ["accuracy.best", "(3)", "maml", "CONSISTENT", "0.066"],
        ["accuracy.best", "maml", "INCONCLUSIVE", "0.09", "0.04"],
    ]
    assert "4 claims: 3 CONSISTENT, 1 INCONCLUSIVE" in page


def test_a_large_table_is_told_in_a_few_lines_unless_it_is_asked_for(capsys):
    many = [verdict(problem=f"ripple:seed={n}") for n in range(verdicts.MOST_ROWS)]
    floor = verdict(claim="plateau.fixed-point", algorithm="fo-maml", relation="equal", slack=1.0)
    found = verdict(
        claim="erratum.E3", statement="paper.hf-maml.accuracy", algorithm="hf-maml", relation="at least"
    )
    odd = verdict(Status.INCONCLUSIVE, claim="lemma", detail="not enough runs")
    whole = report(*many, floor, found, odd, verdict(Status.NOT_APPLICABLE, detail="out of reach"))
    verdicts.print_report(whole, "here")
    page = capsys.readouterr().out
    told = " ".join(page.split())
    assert page.count("accuracy.best") == 0
    assert "none came out against what is derived here; 1 could not be decided and 1 erratum" in told
    assert "MAML through its target CONSISTENT 0.05" in told
    assert "FO-MAML at its floor CONSISTENT 0.05 equal" in told
    assert "record refuted 0.05 at least 0.1" in told
    assert "E3, record refuted: paper.hf-maml.accuracy" in page
    assert "not enough runs" in page
    assert "out of reach" not in page
    assert "fosp report here" in page.splitlines()[-1]
    assert page.splitlines().index(verdicts.ERRATA) < 16
    verdicts.print_report(whole, "here", whole=True)
    page = capsys.readouterr().out
    assert page.count("   accuracy.best") == verdicts.MOST_ROWS + 1
    assert "out of reach" in page


def test_what_was_refuted_is_said_first(capsys):
    many = [verdict(problem=f"ripple:seed={n}") for n in range(verdicts.MOST_ROWS)]
    verdicts.print_report(report(*many, verdict(Status.VIOLATED, detail="it broke")))
    page = capsys.readouterr().out
    assert "1 came out against it: something here is wrong" in page.splitlines()[1]
    assert "it broke" in page


def test_the_heading_of_a_problem_is_broken_between_words_on_a_narrow_terminal(monkeypatch, capsys):
    monkeypatch.setattr("fosp.tables.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    verdicts.print_report(
        report(verdict(problem="ripple:dim=2,n_tasks=3,seed=0", setting="alpha L = 0.1, epsilon = 0.4"))
    )
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 40
