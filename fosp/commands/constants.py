"""The certified constants of one problem, each with its formula and whether it is attained."""

from __future__ import annotations

import argparse

from fosp import exits
from fosp.options import add_json, number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp constants``."""
    parser.add_argument("problem", metavar="SPEC", help="FAMILY:key=value,... or package.module:factory")
    parser.add_argument("--alpha", type=number, metavar="X", help="inner step of Delta (none: any <= 1/L)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the constants of one problem."""
    from empirics import problems
    from fosp import output

    problem = problems.from_spec(args.problem)
    found = problem.certificates(args.alpha)
    if args.json:
        constants = {
            name: {"value": one.value, "formula": one.formula, "attained": one.attained}
            for name, one in found.items()
        }
        output.print_json({"problem": problem.spec, "constants": constants})
        return exits.FINE
    rows = [
        [name, output.show(one.value, 6), "attained" if one.attained else "upper bound", one.formula]
        for name, one in found.items()
    ]
    output.print_table(problem.spec, ["constant", "value", "", "formula"], rows, wrap=3)
    return exits.FINE
