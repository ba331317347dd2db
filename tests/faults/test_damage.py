"""A flipped bit anywhere, a rewritten table, a missing row: never used, and told."""

from __future__ import annotations

import json
import random
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from fault_tools import RUN, Fosp

from bounds.errors import InputError
from bounds.seal import DamagedFile
from empirics import Store
from figures.evidence import Evidence
from validate.runner import as_cell
from validate.stored import read_config
from validate.suite import load

pytestmark = pytest.mark.faults
FLIPS = 1_500


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    fosp = Fosp(tmp_path_factory.mktemp("finished"))
    assert fosp(*RUN) == 0, fosp.said
    return fosp.here / "run"


@pytest.fixture
def run(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "run"))


def flips(path: Path, count: int = FLIPS):
    """Flip one random bit of a file at a time, and put it back."""
    whole, rng = path.read_bytes(), random.Random(0)
    for _ in range(count):
        place = rng.randrange(8 * len(whole))
        hurt = bytearray(whole)
        hurt[place // 8] ^= 1 << place % 8
        path.write_bytes(hurt)
        yield place
    path.write_bytes(whole)


def cell_of(run: Path):
    cells = [as_cell(e) for e in load(run.with_name("run") / ".." / "suite.toml").experiments()]
    return next(c for c in cells if c is not None)


@pytest.fixture
def cell(run, tmp_path):
    (tmp_path / "suite.toml").write_text((Fosp(tmp_path).here / "suite.toml").read_text())
    return cell_of(run)


def test_no_flipped_bit_of_a_result_is_used(run, cell):
    store = Store(run)
    path = run / "cells" / f"{cell.identity}.parquet"
    right = store.get(cell)
    assert right is not None
    for place in flips(path):
        with pytest.warns(DamagedFile, match="checksum"):
            assert store.get(cell) is None, place
    pd.testing.assert_frame_equal(store.get(cell), right, check_exact=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.iloc[:-1],
        lambda frame: frame.assign(grad_norm=np.nan),
        lambda frame: frame.drop(columns="objective"),
        lambda frame: frame.assign(grad_norm=2 * frame.grad_norm),
    ],
)
def test_a_table_rewritten_with_its_metadata_is_not_used(run, cell, change):
    path = run / "cells" / f"{cell.identity}.parquet"
    table = pq.read_table(path)
    changed = type(table).from_pandas(change(table.to_pandas()), preserve_index=False)
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    with pytest.warns(DamagedFile):
        assert Store(run).get(cell) is None


def test_the_same_command_mends_every_kind_of_file(finished, make_fosp):
    fosp = make_fosp("hurt")
    for number, path in enumerate(sorted(p for p in finished.rglob("*") if p.is_file())):
        run = fosp.here / "run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(finished, run)
        hurt = run / path.relative_to(finished)
        hurt.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert fosp(*RUN) == 0, (number, fosp.said)
        told = "is computed again" in fosp.said or "is written again" in fosp.said
        assert told == (path.parent.name == "cells" or path.name == "config.json"), fosp.said
        assert (run / "verdicts.json").read_bytes() == (finished / "verdicts.json").read_bytes()
        if path.parent.name != "cells":
            assert hurt.read_bytes() == path.read_bytes()


def test_a_damaged_configuration_is_refused_or_the_same(run):
    right, refused = read_config(run), 0
    for place in flips(run / "config.json", 500):
        try:
            assert read_config(run) == right, place
        except InputError:
            refused += 1
    assert refused > 300


def test_a_damaged_index_gives_no_wrong_experiment(run):
    right, fewer = Evidence(run).rows, 0
    for place in flips(run / "experiments.json", 500):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DamagedFile)
                rows = Evidence(run).rows
        except InputError:
            rows = []
        assert all(row in right for row in rows), place
        fewer += len(rows) < len(right)
    assert fewer > 300


def test_a_path_in_the_index_stays_inside(run):
    from bounds.seal import seal, unseal

    outside = run.parent / "outside.parquet"
    shutil.copy(next((run / "cells").glob("*.parquet")), outside)
    rows = [unseal(row) for row in json.loads((run / "experiments.json").read_text())]
    for row in rows:
        row["cell"] = "../../outside"
    (run / "experiments.json").write_text(json.dumps([seal(row) for row in rows]))
    with pytest.warns(DamagedFile):
        assert Evidence(run).rows == ()
