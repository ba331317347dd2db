"""``fosp recommend --table FILE``: a plan for every row of a table, as a table."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fosp import exits

if TYPE_CHECKING:
    import pandas as pd

CONSTANTS = ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta", "M")
LEFT_OUT = ("problem", "samples", "pareto", "confidence")
TYPED = ("theory", "alpha", "step", "n_tasks", "inner_steps", "depth")
KINDS = (".csv", ".parquet")


def run_table(args: argparse.Namespace, algorithms: Sequence[str], options: dict[str, Any]) -> int:
    """Recommend a plan for each row of the table, target and algorithm; write or print them."""
    from bounds.recommendation import recommend_table
    from fosp.progress import Bar

    _check(args)
    asked = _asked(args, read(args.table), algorithms)
    given = {"cost": options["cost"], "fixed": options["fixed"], "workers": args.workers or _processors()}
    with Bar("plans") as progress:
        plans = recommend_table(asked, progress=progress, **given)
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
    """Return the table in a CSV or Parquet file; raise InputError when there is none."""
    import pandas as pd

    from bounds.errors import InputError, reason

    if path.suffix not in KINDS:
        raise InputError("table", str(path), f"must be a file that ends with {' or '.join(KINDS)}")
    try:
        return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError("table", str(path), f"must be a table that can be read ({reason(error)})") from None


def _asked(args: argparse.Namespace, table: pd.DataFrame, algorithms: Sequence[str]) -> pd.DataFrame:
    """Return the table with what was typed beside it: one value for all rows, of several each in turn."""
    from bounds.errors import InputError

    typed = {name: [getattr(args, name)] for name in CONSTANTS if getattr(args, name) is not None}
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
        table = table.merge(_one_column(name, values), how="cross")
    return table


def _one_column(name: str, values: list[Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: values})


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
