"""One interactive page: plans, curves and what each constant costs, without a network.

Constants and target are chosen with sliders; the plans are those of fosp recommend.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fosp import exits
from fosp.command import Command
from fosp.options import add_json

PLACE = 2
NAME = Path("explore.html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp explore``."""
    parser.add_argument("--out", type=Path, metavar="FILE", default=NAME, help="the page to write")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the page and say where it is."""
    from bounds.files import write_text
    from fosp import output

    output.check_file("out", args.out)
    from figures.explorer import render

    write_text(args.out, render())
    if args.json:
        output.print_json({"page": str(args.out), "bytes": args.out.stat().st_size})
    else:
        print(args.out)
    return exits.FINE


COMMAND = Command("explore", __doc__, add_arguments, run)
