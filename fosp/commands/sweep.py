"""Many runs over problems, algorithms, plans, epsilon, alpha and seeds, as one partitioned dataset."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fosp import exits
from fosp.command import Command
from fosp.options import add_directory, add_engine, add_json, add_trust, count

if TYPE_CHECKING:
    import pandas as pd

PLACE = 4
RUNS = Path("runs")
SHOWN = 40
"""Rows that are printed without ``--all``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp sweep``."""
    parser.add_argument("suite", metavar="SUITE.toml", nargs="?", help="the grids; with --resume not needed")
    add_directory(parser, "--out", "folder of the dataset (none: runs/sweep-ID)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with the sweep in --out; what is finished is kept"
    )
    add_engine(parser)
    parser.add_argument(
        "--workers", type=count, metavar="N", help="local processes (none: one per processor)"
    )
    add_trust(parser, "the suite")
    parser.add_argument("--all", action="store_true", help="print every row, however many there are")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the cells that are missing, print a row for each setting, and say whether a cell failed."""
    from empirics.sweeps import run_sweep
    from fosp import output
    from fosp.progress import Bar

    suite = _suite(args)
    again = f"fosp sweep --resume --out {args.out}{' --trust' if args.trust else ''}"
    args.how_to_resume = f"what is finished is kept; go on with: {again}"
    given = {"resume": args.resume, "engine": args.engine, "workers": args.workers, "trust": args.trust}
    with Bar("cells") as progress, output.damage_noted("sweep"):
        summary = run_sweep(suite, args.out, progress=progress, **given)
    if args.json:
        output.print_json({"out": str(args.out), **document(summary)})
    else:
        _print(summary, whole=args.all)
    output.note_engine(args.engine)
    output.note(f"dataset: {args.out}")
    return exits.REFUTED if (summary["status"] == "failed").any() else exits.FINE


def _suite(args: argparse.Namespace) -> Any:
    """Return the suite that was named, None for the one in the folder; and settle the folder."""
    import hashlib
    import json

    from bounds.errors import InputError
    from empirics.sweeps import load

    if args.suite is None and not args.resume:
        raise InputError("SUITE", None, "must be a TOML file with the grids")
    suite = None if args.suite is None else load(args.suite)
    if args.out is None:
        if suite is None:
            raise InputError("out", None, "must say which sweep to resume")
        text = json.dumps(dict(suite.data), sort_keys=True)
        args.out = RUNS / f"sweep-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return suite


def document(summary: pd.DataFrame) -> dict[str, Any]:
    """Return a summary as JSON-ready data: how many cells ended how, and each of them."""
    counts = summary["status"].value_counts()
    told = {name: int(counts.get(name, 0)) for name in ("done", "failed", "infeasible")}
    rows = summary.astype(object).where(summary.notna(), None)
    return {**told, "cells": rows.to_dict("records")}


def _print(summary: pd.DataFrame, *, whole: bool) -> None:
    from empirics.sweeps.summary import over_seeds
    from fosp import output
    from fosp.tables import print_table

    joined = over_seeds(summary)
    varied = [name for name in joined.columns[:8] if joined[name].nunique() > 1]
    header = [*varied, "seeds", "iterations", "final ||grad F||", "hits"]
    rows = [_row(row, varied) for row in joined.to_dict("records")]
    shown = rows if whole else rows[:SHOWN]
    counts = ", ".join(f"{n:,} {status}" for status, n in summary["status"].value_counts().items())
    print_table(f"{len(summary):,} cells: {counts}", header, shown)
    if len(shown) < len(rows):
        output.note(f"{len(rows) - len(shown):,} more rows: --all, or summary.parquet in the dataset")
    for reason in dict.fromkeys(joined["reason"][joined["status"] == "failed"]):
        output.note(f"failed: {reason}")


def _row(row: Mapping[Any, Any], varied: list[str]) -> list[str]:
    from fosp import output

    told = [row[name] if isinstance(row[name], str) else output.show(row[name]) for name in varied]
    if row["status"] != "done":
        return [*told, str(row["seeds"]), "–", row["status"], "–"]
    hits = f"{row['hits']:,} of {row['replicates']:,}"
    return [*told, str(row["seeds"]), output.show(int(row["iterations"])), output.show(row["final"]), hits]


COMMAND = Command("sweep", __doc__, add_arguments, run)
