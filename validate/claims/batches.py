"""Runs at varied batch sizes: no claim reads them, figures do."""

from __future__ import annotations

from collections.abc import Iterator

from bounds.theory.algorithms import runnable
from validate.claim import Kind, Table
from validate.design import Setting, batch_sweep
from validate.experiment import Experiment
from validate.schema import COUNT, LISTS, SIZES

PLACE = 18
ENTRIES = {"algorithm": {"enum": list(runnable())}, "iterations": COUNT, "base": SIZES, "sizes": LISTS}


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    if table["algorithm"] not in setting.algorithms:
        return
    for name, sizes in table["sizes"].items():
        yield from batch_sweep(setting, table["algorithm"], name, sizes, table["base"], table["iterations"])


KIND = Kind("batches", _experiments, ENTRIES, tuple(ENTRIES), trajectory=True)
