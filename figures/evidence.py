"""What figures are drawn from: experiments and their trajectories, in a run directory."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.errors import InputError
from bounds.locking import locked
from bounds.seal import DamagedFile, read_json, unseal

if TYPE_CHECKING:
    import pandas as pd

    from validate.experiment import Experiment

INDEX = "experiments.json"
_IDENTITY = re.compile("[0-9a-f]{64}")
_ROW = {
    "type": "object",
    "properties": {
        **{key: {"type": "string"} for key in ("name", "kind", "problem", "algorithm", "direction")},
        **{key: {"type": ["number", "null"]} for key in ("epsilon", "alpha")},
        "cell": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
        **{key: {"type": "object"} for key in ("plan", "labels", "predicted")},
    },
    "required": ["name", "kind", "problem", "cell", "plan", "labels", "predicted"],
}
"""What every experiment in the index has."""
Progress = Callable[..., Any]


class MissingRunsError(LookupError):
    """A figure needs experiments that the run does not have.

    Parameters
    ----------
    what : str
        What is missing, as a phrase.
    command : str
        The command that makes it.
    """

    def __init__(self, what: str, command: str) -> None:
        self.what = what
        self.command = command
        super().__init__(f"{what}; make it with: {command}")


class Evidence:
    """The experiments of a run directory and their results."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = tuple(_read_index(path))
        self._known: dict[Any, bool] = {}
        self._tables: dict[Callable[[Evidence], pd.DataFrame], pd.DataFrame] = {}

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the experiments of one kind whose results are there, in the order of the index."""
        return [row for row in self.rows if row["kind"] == kind and self._whole(row["cell"])]

    def required(self, kind: str, what: str, command: str) -> list[dict[str, Any]]:
        """Return the experiments of one kind; for none at all raise that ``what`` is missing."""
        rows = self.of_kind(kind)
        if not rows:
            raise MissingRunsError(what, command)
        return rows

    def frame(self, row: Mapping[str, Any]) -> pd.DataFrame:
        """Return the trajectories of one experiment."""
        found = self._read(row["cell"])
        if found is None:
            remedy = "make it again: fosp validate --resume --out DIR"
            raise InputError("RUN", str(self.path), f"lacks the result {row['cell']}", remedy)
        return found

    def kept(self, name: str, config: Mapping[str, Any], compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return a table that is not a set of trajectories, computed once per configuration and kept."""
        from empirics.sealed import read_table, write_table

        digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
        file = self.path / "computed" / f"{name}-{digest[:16]}.parquet"
        record = {"name": name, "identity": digest}
        try:
            found = read_table(file, record)
        except ValueError as error:
            _warn(file, f"{error}; it is computed again")
            found = None
        if found is None:
            write_table(file, compute(), record)
            found = read_table(file, record)
        assert found is not None
        return found[0]

    def once(self, data: Callable[[Evidence], pd.DataFrame]) -> pd.DataFrame:
        """Return the table that ``data`` makes of this evidence, made once: several figures may be read off it."""
        if data not in self._tables:
            self._tables[data] = data(self)
        return self._tables[data]

    def _read(self, identity: Any) -> pd.DataFrame | None:
        """Return the table of a cell; None when it is not there, with a warning when it is damaged."""
        from empirics.sealed import read_table

        if not (isinstance(identity, str) and _IDENTITY.fullmatch(identity)):
            return None
        file = self.path / "cells" / f"{identity}.parquet"
        try:
            found = read_table(file, {"identity": identity})
        except ValueError as error:
            _warn(file, f"{error}; it is not used")
            return None
        return found and found[0]

    def _whole(self, identity: Any) -> bool:
        if identity not in self._known:
            self._known[identity] = self._read(identity) is not None
        return self._known[identity]


def existing(path: Path, *, trust: bool = False) -> Evidence:
    """Open a run directory, or say what is wrong with it.

    A figure may ask a problem for its constants. A directory that names code for that, ``package.module:factory``,
    is refused unless it is trusted: nothing is imported because only a file names it. This project's own is no
    stranger's code.
    """
    from empirics.importing import foreign

    if not (path / INDEX).is_file():
        raise InputError(
            "RUN", str(path), f"must be a run directory with {INDEX}", "make one: fosp validate --out DIR"
        )
    evidence = Evidence(path)
    code = [] if trust else [row["problem"] for row in evidence.rows if foreign(row["problem"])]
    if code:
        allowed = "is code that only the directory names; it would be imported"
        raise InputError("RUN", code[0], allowed, "confirm with --trust")
    return evidence


def collect(experiments: Sequence[Experiment], path: Path, progress: Progress | None = None) -> Evidence:
    """Run what is not there yet, list everything in ``experiments.json``, and open the directory.

    A cell that was finished before, by whichever command, is taken as it is; an interrupted call resumes.

    Raises
    ------
    InputError
        When the directory holds a run of ``fosp validate``: its experiments and these would be drawn as one.
    """
    require_unconfigured(path)
    from empirics.store import Store
    from empirics.sweep import run_cells
    from validate.runner import as_cell

    cells = [cell for experiment in experiments if (cell := as_cell(experiment)) is not None]
    with locked(path):
        run_cells(list({cell.identity: cell for cell in cells}.values()), Store(path), progress=progress)
        rows = [e.to_dict(cell.identity) for e, cell in zip(experiments, cells, strict=True)]
        _write_index(path, rows)
    return Evidence(path)


def require_unconfigured(path: Path) -> None:
    """Refuse a directory that another command has configured."""
    from validate.rundir import CONFIG

    if (path / CONFIG).is_file():
        allowed = (
            "must not be a run directory of fosp validate, whose experiments would be mixed with the figures'"
        )
        raise InputError("out", str(path), allowed, f"draw from that run: fosp figures {path}")


def _write_index(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """List the experiments; what was known of their kinds before, by an older version too, is replaced."""
    from validate.rundir import write_index

    kinds = {row["kind"] for row in rows}
    known = [row for row in _read_index(path) if row["kind"] not in kinds]
    unique = {row["name"]: row for row in (*known, *rows)}
    write_index(path, unique.values())


def _read_index(path: Path) -> list[dict[str, Any]]:
    """Read the experiments of a directory; one that is damaged is left out, with a warning.

    Raises
    ------
    InputError
        When the file cannot be read at all.
    """
    from jsonschema import Draft202012Validator

    file = path / INDEX
    if not file.is_file():
        return []
    try:
        read = read_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        remedy = "make it again: fosp validate --resume --out DIR"
        raise InputError("RUN", str(file), f"cannot be read ({error})", remedy) from error
    rows, valid = [], Draft202012Validator(_ROW).is_valid
    for number, sealed in enumerate(read if isinstance(read, list) else [read]):
        row = unseal(sealed)
        if row is None or not valid(row):
            _warn(file, f"entry {number} is damaged and left out")
        else:
            rows.append(row)
    return rows


def _warn(file: Path, what: str) -> None:
    warnings.warn(f"{file}: {what}", DamagedFile, stacklevel=3)
