"""A kill just before any file operation leaves a directory that the same command goes on with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from fault_tools import KILLED, RUN, die_at

pytestmark = pytest.mark.faults


def files(run: Path) -> dict[str, bytes | None]:
    """Every file by its name; the contents where they do not hold the time."""
    found = {str(p.relative_to(run)): p for p in run.rglob("*") if p.is_file()}
    return {name: None if "cells" in name else path.read_bytes() for name, path in sorted(found.items())}


def operations(fosp, argv, tmp_path) -> int:
    counted = tmp_path / "counted"
    assert fosp(*argv, before=die_at(-1, counted)) == 0, fosp.said
    return int(counted.read_text())


def test_a_first_run(make_fosp, tmp_path):
    whole = make_fosp("whole")
    total = operations(whole, RUN, tmp_path)
    expected = files(whole.here / "run")
    assert total > 25
    for number in range(1, total + 1):
        fosp = make_fosp(f"at-{number}")
        assert fosp(*RUN, before=die_at(number)) == KILLED
        assert fosp(*RUN) == 0, (number, fosp.said)
        assert files(fosp.here / "run") == expected, number
        shutil.rmtree(fosp.here)


def test_a_run_in_the_place_of_another(make_fosp, tmp_path):
    first = make_fosp("first")
    assert first(*RUN) == 0, first.said
    other = (*RUN, "--seed", "1")
    whole = make_fosp("whole")
    shutil.copytree(first.here, whole.here, dirs_exist_ok=True)
    total = operations(whole, other, tmp_path)
    expected = files(whole.here / "run")
    (previous,) = (whole.here / "run" / "previous").iterdir()
    assert json.loads((previous / "config.json").read_text())["seed"] == 0
    for number in range(1, total + 1):
        fosp = make_fosp(f"at-{number}")
        shutil.copytree(first.here, fosp.here, dirs_exist_ok=True)
        assert fosp(*other, before=die_at(number)) == KILLED
        assert fosp(*other) == 0, (number, fosp.said)
        assert files(fosp.here / "run") == expected, number
        shutil.rmtree(fosp.here)


def test_resuming_after_a_kill(make_fosp, tmp_path):
    whole = make_fosp("whole")
    total = operations(whole, RUN, tmp_path)
    expected = files(whole.here / "run")
    resumed = 0
    for number in range(1, total + 1, 3):
        fosp = make_fosp(f"at-{number}")
        assert fosp(*RUN, before=die_at(number)) == KILLED
        if (fosp.here / "run" / "config.json").exists():
            resumed += 1
            assert fosp("validate", "--resume", "--out", "run", "--engine", "serial") == 0, (
                number,
                fosp.said,
            )
            assert files(fosp.here / "run") == expected, number
        shutil.rmtree(fosp.here)
    assert resumed > total / 6
