"""A directory of another run never gets a suite that nobody named."""

from __future__ import annotations

import pytest

from fosp.__main__ import main
from validate import suite
from validate.rundir import identifier, other_run
from validate.stored import read_config, write_config


@pytest.fixture
def another(tmp_path):
    write_config(tmp_path, suite.load("quick").to_dict() | {"claims": [], "versions": {}})
    return tmp_path


def test_a_configuration_that_cannot_be_read_is_another_run(tmp_path, capsys):
    (tmp_path / "config.json").write_text("{")
    assert main(["validate", "--out", str(tmp_path)]) == 2
    assert "another run (damaged)" in capsys.readouterr().err
    assert (tmp_path / "config.json").read_text() == "{"


@pytest.mark.parametrize("more", [[], ["--replicates", "99"], ["--claims", "step"]])
def test_the_default_suite_does_not_start_by_itself(another, capsys, more):
    before = (another / "config.json").read_text()
    assert main(["validate", "--out", str(another), *more]) == 2
    message = capsys.readouterr().err.strip()
    assert len(message.splitlines()) == 1
    assert "another run (Quick look)" in message
    assert "--resume" in message
    assert "fosp validate default" in message
    assert [path.name for path in another.iterdir()] == ["config.json"]
    assert (another / "config.json").read_text() == before


def test_figures_without_a_run_do_not_start_in_it_either(another, capsys):
    assert main(["figures", "--only", "plateau", "--out", str(another)]) == 2
    assert f"fosp figures {another}" in capsys.readouterr().err
    assert [path.name for path in another.iterdir()] == ["config.json"]


def test_the_same_configuration_goes_on(another):
    config = read_config(another)
    assert other_run(another, config) is None
    assert identifier(other_run(another, config | {"seed": 1})) == identifier(config)
    assert other_run(another / "none", config) is None
