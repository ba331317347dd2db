"""The constants of one problem: formula, certified enclosure, and the largest value a search found.

For a problem of your own, everything else that a problem promises is checked as well.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fosp import exits
from fosp.options import add_json, count, number

if TYPE_CHECKING:
    import pandas as pd


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp constants``."""
    parser.add_argument("problem", metavar="SPEC", help="FAMILY:key=value,... or package.module:factory")
    parser.add_argument("--alpha", type=number, metavar="X", help="inner step of Delta (none: any <= 1/L)")
    parser.add_argument("--check", action="store_true", help="check derivatives, shapes and the oracle too")
    text = "how often the search evaluates each constant"
    parser.add_argument("--evaluations", type=count, metavar="N", default=2000, help=text)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the constants; say by the exit code whether one of them, or a check, is refuted."""
    from empirics import problems
    from fosp import output

    problem = problems.from_spec(args.problem)
    own = problem.family not in {family.name for family in problems.families()}
    table = problems.certify(problem, args.alpha, args.evaluations)
    findings = problems.check_problem(problem, args.evaluations) if args.check or own else None
    if args.json:
        output.print_json(_document(problem.spec, table, findings))
    else:
        _print(problem.spec, table, findings)
    refuted = (table.status == "too small").any() or (findings is not None and not findings.passed.all())
    return exits.REFUTED if refuted else exits.FINE


def _document(spec: str, table: pd.DataFrame, findings: pd.DataFrame | None) -> dict[str, Any]:
    rows = table.set_index("constant").to_dict("index")
    constants = {
        name: {"value": row["value"], "formula": row["formula"], "attained": row["attained"]}
        | {"enclosure": [row["lower"], row["upper"]], "found": row["found"], "status": row["status"]}
        for name, row in rows.items()
    }
    more = {} if findings is None else {"findings": findings.to_dict("records")}
    return {"problem": spec, "constants": constants} | more


def _print(spec: str, table: pd.DataFrame, findings: pd.DataFrame | None) -> None:
    from fosp.output import print_table

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

    verdict = "ok" if row["passed"] else "WRONG"
    return [verdict, row["check"], show(row["measured"]), show(row["allowed"]), row["detail"]]
