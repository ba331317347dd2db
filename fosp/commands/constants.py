"""The constants of one problem: formula, certified enclosure, and the largest value a search found.

For a problem of your own, everything else that a problem promises is checked as well.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from fosp import completion, exits
from fosp.command import Command
from fosp.options import add_json, count, number

if TYPE_CHECKING:
    import pandas as pd

    from fosp.progress import Bar

PLACE = 9
EVALUATIONS, SECONDS, CONSTANTS = 2000, 20.0, 6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp constants``."""
    text = "FAMILY:key=value,... or package.module:factory"
    completion.by(parser.add_argument("problem", metavar="SPEC", help=text), completion.problems)
    parser.add_argument("--alpha", type=number, metavar="X", help="inner step of Delta (none: any <= 1/L)")
    parser.add_argument("--check", action="store_true", help="check derivatives, shapes and the oracle too")
    text = f"how often the search evaluates each constant ({EVALUATIONS:,} within {SECONDS:g} seconds)"
    parser.add_argument("--evaluations", type=count, metavar="N", help=text)
    text = "stop the search after about so many seconds and say what is known"
    parser.add_argument("--seconds", type=number, metavar="X", help=text)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the constants; say by the exit code whether one of them, or a check, is refuted."""
    from empirics import problems
    from fosp import output
    from fosp.progress import Bar

    evaluations, seconds = _budget(args)
    problem = problems.from_spec(args.problem)
    problems.require_same(args.problem)
    own = problem.family not in {family.name for family in problems.families()}
    with Bar("looking for larger values") as bar:
        tell = partial(_tell, bar, problem.spec)
        table = problems.certify(problem, args.alpha, evaluations, seconds=seconds, progress=tell)
    findings = problems.check_problem(problem, evaluations, constants=table) if args.check or own else None
    if args.json:
        output.print_json(_document(problem.spec, table, findings))
    else:
        _print(problem.spec, table, findings)
    if (table.made < 1).any():
        output.note(_cut_short(table, evaluations, seconds))
    refuted = (table.status == "too small").any() or (
        findings is not None and (findings.verdict == "wrong").any()
    )
    return exits.REFUTED if refuted else exits.FINE


def _budget(args: argparse.Namespace) -> tuple[int, float]:
    """Return how many evaluations, and within how many seconds: no limit where only the first is asked for."""
    from bounds.errors import InputError

    if args.seconds is not None and not 0 < args.seconds < math.inf:
        raise InputError("seconds", args.seconds, "must be a finite number > 0")
    usual = SECONDS if args.evaluations is None else math.inf
    return args.evaluations or EVALUATIONS, usual if args.seconds is None else args.seconds


def _tell(bar: Bar, spec: str, table: pd.DataFrame) -> None:
    """Say what was found last."""
    from fosp.output import show

    row = table.iloc[-1]
    bar(len(table), CONSTANTS)
    bar.say(f"{spec}: {row.constant} = {show(row.value)}, largest found {show(row.found)}: {row.status}")


def _cut_short(table: pd.DataFrame, evaluations: int, seconds: float) -> str:
    """Say what there was no time for."""
    rows = table[table.made < 1]
    names = ", ".join(f"{row.constant} {row.made:.0%}" for row in rows.itertuples())
    return (
        f"stopped after {seconds:g} seconds: of {evaluations:,} evaluations there was time for {names}; "
        f"look longer with --seconds {10 * seconds:g}, or as long as it takes with --evaluations {evaluations}"
    )


def _document(spec: str, table: pd.DataFrame, findings: pd.DataFrame | None) -> dict[str, Any]:
    rows = table.set_index("constant").to_dict("index")
    constants = {
        name: {"value": row["value"], "formula": row["formula"], "attained": row["attained"]}
        | {"enclosure": [row["lower"], row["upper"]], "found": row["found"], "status": row["status"]}
        | {"made": row["made"]}
        for name, row in rows.items()
    }
    more = {} if findings is None else {"findings": findings.to_dict("records")}
    return {"problem": spec, "constants": constants} | more


def _print(spec: str, table: pd.DataFrame, findings: pd.DataFrame | None) -> None:
    from fosp.tables import print_table

    header = ["constant", "value", "", "status", "found", "formula"]
    print_table(spec, header, [_constant(row) for row in table.to_dict("records")], wrap=5)
    if findings is not None:
        rows = [_finding(row) for row in findings.to_dict("records")]
        print_table("Checks", ["", "check", "measured", "allowed", ""], rows, wrap=4)


def _constant(row: Mapping[Any, Any]) -> list[str]:
    from fosp.output import show

    tight = "attained" if row["attained"] else "upper bound"
    return [
        row["constant"],
        show(row["value"], 6),
        tight,
        row["status"],
        show(row["found"], 6),
        row["formula"],
    ]


def _finding(row: Mapping[Any, Any]) -> list[str]:
    from fosp.output import show

    verdict = {"wrong": "WRONG"}.get(row["verdict"], row["verdict"])
    return [verdict, row["check"], show(row["measured"]), show(row["allowed"]), row["detail"]]


COMMAND = Command("constants", __doc__, add_arguments, run)
