"""Run a sweep: take what is stored, compute the rest on an engine, write each part as it is finished."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bounds import arguments
from bounds.errors import InputError
from bounds.files import is_leftover, write_text
from bounds.processes import leave_if_run_again
from bounds.seal import read_json, seal, unseal
from empirics import engines
from empirics.cells import Cell
from empirics.engines import Failure
from empirics.importing import foreign
from empirics.problems import require_same
from empirics.provenance import versions
from empirics.sealed import write_table
from empirics.sweep import silent
from empirics.sweeps.dataset import Dataset
from empirics.sweeps.planning import Entry, entries
from empirics.sweeps.reading import slices
from empirics.sweeps.suite import SweepSuite, load
from empirics.sweeps.summary import outcome, table, without_result
from empirics.sweeps.tasks import Part, Task, parts

Progress = Callable[[float, float], None]
CONFIG, SUMMARY = "sweep.json", "summary.parquet"


@dataclass
class _State:
    """A sweep under way: what has come of each entry, and the blocks of the parts that are not finished."""

    entries: Sequence[Entry]
    dataset: Dataset
    outcomes: dict[int, dict[str, Any]] = field(default_factory=dict)
    blocks: dict[int, list[tuple[Task, list[np.ndarray | Failure]]]] = field(default_factory=dict)

    def take_stored(self) -> None:
        """Take the outcomes of the cells that some part holds, and of those that have no plan."""
        places = {e.cell.identity: place for place, e in enumerate(self.entries) if e.cell}
        for columns, record in self.dataset.parts():
            for identity, rows in slices(record):
                place = places.get(identity)
                if place is not None and place not in self.outcomes:
                    self._done(place, {name: column[rows] for name, column in columns.items()})
        for place, entry in enumerate(self.entries):
            if entry.cell is None:
                self.outcomes[place] = without_result("infeasible", entry.reason, entry)

    def add(self, part: Part, task: Task, found: list[np.ndarray | Failure], places: Sequence[int]) -> None:
        """Add what came of a task; the last one of a part writes it."""
        known = self.blocks.setdefault(task.part, [])
        known.append((task, found))
        if len(known) == len(part.tasks):
            self._finish([places[member] for member in part.members], self.blocks.pop(task.part))

    def _finish(self, places: list[int], known: list[tuple[Task, list[np.ndarray | Failure]]]) -> None:
        known.sort(key=lambda pair: pair[0].blocks[0].start)
        found = [[blocks[number] for _, blocks in known] for number in range(len(places))]
        tables: dict[int, dict[str, np.ndarray]] = {}
        for place, blocks in zip(places, found, strict=True):
            failure = next((block for block in blocks if isinstance(block, Failure)), None)
            cell = self.cell(place)
            if failure is not None:
                self.dataset.store.fail(cell, failure.reason, failure.details)
                self.outcomes[place] = without_result("failed", failure.reason, self.entries[place])
            else:
                tables[place] = cell.columns([b for b in blocks if not isinstance(b, Failure)])
        if tables:
            self.dataset.write([self.entries[place] for place in tables], list(tables.values()))
        for place, columns in tables.items():
            self._done(place, columns)

    def _done(self, place: int, columns: Mapping[str, np.ndarray]) -> None:
        self.outcomes[place] = outcome(columns, self.entries[place].point.epsilon)

    def cell(self, place: int) -> Cell:
        """Return the cell of an entry that has one."""
        cell = self.entries[place].cell
        if cell is None:
            raise ValueError(f"entry {place} has no cell")
        return cell


def run_sweep(
    suite: SweepSuite | str | Path | Mapping[str, Any] | None,
    out: str | Path,
    *,
    resume: bool = False,
    engine: str = "local",
    workers: int | None = None,
    progress: Progress | None = None,
    trust: bool = True,
) -> pd.DataFrame:
    """Run all cells of a suite, write them as one partitioned dataset, and return one row for each cell.

    Each cell is :func:`empirics.simulate` of the same arguments, bit for bit, on any engine with any number of
    workers. Finished parts are on the disk; a sweep that is killed goes on from there with ``resume``. A cell
    that fails is recorded with its reason, and is computed again by the next call.

    Parameters
    ----------
    suite : SweepSuite, path or mapping; None with ``resume``
        What to run; None: what the folder says.
    out : path
        The folder: ``parts/*.parquet``, ``cells/*.failed.json``, ``sweep.json``, ``summary.parquet``.
    resume : bool
        Go on in a folder that holds a sweep; finished cells that the suite asks for too are taken from it.
    engine, workers
        As for :func:`empirics.run_cells`.
    progress : callable, optional
        Called with the cells done and the cells in all.
    trust : bool
        Import code (``package.module:factory``) that the suite names.

    Returns
    -------
    DataFrame
        The axes of each cell, ``status`` (``done``, ``failed``, ``infeasible``), ``reason``, ``iterations``,
        ``final``, ``lowest``, ``hits``; see :mod:`empirics.sweeps.summary`.

    Raises
    ------
    InputError
        When the suite, the engine or the folder is not allowed; nothing is run then.
    """
    leave_if_run_again()
    path = Path(arguments.path("out", out))
    for name, value in (("resume", resume), ("trust", trust)):
        arguments.flag(name, value)
    if suite is not None and not isinstance(suite, SweepSuite | Mapping):
        arguments.path("suite", suite, "must be a SweepSuite, a TOML file, or the same as a mapping")
    arguments.progress(progress)
    asked = _asked(suite, path, resume)
    runner = engines.open_engine(engine, workers)
    _require_trust(asked, trust)
    for spec in asked.problems:
        require_same(spec, elsewhere=True)
    planned = entries(asked.points())
    dataset = Dataset(path)
    with dataset.store.driven():
        dataset.collect()
        write_text(
            path / CONFIG, json.dumps(seal({"suite": dict(asked.data), "versions": versions()}), indent=1)
        )
        state = _State(planned, dataset)
        state.take_stored()
        _work(state, runner, progress or silent)
        summary = table(planned, state.outcomes)
        write_table(path / SUMMARY, summary, {"suite": dict(asked.data), "versions": versions()})
    return summary


def _asked(suite: SweepSuite | str | Path | Mapping[str, Any] | None, out: Path, resume: bool) -> SweepSuite:
    if (out / CONFIG).exists() and not resume:
        allowed = "holds a sweep already"
        raise InputError("out", str(out), allowed, "go on with it: --resume; or take another directory")
    strange = out.is_dir() and not all(is_leftover(file) for file in out.iterdir())
    if strange and not (out / CONFIG).exists():
        raise InputError("out", str(out), "must be new, empty, or the folder of a sweep")
    if resume and not (out / CONFIG).exists():
        raise InputError("out", str(out), "holds no sweep to go on with", "start one: leave --resume out")
    if isinstance(suite, SweepSuite):
        return suite
    return load(_stored(out)["suite"] if suite is None else suite)


def _stored(out: Path) -> dict[str, Any]:
    try:
        record = unseal(read_json((out / CONFIG).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        record = None
    if record is None:
        raise InputError("out", str(out / CONFIG), "is missing or damaged", "name the suite's TOML file")
    return record


def _require_trust(suite: SweepSuite, trust: bool) -> None:
    for spec in suite.problems:
        if foreign(spec) and not trust:
            told = "is code that only the file names; it would be imported"
            raise InputError("SUITE", spec, told, "confirm with --trust")


def _work(state: _State, runner: engines.Engine, progress: Progress) -> None:
    places = [place for place in range(len(state.entries)) if place not in state.outcomes]
    cut = list(parts([state.cell(place) for place in places]))
    tasks = [task for part in cut for task in part.tasks]
    again: list[Task] = []

    def add(task: Task, found: Any) -> None:
        if isinstance(found, Failure):
            found = [found] * len(task.cells)
        state.add(cut[task.part], task, found, places)
        progress(len(state.outcomes), len(state.entries))

    progress(len(state.outcomes), len(state.entries))
    for task, found in _outcomes(runner, tasks):
        if isinstance(found, Failure) and len(task.cells) > 1:
            again.append(task)
        else:
            add(task, found)
    for task in again:
        add(task, _one_by_one(runner, task))


def _one_by_one(runner: engines.Engine, task: Task) -> list[Any]:
    """Run the cells of a task alone, so that only the one that kills its worker fails."""
    single = [Task((c,), (b,), n) for n, (c, b) in enumerate(zip(task.cells, task.blocks, strict=True))]
    found = {one.part: outcome for one, outcome in _outcomes(runner, single)}
    return [found[n] if isinstance(found[n], Failure) else found[n][0] for n in range(len(single))]


def _outcomes(runner: engines.Engine, tasks: Sequence[Task]) -> Iterable[tuple[Task, Any]]:
    with closing(runner.map(Task.compute, tasks)) as outcomes:
        for number, found in outcomes:
            yield tasks[number], found
