"""What figures are drawn from: experiments and their trajectories, in a run directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.errors import InputError
from figures.saving import atomically

if TYPE_CHECKING:
    import pandas as pd

    from empirics.cells import Cell

INDEX = "experiments.json"
Progress = Callable[..., Any]


class Missing(LookupError):
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


@dataclass(frozen=True)
class Experiment:
    """One cell to be run for a figure: what kind of question it belongs to, and what the theory predicts.

    ``labels`` hold what the figure groups by (panel, swept quantity), ``predicted`` the theory's numbers.
    """

    name: str
    kind: str
    cell: Cell
    labels: Mapping[str, Any] = field(default_factory=dict)
    predicted: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the experiment as one row of ``experiments.json``."""
        plan = self.cell.plan
        return {
            "name": self.name,
            "kind": self.kind,
            "problem": self.cell.problem,
            "algorithm": plan.algorithm,
            "epsilon": plan.epsilon,
            "alpha": plan.alpha,
            "cell": self.cell.identity,
            "replicates": self.cell.replicates,
            "seed": self.cell.seed,
            "plan": plan.to_dict(),
            "labels": dict(self.labels),
            "predicted": dict(self.predicted),
        }


class Evidence:
    """The experiments of a run directory and their results."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows = _read_index(path)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the experiments of one kind whose results are there, in the order in which they were planned."""
        return [row for row in self._rows if row["kind"] == kind and self._file(row["cell"]).is_file()]

    def frame(self, row: Mapping[str, Any]) -> pd.DataFrame:
        """Return the trajectories of one experiment."""
        import pandas as pd

        return pd.read_parquet(self._file(row["cell"]))

    def _file(self, identity: str) -> Path:
        return self.path / "cells" / f"{identity}.parquet"


def existing(path: Path) -> Evidence:
    """Open a run directory, or say what is wrong with it."""
    if not (path / INDEX).is_file():
        raise InputError("RUN", str(path), f"must be a run directory with {INDEX}", "make one: fosp validate --out DIR")
    return Evidence(path)


def collect(experiments: Sequence[Experiment], path: Path, progress: Progress | None = None) -> Evidence:
    """Run what is not there yet, list everything in ``experiments.json``, and open the directory.

    A cell that was finished before, by whichever command, is taken as it is; an interrupted call resumes.
    """
    from empirics.store import Store
    from empirics.sweep import run_cells

    cells = {experiment.cell.identity: experiment.cell for experiment in experiments}
    run_cells(list(cells.values()), Store(path), progress=progress)
    _write_index(path, experiments)
    return Evidence(path)


def _write_index(path: Path, experiments: Iterable[Experiment]) -> None:
    known = {row["name"]: row for row in _read_index(path)}
    known |= {experiment.name: experiment.to_dict() for experiment in experiments}
    text = json.dumps(list(known.values()), indent=1, allow_nan=True) + "\n"
    atomically(path / INDEX, lambda file: file.write_text(text, encoding="utf-8"))


def _read_index(path: Path) -> list[dict[str, Any]]:
    file = path / INDEX
    if not file.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows
