"""One HTML page of a run: verdicts, formulas, figures, derivations, and how to repeat it.

The page needs no network and no other file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fosp import exits
from fosp.command import Command
from fosp.options import add_json

PLACE = 6
NAME = "report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp report``."""
    parser.add_argument("run", metavar="RUN", type=Path, help="a run directory of fosp validate")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"the page to write (none: RUN/{NAME})")
    parser.add_argument(
        "--trust", action="store_true", help="import the code (package.module:factory) that RUN names"
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the page and say where it is."""
    from bounds.files import write_text
    from figures.report import render
    from fosp import output
    from validate.stored import read_config

    read_config(args.run, "RUN")
    out = args.out or args.run / NAME
    output.check_file("out", out)
    with output.damage_noted("report"):
        page, missing = render(args.run, trust=args.trust)
    write_text(out, page)
    if args.json:
        output.print_json({"report": str(out), "bytes": out.stat().st_size, "missing": missing})
    else:
        print(out)
    if missing:
        output.note(f"fosp report: {missing}")
    return exits.FINE


COMMAND = Command("report", __doc__, add_arguments, run)
