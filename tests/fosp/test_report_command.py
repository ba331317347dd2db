"""``fosp report``: a page from a run, one line for what is wrong, and nothing half written."""

import json
import shutil

import pytest

from fosp.__main__ import main


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One small run, which each test copies."""
    out = tmp_path_factory.mktemp("finished") / "run"
    spec = "quadratic:dim=2,n_tasks=2"
    assert (
        main(["validate", "--problem", spec, "--claims", "lemma", "--out", str(out), "--engine", "serial"])
        == 0
    )
    return out


@pytest.fixture
def run(here, finished):
    return shutil.copytree(finished, here / "run")


def test_a_page_beside_the_run_or_elsewhere(run, cli, here):
    outcome = cli("report", "run")
    assert (outcome.code, outcome.out, outcome.err) == (0, "run/report.html\n", "")
    text = (run / "report.html").read_text(encoding="utf-8")
    assert "fosp validate --problem quadratic:dim=2,n_tasks=2 --claims lemma --out again" in text
    document = json.loads(cli("report", "run", "--out", "there/page.html", "--json").out)
    assert document == {
        "schema": 1, "report": "there/page.html", "bytes": len(text.encode()), "missing": ""
    }  # fmt: skip
    assert (here / "there" / "page.html").read_text(encoding="utf-8") == text


def test_a_table_for_a_paper_is_printed_or_written(run, cli, here):
    outcome = cli(
        "report", "run", "--latex", "--claims", "lemma", "--columns", "claim,bound", "--width", "column"
    )
    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert lines[0] == r"% \usepackage{booktabs,tabularx}"
    assert r"\begin{table}" in outcome.out
    assert {line.count("&") for line in lines if "&" in line} == {1}
    cli("report", "run", "--latex", "--out", "there/table.tex")
    assert (here / "there" / "table.tex").read_text(encoding="utf-8").startswith(lines[0])
    assert not (run / "report.html").exists()


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("--columns", "claim"), "--columns = 'claim': is for the table only; add --latex"),
        (("--latex", "--columns", "clam"), "did you mean claim?"),
        (("--latex", "--claims", "lema"), "did you mean lemma?"),
        (("--latex", "--json"), "must not be given with --json"),
    ],
)
def test_a_table_that_is_none(run, cli, argv, says):
    outcome = cli("report", "run", *argv)
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (lambda run: (run / "verdicts.json").unlink(), "is not finished"),
        (lambda run: (run / "verdicts.json").write_text("{"), "cannot be read"),
        (lambda run: (run / "verdicts.json").write_text("[]"), "is damaged"),
        (lambda run: (run / "config.json").write_text("{}"), "checksum"),
        (lambda run: (run / "config.json").unlink(), "must be a run directory"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run, cli, prepare, says):
    prepare(run)
    outcome = cli("report", "run")
    assert (outcome.code, outcome.out) == (2, "")
    assert says in outcome.err
    assert outcome.err.startswith("fosp report: RUN = ")
    assert outcome.err.count("\n") == 1
    assert not (run / "report.html").exists()


@pytest.mark.parametrize("out", ["", "run", "/proc/page.html"])
def test_a_page_that_cannot_be_written(run, cli, out):
    outcome = cli("report", "run", "--out", out)
    assert outcome.code == 2
    assert outcome.err.startswith("fosp report: --out = ")
