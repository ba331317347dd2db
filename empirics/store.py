"""Results on disk: one Parquet file per cell, found by identity, written at once or not at all."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bounds.errors import InputError
from empirics.cells import Cell
from empirics.provenance import now, versions

_KEY = b"fosp"


class Store:
    """A folder of results.

    ``<path>/cells/<identity>.parquet`` is the finished table of a cell with its provenance in the metadata;
    ``<identity>.failed.json`` says why a cell failed. A file appears under its name only when it is
    complete, so a run that is killed leaves nothing half-written to be found.

    Parameters
    ----------
    path : path-like
        The folder; it is made when it is missing.

    Raises
    ------
    InputError
        When the folder cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.cells = self.path / "cells"
        try:
            self.cells.mkdir(parents=True, exist_ok=True)
            probe = self._temporary("probe")
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise InputError("out", str(path), "must be a folder that can be written", str(error)) from error

    def get(self, cell: Cell) -> pd.DataFrame | None:
        """Return the table of a finished cell, or None. Failed or damaged cells are not finished."""
        if self.provenance(cell) is None:
            return None
        return pq.read_table(self._finished(cell)).to_pandas()

    def put(self, cell: Cell, frame: pd.DataFrame, **extra: Any) -> None:
        """Store the table of a finished cell, and forget that it had failed."""
        table = pa.Table.from_pandas(frame, preserve_index=False)
        record = json.dumps(self._record(cell) | extra)
        table = table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: record.encode()})
        self._write(self._finished(cell), lambda path: pq.write_table(table, path, compression="zstd"))
        self._failed(cell).unlink(missing_ok=True)

    def fail(self, cell: Cell, reason: str, details: str = "") -> None:
        """Record that a cell failed, and why."""
        record = json.dumps(self._record(cell) | {"reason": reason, "details": details}, indent=1)
        self._write(self._failed(cell), lambda path: path.write_text(record))

    def failure(self, cell: Cell) -> dict[str, Any] | None:
        """Return the record of a failed cell, or None."""
        path = self._failed(cell)
        return json.loads(path.read_text()) if path.is_file() else None

    def provenance(self, cell: Cell) -> dict[str, Any] | None:
        """Return what a finished cell was made with: config, identity, seed, versions, time; or None."""
        try:
            metadata = pq.read_schema(self._finished(cell)).metadata or {}
            record = json.loads(metadata[_KEY])
        except (OSError, pa.ArrowInvalid, KeyError, ValueError):
            return None
        return record if record.get("identity") == cell.identity else None

    def _record(self, cell: Cell) -> dict[str, Any]:
        return {
            "identity": cell.identity,
            "config": cell.config(),
            "seed": cell.seed,
            "versions": versions(),
            "finished": now(),
        }

    def _finished(self, cell: Cell) -> Path:
        return self.cells / f"{cell.identity}.parquet"

    def _failed(self, cell: Cell) -> Path:
        return self.cells / f"{cell.identity}.failed.json"

    def _temporary(self, name: str) -> Path:
        return self.cells / f".{name}.{uuid.uuid4().hex}.tmp"

    def _write(self, path: Path, write: Callable[[Path], Any]) -> None:
        temporary = self._temporary(path.stem)
        try:
            write(temporary)
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
