"""Sweeps of grids: each cell is the run of its own, on any engine; resuming, damage, failures, refusals."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

from bounds.errors import InputError
from bounds.seal import DamagedFile
from empirics import read_sweep, run_sweep, simulate
from empirics.problems import from_spec
from empirics.sweeps import load, tasks
from empirics.sweeps.planning import entries

COLUMNS = ["replicate", "iteration", "grad_norm", "objective", "step_size"]
SUITE = {
    "replicates": 3,
    "iterations": 4,
    "grid": [
        {
            "problem": "ripple:dim=3,n_tasks=4",
            "algorithm": ["maml", "hf-maml"],
            "epsilon": [0.3, 0.5],
            "plan": [{"B": 4}, {"B": 2, "D_in": 7}],
            "seeds": 2,
        }
    ],
}


def changed(**grid):
    return {**SUITE, "grid": [{**SUITE["grid"][0], **grid}]}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    out = tmp_path_factory.mktemp("sweep") / "out"
    return out, run_sweep(SUITE, out, engine="serial")


def exactly_equal(left, right):
    order = ["cell", "replicate", "iteration"]
    plain = [frame.astype({"cell": str}).sort_values(order).reset_index(drop=True) for frame in (left, right)]
    pd.testing.assert_frame_equal(*plain, check_exact=True, check_categorical=False)


def test_every_cell_is_the_run_of_its_own(swept):
    out, summary = swept
    table = read_sweep(out)
    assert len(summary) == 16
    assert (summary.status == "done").all()
    for entry in entries(load(SUITE).points()):
        cell = entry.cell
        own = simulate(from_spec(cell.problem), cell.plan, replicates=3, seed=cell.seed, iterations=4)
        found = table[table.cell == cell.identity][COLUMNS].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, own, check_exact=True, check_dtype=False)


def test_the_summary_is_what_the_table_says(swept):
    out, summary = swept
    table = read_sweep(out)
    for row in summary.itertuples():
        mine = table[table.cell == row.cell]
        last = mine[mine.iteration == 4].grad_norm
        assert row.final == pytest.approx(last.mean(), rel=1e-14)
        assert row.hits == mine[mine.grad_norm <= row.epsilon].replicate.nunique()
        assert (mine.epsilon == row.epsilon).all()
        assert set(mine.plan) == {row.plan}


def test_workers_and_the_cut_change_no_bit(swept, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "TARGET", 1)
    summary = run_sweep(SUITE, tmp_path / "out", engine="local", workers=2)
    exactly_equal(read_sweep(tmp_path / "out"), read_sweep(swept[0]))
    pd.testing.assert_frame_equal(summary, swept[1], check_exact=True)
    assert len(list((tmp_path / "out" / "parts").iterdir())) > len(list((swept[0] / "parts").iterdir()))


def test_a_large_cell_is_cut_into_blocks(tmp_path, monkeypatch):
    suite = {
        "replicates": 150,
        "grid": [{"problem": "ripple:dim=2,n_tasks=4", "algorithm": "maml", "epsilon": 0.5}],
    }
    run_sweep(suite, tmp_path / "whole", engine="serial")
    monkeypatch.setattr(tasks, "TARGET", 1)
    (cell,) = [entry.cell for entry in entries(load(suite).points())]
    assert [len(part.tasks) for part in tasks.parts([cell])] == [3]
    run_sweep(suite, tmp_path / "cut", engine="serial")
    exactly_equal(read_sweep(tmp_path / "whole"), read_sweep(tmp_path / "cut"))


def test_a_stopped_sweep_goes_on_and_computes_no_part_twice(swept, tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "TARGET", 1)
    out = tmp_path / "out"

    def stop(done, total):
        if done >= 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(SUITE, out, engine="serial", progress=stop)
    before = {path: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}
    assert len(before) == 5
    with pytest.raises(InputError, match="holds a sweep already"):
        run_sweep(SUITE, out, engine="serial")
    summary = run_sweep(None, out, resume=True, engine="serial")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    exactly_equal(read_sweep(out), read_sweep(swept[0]))
    pd.testing.assert_frame_equal(summary, swept[1], check_exact=True)


def test_a_grown_suite_keeps_what_is_finished(tmp_path, monkeypatch):
    out, ran = tmp_path / "out", []
    run_sweep(changed(seeds=1), out, engine="serial")
    compute = tasks.Task.compute
    monkeypatch.setattr(tasks.Task, "compute", lambda task: ran.extend(task.cells) or compute(task))
    summary = run_sweep(changed(seeds=2), out, resume=True, engine="serial")
    assert len(summary) == 16
    assert [cell.seed for cell in ran] == [1] * 8


def test_a_damaged_part_is_told_and_made_again(swept, tmp_path):
    out = tmp_path / "out"
    run_sweep(SUITE, out, engine="serial")
    (part,) = (out / "parts").iterdir()
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(data)
    with pytest.warns(DamagedFile, match="its cells are missing"):
        run_sweep(None, out, resume=True, engine="serial")
    exactly_equal(read_sweep(out), read_sweep(swept[0]))


def test_a_failed_cell_is_recorded_and_never_taken(tmp_path, monkeypatch):
    (tmp_path / "breaking.py").write_text(
        "from dataclasses import dataclass\nfrom empirics.problems import Ripple\n"
        "@dataclass(frozen=True, kw_only=True)\nclass Breaking(Ripple):\n"
        "    def gradient(self, tasks, w, batch=None):\n"
        "        if batch is not None and batch.abs().max() > 2.5:\n            raise ArithmeticError('too far')\n"
        "        return super().gradient(tasks, w, batch)\n"
        "def make():\n    return Breaking(dim=2, n_tasks=4)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    suite = changed(problem=["breaking:make", "ripple:dim=3,n_tasks=4"], algorithm="maml", plan={"D_in": 1})
    with pytest.raises(InputError, match="confirm with --trust"):
        run_sweep(suite, tmp_path / "out", engine="serial", trust=False)
    assert not (tmp_path / "out").exists()
    summary = run_sweep(suite, tmp_path / "out", engine="serial")
    failed = summary[summary.status == "failed"]
    assert set(failed.problem) == {"breaking:make"}
    assert failed.reason.str.contains("ArithmeticError: too far").all()
    records = sorted((tmp_path / "out" / "cells").glob("*.failed.json"))
    assert len(records) == len(failed) > 0
    assert "too far" in json.loads(records[0].read_text())["reason"]
    assert not set(failed.cell) & set(read_sweep(tmp_path / "out").cell)
    sys.modules.pop("breaking", None)


def test_what_has_no_plan_is_told_and_not_run(tmp_path):
    suite = {
        "replicates": 2,
        "iterations": 2,
        "grid": [{"problem": "plateau", "epsilon": [0.001, 0.3], "algorithm": "fo-maml"}],
    }
    summary = run_sweep(suite, tmp_path, engine="serial")
    assert list(summary.status) == ["infeasible", "done"]
    assert "out of reach" in summary.reason[0]


@pytest.mark.parametrize(
    ("grid", "told"),
    [
        ({"epsilon": -1}, "epsilon"),
        ({"epsilon": []}, "epsilon"),
        ({"problem": 3}, "problem"),
        ({"algorithm": "mamm"}, r"must be among maml.*or a list of them; did you mean maml\?"),
        ({"seeds": 0}, "seeds"),
        ({"plan": {"C": 1}}, "must be among B, D_in"),
        ({"alpha": 0.1, "alpha_L": 0.1}, "two ways"),
        ({"epsilom": 1}, "must be among problem"),
        ({"alpha_L": 2.0}, "alpha"),
        ({"problem": "riple"}, "must start with a family"),
        ({"algorithm": "fo-maml", "plan": {"D_h": 5}}, "does not use it"),
    ],
)
def test_a_wrong_entry_is_named_and_nothing_is_written(tmp_path, grid, told):
    with pytest.raises(InputError, match=told):
        run_sweep(changed(**grid), tmp_path / "out", engine="serial")
    assert not (tmp_path / "out").exists()


def test_a_strange_folder_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(InputError, match="must be new"):
        run_sweep(SUITE, tmp_path, engine="serial")
    with pytest.raises(InputError, match="no sweep to go on with"):
        run_sweep(SUITE, tmp_path / "new", resume=True, engine="serial")
    with pytest.raises(InputError, match="folder of a sweep"):
        read_sweep(tmp_path)
