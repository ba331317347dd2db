"""Many cells: take what is stored, compute the rest on an engine, store each as it is finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from typing import Literal, overload

import numpy as np
import pandas as pd

from bounds import arguments
from bounds.errors import InputError, UnfinishedError
from empirics import engines
from empirics.cells import Cell
from empirics.engines import Failure
from empirics.provenance import require_same_versions, versions
from empirics.store import Store

Progress = Callable[[int, int], None]


class CellError(UnfinishedError):
    """Some cells have no result; the others are stored.

    Attributes
    ----------
    failures : list of (Cell, Failure)
    """

    def __init__(self, failures: list[tuple[Cell, Failure]]) -> None:
        self.failures = failures
        cell, failure = failures[0]
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        super().__init__(f"{cell.problem}, {cell.direction}, {cell.experiment!r}: {failure.reason}{more}")

    def __reduce__(self) -> tuple[type[CellError], tuple[list[tuple[Cell, Failure]]]]:
        return type(self), (self.failures,)


@dataclass(frozen=True)
class Piece:
    """One block of replicates of a cell: what a worker computes at a time."""

    cell: Cell
    number: int
    rows: range
    made_with: dict[str, str] = field(default_factory=versions)

    def compute(self) -> np.ndarray:
        """Compute the block, if this process has the same code as the one that asks."""
        require_same_versions(self.made_with)
        self.cell.require_same_code()
        return self.cell.compute(self.rows)


@dataclass
class _Sweep:
    """The state of a sweep: what is finished, what has come of the rest."""

    store: Store | None
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    failures: dict[str, tuple[Cell, Failure]] = field(default_factory=dict)
    blocks: dict[str, dict[int, np.ndarray]] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)

    def take(self, cell: Cell) -> None:
        """Take the stored table of a cell, or plan its pieces."""
        stored = self.store.get(cell) if self.store else None
        if stored is not None:
            self.frames[cell.identity] = stored
            return
        try:
            self.pieces += [Piece(cell, number, rows) for number, rows in enumerate(cell.blocks())]
        except InputError:
            raise
        except Exception as error:
            self._fail(cell, Failure(f"{type(error).__name__}: {error}"))

    def add(self, piece: Piece, outcome: np.ndarray | Failure) -> None:
        """Add the outcome of a piece; the last one of a cell finishes it."""
        if isinstance(outcome, Failure):
            self._fail(piece.cell, outcome)
            return
        blocks = self.blocks.setdefault(piece.cell.identity, {})
        blocks[piece.number] = outcome
        if len(blocks) == len(piece.cell.blocks()):
            self._finish(piece.cell, [blocks[number] for number in sorted(blocks)])

    def _finish(self, cell: Cell, blocks: list[np.ndarray]) -> None:
        frame = cell.frame(blocks)
        if self.store:
            self.store.put(cell, frame)
        self.frames[cell.identity] = frame
        del self.blocks[cell.identity]

    def _fail(self, cell: Cell, failure: Failure) -> None:
        if cell.identity not in self.failures:
            self.failures[cell.identity] = (cell, failure)
            if self.store:
                self.store.fail(cell, failure.reason, failure.details)


@overload
def run_cells(
    cells: Sequence[Cell],
    store: Store | None = None,
    engine: str = "local",
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    strict: Literal[True] = True,
) -> list[pd.DataFrame]: ...


@overload
def run_cells(
    cells: Sequence[Cell],
    store: Store | None = None,
    engine: str = "local",
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    strict: bool,
) -> list[pd.DataFrame | None]: ...


def run_cells(
    cells: Sequence[Cell],
    store: Store | None = None,
    engine: str = "local",
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    strict: bool = True,
) -> list[pd.DataFrame] | list[pd.DataFrame | None]:
    """Return the table of every cell, in the order of the cells.

    Finished cells are taken from the store; the others are computed and stored one by one, so a run that is
    interrupted goes on from there when it is called again. A cell that fails is recorded with its reason
    and is computed again next time. The numbers do not depend on the engine or on the workers.

    Parameters
    ----------
    cells : sequence of Cell
        Equal cells are computed once.
    store : Store, optional
        Where results are kept. None keeps them in memory only.
    engine : str
        ``local``, ``serial`` or ``tcp://HOST:PORT``.
    progress : callable, optional
        Called with the replicate-steps done and the replicate-steps in all.
    workers : int, optional
        Local processes.
    strict : bool
        Raise when a cell failed, after all the others are finished. Otherwise its table is None.

    Raises
    ------
    CellError
        When a cell failed and ``strict`` is true.
    bounds.errors.InputError
        When a cell or the engine is not allowed, or another process works in the store.
    """
    cells = _cells(cells)
    if store is not None:
        arguments.kind("store", store, Store, "must be a Store", "Store(path) makes one of a folder")
    arguments.progress(progress)
    arguments.flag("strict", strict)
    runner, sweep = engines.open_engine(engine, workers), _Sweep(store)
    with store.driven() if store else nullcontext():
        if store:
            store.collect()
        for cell in {cell.identity: cell for cell in cells}.values():
            sweep.take(cell)
        _work(sweep, runner, progress or silent)
    if sweep.failures and strict:
        raise CellError(list(sweep.failures.values()))
    return [sweep.frames.get(cell.identity) for cell in cells]


def _cells(given: Sequence[Cell]) -> list[Cell]:
    if not isinstance(given, Iterable):
        raise InputError("cells", given, "must be a list of cells")
    made = "Cell(problem.spec, plan) makes one"
    return [arguments.kind("cells", one, Cell, "must be a list of cells", made) for one in given]


def _work(sweep: _Sweep, runner: engines.Engine, progress: Progress) -> None:
    done, total = 0, sum(piece.cell.work(piece.rows) for piece in sweep.pieces)
    progress(done, total)
    with closing(runner.map(Piece.compute, sweep.pieces)) as outcomes:
        for number, outcome in outcomes:
            piece = sweep.pieces[number]
            sweep.add(piece, outcome)
            done += piece.cell.work(piece.rows)
            progress(done, total)


def silent(done: float, total: float) -> None:
    """Report nothing."""
