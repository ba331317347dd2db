"""Cells and the store: identity, provenance, atomic writing, failures."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest

from bounds.errors import InputError
from empirics import Cell, Store, simulate
from empirics.cells import plan_from_dict
from empirics.problems import from_spec

SPEC = "ripple:dim=3,n_tasks=4"


@pytest.fixture
def cell(plan):
    return Cell(SPEC, plan, replicates=5)


def compute(cell):
    return cell.frame([cell.compute(rows) for rows in cell.blocks()])


@pytest.mark.parametrize(
    "changes", [{}, {"exact": True}, {"start": (1, 2, 3)}, {"every": 5, "iterations": 7}]
)
def test_a_cell_gives_what_simulate_gives(plan, changes):
    expected = simulate(from_spec(SPEC), plan, replicates=5, seed=3, **changes)
    found = compute(Cell(SPEC, plan, replicates=5, seed=3, **changes))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_everything_that_decides_the_numbers_is_in_the_identity(cell, plan):
    others = [
        Cell("ripple:dim=4,n_tasks=4", plan, replicates=5),
        Cell(SPEC, plan.with_(alpha=0.11), replicates=5),
        Cell(SPEC, plan.with_(B=8), replicates=5),
        Cell(SPEC, plan, replicates=6),
        Cell(SPEC, plan, replicates=5, direction="fo-maml"),
        Cell(SPEC, plan, replicates=5, seed=1),
        Cell(SPEC, plan, replicates=5, iterations=3),
        Cell(SPEC, plan, replicates=5, exact=True),
        Cell(SPEC, plan, replicates=5, experiment="other"),
        Cell(SPEC, plan, replicates=5, every=2),
        Cell(SPEC, plan, replicates=5, start=(0.0, 0.0, 0.0)),
    ]
    assert len({c.identity for c in [cell, *others]}) == len(others) + 1


def test_defaults_written_out_are_the_same_cell(cell, plan):
    written = Cell(SPEC, plan, "maml", 5, 0, plan.iterations, False, "run", 1, None)
    assert written.identity == cell.identity


def test_a_plan_survives_json(plan):
    assert plan_from_dict(json.loads(json.dumps(plan.to_dict()))) == plan


def test_a_plan_of_another_version_is_refused_in_one_line(plan):
    old = plan.to_dict()
    del old["epsilon"]
    with pytest.raises(InputError, match="not a plan of this version") as caught:
        plan_from_dict(old)
    assert "\n" not in str(caught.value)


def test_a_users_file_is_part_of_the_identity(plan, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "users_direction.py"
    module.write_text("def d(oracle, w, alpha):\n    return oracle.gradient(w, 'in')\n")
    before = Cell(SPEC, plan, "users_direction:d").identity
    assert Cell(SPEC, plan, "users_direction:d").identity == before
    module.write_text("def d(oracle, w, alpha):\n    return oracle.gradient(w, 'out')\n")
    assert Cell(SPEC, plan, "users_direction:d").identity != before


def test_a_cell_that_is_no_plain_data_is_refused(plan):
    with pytest.raises(InputError, match="cell"):
        _ = Cell(SPEC, plan.with_(guarantee=float("nan"))).identity
    with pytest.raises(InputError, match="replicates"):
        Cell(SPEC, plan, replicates=0)


def test_what_is_stored_comes_back_bit_for_bit_with_its_provenance(cell, tmp_path):
    store, frame = Store(tmp_path), compute(cell)
    assert store.get(cell) is None
    store.put(cell, frame)
    pd.testing.assert_frame_equal(store.get(cell), frame, check_exact=True)
    record = store.provenance(cell)
    assert record["identity"] == cell.identity
    assert record["seed"] == cell.seed
    assert record["config"] == json.loads(json.dumps(cell.config()))
    assert record["versions"]["torch"].startswith("2.")
    assert record["finished"].endswith("+00:00")
    assert [path.name for path in (tmp_path / "cells").iterdir()] == [f"{cell.identity}.parquet"]


def test_nothing_half_written_is_ever_found(cell, tmp_path, monkeypatch):
    store, frame = Store(tmp_path), compute(cell)

    def interrupted(path, data):
        with path.open("wb") as stream:
            stream.write(data[: len(data) // 2])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.put(cell, frame)
    assert store.get(cell) is None
    assert list((tmp_path / "cells").iterdir()) == []
    store.put(cell, frame)
    assert store.get(cell) is not None


def test_a_damaged_or_foreign_file_is_not_taken(cell, plan, tmp_path):
    store, frame = Store(tmp_path), compute(cell)
    store.put(cell, frame)
    path = tmp_path / "cells" / f"{cell.identity}.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert store.get(cell) is None
    frame.to_parquet(path)
    assert store.get(cell) is None
    other = Cell(SPEC, plan, replicates=5, seed=1)
    path.write_bytes(whole)
    path.rename(tmp_path / "cells" / f"{other.identity}.parquet")
    assert store.get(other) is None


def test_a_failure_is_recorded_and_not_taken_for_a_result(cell, tmp_path):
    store = Store(tmp_path)
    store.fail(cell, "ValueError: no", "Traceback")
    assert store.get(cell) is None
    assert store.failure(cell)["reason"] == "ValueError: no"
    assert store.failure(cell)["identity"] == cell.identity
    store.put(cell, compute(cell))
    assert store.failure(cell) is None


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="out"):
        Store(tmp_path / "file" / "runs")


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="root may write everywhere",
)
def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="out"):
        Store(tmp_path)
