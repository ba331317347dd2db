"""What came of each cell, in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from empirics.sweeps.planning import Entry

SETTING = ("problem", "algorithm", "theory", "step", "inner_steps", "alpha", "epsilon", "plan")
"""The axes, without the seed."""


def outcome(columns: Mapping[str, np.ndarray], epsilon: float) -> dict[str, Any]:
    r"""Return what one cell's table says.

    ``final`` is the mean of the last :math:`\|\nabla F\|`, ``lowest`` the smallest mean over the replicates at
    any recorded iteration (unit F/W; NaN where a replicate diverged), ``hits`` the replicates that were at most
    epsilon at a recorded iteration.
    """
    replicates = int(columns["replicate"][-1]) + 1
    sizes = columns["grad_norm"].reshape(replicates, -1)
    means = sizes.mean(0)
    return {
        "status": "done",
        "reason": "",
        "replicates": replicates,
        "iterations": int(columns["iteration"][-1]),
        "final": float(means[-1]),
        "lowest": float(np.nan if np.isnan(means).all() else np.nanmin(means)),
        "hits": int((sizes <= epsilon).any(1).sum()),
    }


def without_result(status: str, reason: str, entry: Entry) -> dict[str, Any]:
    """Return the row of a cell that failed, or that has no plan."""
    known = {"replicates": entry.point.replicates, "iterations": entry.cell and entry.cell.iterations}
    return {"status": status, "reason": reason, **known, "final": np.nan, "lowest": np.nan, "hits": 0}


def table(entries: Sequence[Entry], outcomes: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the summary, one row for each cell in the order of the suite."""
    rows = [
        {"cell": entry.cell.identity if entry.cell else "", **entry.axes, **outcomes[place]}
        for place, entry in enumerate(entries)
    ]
    return pd.DataFrame(rows).astype({"iterations": "Int64"})


def over_seeds(summary: pd.DataFrame) -> pd.DataFrame:
    """Join the rows that differ in the seed only: sums of replicates and hits, means of the others."""
    grouped = summary.groupby([*SETTING, "status", "reason"], sort=False, dropna=False)
    joined = grouped.agg(
        seeds=("seed", "size"),
        replicates=("replicates", "sum"),
        iterations=("iterations", "first"),
        final=("final", "mean"),
        lowest=("lowest", "mean"),
        hits=("hits", "sum"),
    )
    return joined.reset_index()
