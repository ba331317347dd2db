"""The problem families with known constants, and the parameters each one takes."""

from __future__ import annotations

import argparse

from fosp import exits
from fosp.command import Command
from fosp.options import add_json

PLACE = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fosp problems``."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List the families."""
    from dataclasses import asdict

    from empirics import problems
    from fosp import output
    from fosp.tables import print_table

    families = problems.families()
    if args.json:
        output.print_json({"families": [asdict(family) for family in families]})
        return exits.FINE
    for family in families:
        rows = [[one.name, one.default, one.kind] for one in family.parameters]
        print_table(f"{family.name}: {family.summary}", ["parameter", "default", "is"], rows)
    print("A problem is typed as FAMILY:key=value,... or as package.module:factory for your own.")
    return exits.FINE


COMMAND = Command("problems", __doc__, add_arguments, run)
