"""What figures are drawn from: experiments and their trajectories, in a run directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.errors import InputError
from bounds.files import atomically

if TYPE_CHECKING:
    import pandas as pd

    from validate.experiment import Experiment

INDEX = "experiments.json"
Progress = Callable[..., Any]


class Missing(LookupError):  # noqa: N818 - a state of a run, not a fault
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
        self._rows = _read_index(path)

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """Every experiment of the index."""
        return tuple(self._rows)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the experiments of one kind whose results are there, in the order of the index."""
        return [row for row in self._rows if row["kind"] == kind and self._file(row["cell"]).is_file()]

    def frame(self, row: Mapping[str, Any]) -> pd.DataFrame:
        """Return the trajectories of one experiment."""
        import pandas as pd

        return pd.read_parquet(self._file(row["cell"]))

    def kept(self, name: str, config: Mapping[str, Any], compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return a table that is not a set of trajectories, computed once per configuration and kept."""
        import pandas as pd

        digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:16]
        file = self.path / "computed" / f"{name}-{digest}.parquet"
        if not file.is_file():
            frame = compute()
            atomically(file, lambda path: frame.to_parquet(path, index=False))
        return pd.read_parquet(file)

    def _file(self, identity: str) -> Path:
        return self.path / "cells" / f"{identity}.parquet"


def existing(path: Path) -> Evidence:
    """Open a run directory, or say what is wrong with it."""
    if not (path / INDEX).is_file():
        raise InputError(
            "RUN", str(path), f"must be a run directory with {INDEX}", "make one: fosp validate --out DIR"
        )
    return Evidence(path)


def collect(experiments: Sequence[Experiment], path: Path, progress: Progress | None = None) -> Evidence:
    """Run what is not there yet, list everything in ``experiments.json``, and open the directory.

    A cell that was finished before, by whichever command, is taken as it is; an interrupted call resumes.
    """
    from empirics.store import Store
    from empirics.sweep import run_cells
    from validate.runner import as_cell

    cells = [cell for experiment in experiments if (cell := as_cell(experiment)) is not None]
    run_cells(list({cell.identity: cell for cell in cells}.values()), Store(path), progress=progress)
    _write_index(path, [e.to_dict(cell.identity) for e, cell in zip(experiments, cells, strict=True)])
    return Evidence(path)


def _write_index(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    known = {row["name"]: row for row in _read_index(path)} | {row["name"]: row for row in rows}
    text = json.dumps(list(known.values()), indent=1) + "\n"
    atomically(path / INDEX, lambda file: file.write_text(text, encoding="utf-8"))


def _read_index(path: Path) -> list[dict[str, Any]]:
    file = path / INDEX
    if not file.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows
