"""The dataset of a sweep: parts, each the tables of several cells under one seal with the record of each cell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bounds.files import collect, make_directory
from empirics.measure import MEASURED
from empirics.provenance import now, versions
from empirics.sealed import write_table
from empirics.store import Store
from empirics.sweeps.planning import Entry
from empirics.sweeps.reading import PARTS, stored

LABELS = ("cell", "problem", "algorithm", "theory", "step", "plan")
"""Columns of text, which few values fill."""
Columns = Mapping[str, np.ndarray]
"""The measurements of a cell, by name."""


@dataclass
class Dataset:
    """A folder of parts: ``parts/<name>.parquet``; ``cells/<identity>.failed.json`` says why a cell failed.

    A part is found by what its record says, not by its name, so a suite that has grown finds the cells of the
    former one. What is damaged counts as missing, with a :class:`~bounds.seal.DamagedFile` warning.
    """

    path: Path
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.path)
        self.folder = self.path / PARTS
        make_directory(self.folder)

    def collect(self) -> None:
        """Remove the temporary files of killed processes; only inside ``store.driven()``."""
        self.store.collect()
        collect(self.folder)

    def write(self, entries: Sequence[Entry], tables: Sequence[Columns]) -> Path:
        """Write the tables of some cells as one part, and forget that any of them had failed."""
        cells = [entry.cell for entry in entries if entry.cell]
        names = hashlib.sha256(" ".join(cell.identity for cell in cells).encode()).hexdigest()
        configs = [cell.config() for cell in cells]
        shared = {key: value for key, value in configs[0].items() if all(c[key] == value for c in configs)}
        rows = [
            {"identity": cell.identity, "rows": _length(columns), "config": _without(config, shared)}
            for cell, columns, config in zip(cells, tables, configs, strict=True)
        ]
        record = {"versions": versions(), "finished": now(), "shared": shared, "cells": rows}
        path = write_table(self.folder / f"{names[:32]}.parquet", _joined(entries, tables), record)
        for cell in cells:
            self.store.forget(cell)
        return path

    def parts(self) -> Iterator[tuple[dict[str, np.ndarray], dict[str, Any]]]:
        """Yield the measurements and the record of each part whose checksum is right, in the order of names."""
        for table, record in stored(self.folder):
            yield {name: table.column(name).to_numpy() for name in MEASURED}, record


def _joined(entries: Sequence[Entry], tables: Sequence[Columns]) -> pd.DataFrame:
    """Return the tables one below the other, with the axes of each cell."""
    whole = pd.DataFrame({name: np.concatenate([table[name] for table in tables]) for name in MEASURED})
    axes = pd.DataFrame([{"cell": e.cell.identity if e.cell else "", **e.axes} for e in entries])
    axes[list(LABELS)] = axes[list(LABELS)].astype("category")
    repeated = axes.loc[axes.index.repeat([_length(table) for table in tables])].reset_index(drop=True)
    return pd.concat([repeated, whole.astype({"replicate": "int32"})], axis=1)


def _length(columns: Columns) -> int:
    return len(columns["replicate"])


def _without(config: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in shared}
