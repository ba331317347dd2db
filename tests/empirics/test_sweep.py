"""Sweeps: the same numbers on every engine, resuming, failed cells."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

from bounds.errors import InputError
from empirics import Cell, CellError, Store, algorithms, run_cells, simulate
from empirics.problems import from_spec
from empirics.sweep import Piece

SPEC = "ripple:dim=3,n_tasks=4"


@pytest.fixture
def cells(plan):
    return [
        Cell(SPEC, plan, replicates=70),
        Cell(SPEC, plan, "fo-maml", replicates=40, seed=1),
        Cell(SPEC, plan, exact=True, replicates=2),
    ]


@pytest.fixture
def computed(monkeypatch):
    """Count the blocks that are computed in this process."""
    counted = []
    original = Cell.compute
    monkeypatch.setattr(Cell, "compute", lambda cell, rows: counted.append(cell) or original(cell, rows))
    return counted


def equal(left, right):
    for a, b in zip(left, right, strict=True):
        pd.testing.assert_frame_equal(a, b, check_exact=True)


def test_the_numbers_do_not_depend_on_the_engine_or_the_workers(cells, plan, tmp_path):
    serial = run_cells(cells, engine="serial")
    equal(run_cells(cells, Store(tmp_path), workers=3), serial)
    equal(serial[:1], [simulate(from_spec(SPEC), plan, replicates=70)])


def test_what_is_stored_is_not_computed_again(cells, computed, tmp_path):
    first = run_cells(cells, Store(tmp_path), engine="serial")
    count = len(computed)
    assert count == sum(len(cell.blocks()) for cell in cells) > len(cells)
    equal(run_cells(cells, Store(tmp_path), engine="serial"), first)
    assert len(computed) == count


def test_equal_cells_are_computed_once(cells, computed):
    run_cells([cells[0], cells[0]], engine="serial")
    assert len(computed) == len(cells[0].blocks())


def test_an_interrupted_sweep_goes_on_where_it_was(cells, computed, tmp_path):
    def interrupt(done, total):
        if done > cells[0].replicates * cells[0].iterations:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cells(cells, Store(tmp_path), engine="serial", progress=interrupt)
    computed.clear()
    found = run_cells(cells, Store(tmp_path), engine="serial")
    assert cells[0] not in computed
    equal(found, run_cells(cells, engine="serial"))


def test_an_interrupted_pool_leaves_no_process_and_can_be_resumed(cells, tmp_path):
    import multiprocessing

    def interrupt(done, total):
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_cells(cells, Store(tmp_path), workers=2, progress=interrupt)
    assert multiprocessing.active_children() == []
    equal(run_cells(cells, Store(tmp_path), engine="serial"), run_cells(cells, engine="serial"))


@pytest.mark.faults
def test_a_worker_that_is_killed_loses_nothing(plan, tmp_path, monkeypatch):
    monkeypatch.setenv("ENGINE_WORK_MARKER", str(tmp_path / "died"))
    cells = [Cell(SPEC, plan, "engine_work:dying_maml", replicates=70), Cell(SPEC, plan, replicates=70)]
    dying, healthy = run_cells(cells, Store(tmp_path), workers=2)
    assert (tmp_path / "died").exists()
    own = partial(algorithms.maml)
    equal([dying], [simulate(from_spec(SPEC), plan, direction=own, replicates=70)])
    equal([healthy], [simulate(from_spec(SPEC), plan, replicates=70)])


def test_a_failed_cell_is_recorded_with_its_reason_and_computed_again(cells, plan, tmp_path, monkeypatch):
    monkeypatch.setenv("ENGINE_WORK_MARKER", str(tmp_path / "marker"))
    bad, store = Cell(SPEC, plan, "engine_work:failing", replicates=70), Store(tmp_path)
    with pytest.raises(CellError, match="ArithmeticError: no marker") as caught:
        run_cells([bad, *cells], store, workers=2)
    assert [cell for cell, _ in caught.value.failures] == [bad]
    assert store.failure(bad)["reason"] == "ArithmeticError: no marker"
    assert "Traceback" in store.failure(bad)["details"]
    assert store.get(bad) is None
    assert all(store.get(cell) is not None for cell in cells)
    tables = run_cells([bad, *cells], store, engine="serial", strict=False)
    assert tables[0] is None
    assert all(table is not None for table in tables[1:])
    (tmp_path / "marker").write_text("")
    own = partial(algorithms.maml)
    expected = simulate(from_spec(SPEC), plan, direction=own, replicates=70)
    equal(run_cells([bad], store, engine="serial"), [expected])
    assert store.failure(bad) is None


def test_a_worker_with_other_code_is_refused(cells, monkeypatch):
    piece = Piece(cells[0], 0, cells[0].blocks()[0])
    assert piece.compute().shape == (len(piece.rows), cells[0].iterations + 1, 3)
    for name in ("fosp", "numpy", "torch"):
        with pytest.raises(RuntimeError, match=f"the worker has {name}"):
            replace(piece, made_with=piece.made_with | {name: "0.0"}).compute()


def test_a_worker_with_another_file_of_the_user_is_refused(plan, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "module_of_a_user.py"
    module.write_text("def d(oracle, w, alpha):\n    return oracle.gradient(w, 'in')\n")
    cell = Cell(SPEC, plan, "module_of_a_user:d")
    piece = Piece(cell, 0, cell.blocks()[0])
    assert cell.identity
    module.write_text("def d(oracle, w, alpha):\n    return oracle.gradient(w, 'out')\n")
    with pytest.raises(RuntimeError, match="another version"):
        piece.compute()


def test_progress_reaches_the_end(cells):
    calls = []
    run_cells(cells, engine="serial", progress=lambda done, total: calls.append((done, total)))
    assert calls[0][0] == 0
    assert calls[-1][0] == calls[-1][1] > 0
    assert calls == sorted(calls)


def test_wrong_input_is_said_before_any_work(plan, computed):
    for bad in (Cell("no-such-family", plan), Cell(SPEC, plan, "no-such"), Cell(SPEC, plan.with_(B=None))):
        with pytest.raises(InputError):
            run_cells([Cell(SPEC, plan), bad], engine="serial")
    with pytest.raises(InputError, match="engine"):
        run_cells([Cell(SPEC, plan)], engine="cloud")
    assert computed == []
