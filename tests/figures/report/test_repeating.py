"""The command of a report gives the same run."""

import shlex

import pytest
from report_suite import SUITE

from figures.report.repeating import FILE, repeat
from fosp.commands.validate import _suite
from fosp.parser import parse
from validate.claim import claims
from validate.rundir import identifier
from validate.suite import Suite, for_problem, from_dict, load


def configured(suite, asked=None):
    return suite.to_dict() | {"claims": list(asked or claims())}


def again(command):
    """Return the configuration that the command stands for."""
    args = parse(shlex.split(command)[1:])
    asked = args.claims.split(",") if args.claims else []
    return configured(_suite(args, asked), asked)


SUITES = [
    load("default"),
    load("quick").with_(seed=7, replicates=9, algorithms=("maml",)),
    from_dict(for_problem(("ripple:dim=2", "quadratic"), 0.3)),
    from_dict(for_problem(("ripple:dim=2",), None)).with_(seed=3),
]


@pytest.mark.parametrize("suite", SUITES, ids=["default", "changed", "problems", "no target"])
def test_a_suite_that_is_known_is_named(suite):
    found = repeat(configured(suite))
    assert found.suite == ""
    assert identifier(again(found.command)) == identifier(configured(suite))


def test_claims_that_bring_their_own_tables_are_named():
    suite = from_dict(for_problem(("ripple:dim=2",), 0.3, ["assurance"]))
    found = repeat(configured(suite, ["assurance"]))
    assert found.suite == ""
    assert identifier(again(found.command)) == identifier(configured(suite, ["assurance"]))


def test_a_suite_of_ones_own_comes_as_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    strange = 'a "title" with \\ and \n and \x7f and ü'
    suite = from_dict(SUITE | {"title": strange})
    found = repeat(configured(suite, ["lemma", "plateau"]))
    (tmp_path / FILE).write_text(found.suite, encoding="utf-8")
    assert "--claims lemma,plateau" in found.command
    assert identifier(again(found.command)) == identifier(configured(suite, ["lemma", "plateau"]))


def test_another_run_would_be_noticed():
    assert isinstance(SUITES[0], Suite)
    assert identifier(configured(SUITES[0].with_(seed=1))) != identifier(configured(SUITES[0]))
