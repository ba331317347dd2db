"""Small runs, made once: a suite of one's own whose title is no HTML."""

from __future__ import annotations

import json
import shutil

import pytest
from report_suite import SUITE

from validate.rundir import run_suite
from validate.suite import from_dict


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("reported") / "run"
    run_suite(from_dict(SUITE), out, claims=["plateau", "lemma", "recorded"], engine="serial")
    return out


@pytest.fixture
def changed(run, tmp_path):
    """Return a copy of the run whose verdicts were changed by a function."""

    def copy(change):
        there = tmp_path / "changed"
        shutil.copytree(run, there)
        told = json.loads((there / "verdicts.json").read_text())
        change(told)
        (there / "verdicts.json").write_text(json.dumps(told))
        return there

    return copy
