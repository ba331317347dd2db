"""``fosp recommend --table FILE``: a plan for every row of a table, as a table."""

from __future__ import annotations

import argparse
import csv
import os
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.constants import NAMES
from fosp import exits

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT = ("problem", "samples", "pareto", "confidence")
TYPED = ("theory", "alpha", "step", "n_tasks", "inner_steps", "depth")
KINDS = (".csv", ".parquet")


def run_table(args: argparse.Namespace, algorithms: Sequence[str], options: dict[str, Any]) -> int:
    """Recommend a plan for each row of the table, target and algorithm; write or print them."""
    from bounds.recommendation import recommend_table
    from fosp.progress import Bar

    _check(args)
    table = read(args.table)
    asked = _asked(args, table, algorithms)
    copies = len(asked) // max(1, len(table))
    called = partial(_called, args.table, list(table.index), copies)
    given = {"cost": options["cost"], "fixed": options["fixed"], "workers": args.workers or _processors()}
    with Bar("plans") as progress:
        plans = recommend_table(asked, progress=progress, called=called, **given)
    _give(args, plans)
    return exits.FINE


def _check(args: argparse.Namespace) -> None:
    from bounds.errors import InputError

    for name in LEFT_OUT:
        if getattr(args, name) not in (None, False):
            raise InputError(name, getattr(args, name), "must not be given with --table", "leave it out")
    if args.theory == "both":
        raise InputError("theory", args.theory, "must be one of them with --table")
    if args.out is not None and args.out.suffix not in KINDS:
        raise InputError("out", str(args.out), f"must end with {' or '.join(KINDS)} with --table")


def read(path: Path) -> pd.DataFrame:
    """Return the table in a CSV or Parquet file, its numbers read as those of the options are.

    Its index says where a row stands: the line of a CSV file, the number, from 1, of a row of a Parquet file.

    Raises
    ------
    InputError
        When there is no such table, or where something else stands in the place of a number.
    """
    from bounds.errors import InputError, reason

    if path.suffix not in KINDS:
        raise InputError("table", str(path), f"must be a file that ends with {' or '.join(KINDS)}")
    try:
        table = _lines(path) if path.suffix == ".csv" else _rows(path)
    except InputError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        raise InputError("table", str(path), f"must be a table that can be read ({reason(error)})") from None
    if not len(table):
        raise InputError("table", str(path), "must have at least one row")
    return _numbers(path, table)


def _lines(path: Path) -> pd.DataFrame:
    """Return a CSV file as text; empty lines are left out, and counted."""
    import pandas as pd

    with path.open(encoding="utf-8-sig") as lines:
        empty = next((number for number, line in enumerate(lines) if line.strip()), 0)
    _require_straight(path, empty)
    table = pd.read_csv(
        path, dtype=str, skipinitialspace=True, skip_blank_lines=False, skiprows=empty, index_col=False
    )
    table.index = pd.RangeIndex(empty + 2, empty + 2 + len(table))
    return table.dropna(how="all")


def _require_straight(path: Path, empty: int) -> None:
    """Refuse columns without a name or with that of another, and rows with more cells than there are columns."""
    from bounds.errors import InputError

    with path.open(encoding="utf-8-sig", newline="") as lines:
        cells = csv.reader(islice(lines, empty, None), skipinitialspace=True)
        names = [name.strip() for name in next(cells, [])]
        for number, name in enumerate(names, 1):
            if not name:
                advice = "give it one, or leave the column out"
                raise InputError("table", str(path), f"column {number} of {len(names)} has no name", advice)
            if name in names[: number - 1]:
                raise InputError("table", name, f"is the name of two columns of {path.name}", "leave one out")
        for row in cells:
            if len(row) > len(names):
                place = _place(path, empty + cells.line_num)
                raise InputError("table", str(path), f"{place} has {len(row)} cells, the header {len(names)}")


def _rows(path: Path) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_parquet(path)
    return table.set_axis(pd.RangeIndex(1, 1 + len(table)))


def _numbers(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its numbers read where they are text."""
    import pandas as pd

    from bounds.recommendation.table import COLUMNS, WORDS

    places = table.index.tolist()
    for name in table.columns:
        if name in COLUMNS and name not in WORDS and table[name].dtype.kind not in "iuf":
            read = [
                _number(path, place, name, value) for place, value in zip(places, table[name], strict=True)
            ]
            table[name] = pd.Series(read, table.index, dtype=object)
    return table


def _number(path: Path, place: int, name: str, value: Any) -> Any:
    from bounds.errors import InputError
    from bounds.reading import real
    from bounds.recommendation.table import WHOLE

    if not isinstance(value, str):
        return value
    try:
        read = real(value)
    except ValueError:
        what = "a whole number" if name in WHOLE else "a number, like 0.1, 1e-3 or 1/6"
        raise InputError(f"{_place(path, place)}: {name}", value, f"must be {what}") from None
    return int(read) if read.is_integer() and name in WHOLE else read


def _called(path: Path, places: Sequence[int], copies: int, number: int) -> str:
    """Return where a row of the plans comes from; each row of the file has so many ``copies`` there."""
    return _place(path, places[number // copies])


def _place(path: Path, place: int) -> str:
    return f"{'line' if path.suffix == '.csv' else 'row'} {place} of {path.name}"


def _asked(args: argparse.Namespace, table: pd.DataFrame, algorithms: Sequence[str]) -> pd.DataFrame:
    """Return the table with what was typed beside it: one value for all rows, of several each in turn."""
    import pandas as pd

    from bounds.errors import InputError

    typed = {name: [getattr(args, name)] for name in NAMES if getattr(args, name) is not None}
    typed |= {name: [getattr(args, name)] for name in TYPED if f"--{name.replace('_', '-')}" in args.typed}
    if args.epsilon is not None:
        typed["epsilon"] = list(args.epsilon)
    if args.max_iterations is not None:
        typed["max_iterations"] = [args.max_iterations]
    if "--algorithm" in args.typed or "algorithm" not in table.columns:
        typed["algorithm"] = list(algorithms)
    for name, values in typed.items():
        if name in table.columns:
            raise InputError(
                name, values[0], "is a column of the table", f"leave out --{name.replace('_', '-')}"
            )
        table = table.merge(pd.DataFrame({name: values}), how="cross")
    return table


def _give(args: argparse.Namespace, plans: pd.DataFrame) -> None:
    from bounds.files import atomically, write_text
    from fosp import output

    told = f"{len(plans):,} plans, {int(plans['feasible'].sum()):,} of them feasible"
    if args.json:
        output.print_json({"plans": plans.astype(object).where(plans.notna(), None).to_dict("records")})
    elif args.out is None:
        print(plans.to_csv(index=False), end="")
    if args.out is None:
        return
    if args.out.suffix == ".csv":
        write_text(args.out, plans.to_csv(index=False))
    else:
        atomically(args.out, lambda file: plans.to_parquet(file, index=False))
    output.note(f"{told}: {args.out}")


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
