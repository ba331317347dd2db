"""Where trajectories come from: a run directory's cells, or this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validate.experiment import Experiment

if TYPE_CHECKING:
    import pandas as pd

    from empirics.cells import Cell

Progress = Callable[[int, int], None]


class Runner:
    """Run experiments, each once; with a directory, keep the results there and take what is already there.

    Parameters
    ----------
    path : Path, optional
        Run directory. Without it everything stays in memory.
    engine : str
        "local" or "tcp://HOST:PORT".
    progress : callable, optional
        Called with the experiments done and the experiments in all.
    """

    def __init__(
        self, path: Path | None = None, engine: str = "local", progress: Progress | None = None
    ) -> None:
        self.path = path
        self.engine = engine
        self.progress = progress
        self._frames: dict[Any, pd.DataFrame] = {}

    def __call__(self, experiment: Experiment) -> pd.DataFrame:
        """Return the trajectories of one experiment."""
        self.prepare([experiment])
        return self._frames[identity(experiment)]

    def prepare(self, experiments: Iterable[Experiment]) -> None:
        """Run what has not been run yet, cells in parallel."""
        import pandas as pd

        new = {identity(e): e for e in experiments if identity(e) not in self._frames}
        cells = {} if self.path is None else {key: as_cell(e) for key, e in new.items()}
        self._run_cells({key: cell for key, cell in cells.items() if cell is not None})
        for key, experiment in new.items():
            if key not in self._frames:
                self._frames[key] = pd.DataFrame() if experiment.pointwise else simulated(experiment)

    def _run_cells(self, cells: dict[Any, Cell]) -> None:
        if cells and self.path is not None:
            from empirics.store import Store
            from empirics.sweep import run_cells

            frames = run_cells(list(cells.values()), Store(self.path), self.engine, progress=self.progress)
            self._frames |= dict(zip(cells, frames, strict=True))


def as_cell(experiment: Experiment) -> Cell | None:
    """Return the experiment as a cell; None without a trajectory or for a direction only this process knows."""
    from empirics.cells import Cell

    direction = experiment.direction or experiment.plan.algorithm
    if not isinstance(direction, str) or experiment.pointwise:
        return None
    return Cell(
        problem=experiment.problem.spec, plan=experiment.plan, direction=direction, **_decisive(experiment)
    )


def simulated(experiment: Experiment) -> pd.DataFrame:
    """Run one experiment here and now."""
    from empirics import algorithms, simulate

    direction, plan = experiment.direction, experiment.plan
    made = algorithms.by_name(direction, plan) if isinstance(direction, str) else direction
    return simulate(experiment.problem, plan, direction=made, **_decisive(experiment))


def identity(experiment: Experiment) -> Any:
    """Return what tells two runs apart: the cell's hash, or the run itself when a direction is not a name."""
    return (
        experiment.problem.spec,
        repr(experiment.plan),
        experiment.direction if isinstance(experiment.direction, str) else id(experiment.direction),
        *_decisive(experiment).values(),
        repr(experiment.labels) if experiment.pointwise else "",
    )


def _decisive(experiment: Experiment) -> dict[str, Any]:
    """Return what decides the numbers of a run, besides problem, plan and direction."""
    return {
        "replicates": experiment.runs,
        "seed": experiment.seed,
        "iterations": experiment.horizon,
        "exact": experiment.exact,
        "experiment": experiment.key,
    }
