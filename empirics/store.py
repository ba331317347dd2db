"""Results on disk: one Parquet file per cell, found by identity, written at once or not at all."""

from __future__ import annotations

import json
import os
import warnings
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds import arguments
from bounds.errors import InputError, reason
from bounds.files import collect, make_directory, write_text
from bounds.locking import locked
from bounds.seal import DamagedFile, read_json, seal, unseal
from empirics.provenance import now, versions
from empirics.sealed import DamagedTableError, read_table, write_table

if TYPE_CHECKING:
    import pandas as pd

    from empirics.cells import Cell


class Store:
    """A folder of results.

    ``<path>/cells/<identity>.parquet`` is the finished table of a cell with its provenance in the metadata;
    ``<identity>.failed.json`` says why a cell failed. A file appears under its name only when it is
    complete, so a run that is killed leaves nothing half-written to be found. Each file carries a checksum
    of all that is in it and the configuration it answers: one that is damaged, or that belongs to another
    cell, counts as missing, with a :class:`~bounds.seal.DamagedFile` warning.

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
        self.path = Path(arguments.path("path", path))
        self.cells = self.path / "cells"
        try:
            make_directory(self.cells)
            if not os.access(self.cells, os.W_OK | os.X_OK):
                raise PermissionError("permission denied")
        except OSError as error:
            raise InputError(
                "out", str(path), "must be a folder that can be written", reason(error)
            ) from error

    def driven(self) -> AbstractContextManager[None]:
        """Hold the folder against other processes while the block runs (:func:`bounds.locking.locked`)."""
        return locked(self.path)

    def collect(self) -> None:
        """Remove the temporary files of killed processes; call it inside :meth:`driven`."""
        for folder in (self.path, self.cells):
            collect(folder)

    def get(self, cell: Cell) -> pd.DataFrame | None:
        """Return the table of a finished cell, or None. Failed or damaged cells are not finished."""
        found = self._read(cell)
        return found and found[0]

    def put(self, cell: Cell, frame: pd.DataFrame, **extra: Any) -> None:
        """Store the table of a finished cell, and forget that it had failed."""
        import pandas as pd

        arguments.kind("frame", frame, pd.DataFrame, "must be a DataFrame, the cell's table")
        path = self._finished(cell)
        write_table(path, frame, self._record(cell) | extra)
        self.forget(cell)

    def forget(self, cell: Cell) -> None:
        """Forget that a cell had failed."""
        self._failed(cell).unlink(missing_ok=True)

    def fail(self, cell: Cell, reason: str, details: str = "") -> None:
        """Record that a cell failed, and why."""
        record = seal(self._record(cell) | {"reason": reason, "details": details})
        write_text(self._failed(cell), json.dumps(record, indent=1))

    def failure(self, cell: Cell) -> dict[str, Any] | None:
        """Return the record of a failed cell, or None."""
        path = self._failed(cell)
        try:
            record = unseal(read_json(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            record = None
        if record is None or record.get("identity") != cell.identity:
            _warn(path, "does not match its checksum", "is not used")
            return None
        return record

    def provenance(self, cell: Cell) -> dict[str, Any] | None:
        """Return what a finished cell was made with: config, identity, seed, versions, time; or None."""
        found = self._read(cell)
        return found and found[1]

    def _read(self, cell: Cell) -> tuple[pd.DataFrame, dict[str, Any]] | None:
        path = self._finished(cell)
        try:
            return read_table(path, {"identity": cell.identity})
        except DamagedTableError as error:
            _warn(path, str(error), "is computed again")
            return None

    def _record(self, cell: Cell) -> dict[str, Any]:
        return {
            "identity": cell.identity,
            "config": cell.config(),
            "seed": cell.seed,
            "versions": versions(),
            "finished": now(),
        }

    def _finished(self, cell: Cell) -> Path:
        return self.cells / f"{_identity(cell)}.parquet"

    def _failed(self, cell: Cell) -> Path:
        return self.cells / f"{_identity(cell)}.failed.json"


def _identity(cell: Cell) -> str:
    """Return the identity of a cell; raise InputError for what has none."""
    known = None if isinstance(cell, type) else getattr(cell, "identity", None)
    if not isinstance(known, str):
        raise InputError("cell", cell, "must be a Cell", "Cell(problem.spec, plan) makes one")
    return known


def _warn(path: Path, what: str, so: str) -> None:
    warnings.warn(f"{path} {what}; it {so}", DamagedFile, stacklevel=4)
