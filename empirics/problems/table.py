"""Data as they enter: what the tasks of a problem of one's own may be made of, checked in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bounds import arguments
from bounds.errors import InputError

NUMERIC = "fiub"
"""Kinds of numpy arrays that a loss can compute with."""


def tasks(given: Iterable[Sequence[Any]]) -> list[list[np.ndarray]]:
    """Return the columns of every task as arrays of finite numbers, the points along the first axis.

    Parameters
    ----------
    given : iterable of sequences of array_like
        A list, a generator, ...: each entry holds the columns of one task.

    Raises
    ------
    InputError
        When there is no task, a task is empty, or columns differ between tasks in number or in shape.
    """
    listed = arguments.listed("tasks", given, "must be a list or a generator with the columns of each task")
    rows = [_columns(number, task) for number, task in enumerate(listed)]
    if not rows:
        raise InputError("tasks", [], "must hold at least one task")
    for number, row in enumerate(rows):
        shapes, first = ([column.shape[1:] for column in r] for r in (row, rows[0]))
        if shapes != first:
            allowed = f"must have columns like those of task 0: {len(first)}, each point of shape {first}"
            raise InputError(f"tasks[{number}]", shapes, allowed)
    return rows


def _columns(number: int, task: Any) -> list[np.ndarray]:
    name = f"tasks[{number}]"
    listed = arguments.listed(name, task, "must be a sequence of columns, one for each argument of the loss")
    columns = [array(f"{name}, column {place}", column) for place, column in enumerate(listed)]
    lengths = [len(column) if column.ndim else 0 for column in columns]
    if len(set(lengths)) != 1 or lengths[0] == 0:
        raise InputError(name, lengths, "must hold columns of one length > 0: it has these lengths")
    return columns


def array(name: str, given: Any) -> np.ndarray:
    """Return an array of finite numbers, or raise InputError naming it."""
    try:
        values = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InputError(name, given, "must be an array of numbers", str(error)) from error
    if values.dtype.kind not in NUMERIC:
        raise InputError(name, str(values.dtype), "must be an array of numbers, not of this type")
    finite = np.isfinite(values)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise InputError(name, float(values[where]), f"must be finite everywhere; entry {where} is not")
    return values


def vector(name: str, given: Any) -> np.ndarray:
    """Return a vector of finite float64, or raise InputError naming it."""
    values = array(name, given).astype(float)
    if values.ndim != 1 or not len(values):
        raise InputError(
            name, values.shape, "must be a vector, of shape (dim,) with dim >= 1: it has this shape"
        )
    return values


def names(columns: Any) -> list[str | list[str]]:
    """Return the columns that a loss is given, each a name or a list of names; raise InputError for others."""
    listed = arguments.listed(
        "columns", columns, "must be a list of names, or of lists of them", '["x", "y"]'
    )
    return [one if isinstance(one, str) else list(arguments.names("columns", one)) for one in listed]


def frame(given: pd.DataFrame, task: str, columns: Sequence[str]) -> None:
    """Raise InputError when a table lacks a column, or a value in one of them."""
    if not isinstance(given, pd.DataFrame):
        raise InputError("frame", type(given).__name__, "must be a DataFrame with one row for each point")
    if not len(given):
        raise InputError("frame", given.shape, "must have at least one row")
    arguments.text("task", task, "must be the name of the column that says to which task a row belongs")
    for name in (task, *columns):
        if name not in given.columns:
            raise InputError("columns", name, f"must be among {', '.join(map(str, given.columns))}")
        if list(given.columns).count(name) > 1:
            raise InputError("columns", name, "must name one column; the table has several of this name")
        empty = given[name].isna().to_numpy()
        if empty.any():
            label = given.index[int(np.flatnonzero(empty)[0])]
            found = (
                f"must have a value in every row; {int(empty.sum())} have none, the first is row {label!r}"
            )
            raise InputError("column", name, found, "drop these rows, or fill them")
