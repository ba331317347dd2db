"""One HTML page of a run: verdicts, formulas, figures, derivations, and how to repeat it.

The page needs no network and no other file. With --latex it is a table for a paper instead.
"""

from __future__ import annotations

import argparse
from itertools import count
from pathlib import Path

from fosp import completion, exits
from fosp.command import Command
from fosp.options import add_directory, add_json, add_trust

PLACE = 6
NAME = "report.html"
WIDTHS = ("page", "column")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp report``."""
    add_directory(parser, "run", "a run directory of fosp validate", "RUN")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"the file to write (none: RUN/{NAME})")
    add_trust(parser, "RUN")
    parser.add_argument("--latex", action="store_true", help="print the verdicts as a LaTeX table instead")
    parser.add_argument(
        "--width", choices=WIDTHS, default="page", help="with --latex: how wide, in a paper of two columns"
    )
    parser.add_argument(
        "--columns", metavar="NAME,...", help="with --latex: which columns (none: as many as fit)"
    )
    claims = parser.add_argument(
        "--claims", metavar="NAME,...", help="with --latex: only these claims, or what begins with them"
    )
    completion.by(claims, completion.listed(completion.claims))
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Write the page and say where it is; or print the table."""
    from bounds.errors import InputError

    for option in sorted({"--width", "--columns", "--claims"} & args.typed):
        if not args.latex:
            name = option.removeprefix("--")
            raise InputError(name, getattr(args, name), "is for the table only", "add --latex")
    if args.latex and args.json:
        raise InputError("latex", True, "must not be given with --json")
    return _table(args) if args.latex else _page(args)


def _table(args: argparse.Namespace) -> int:
    from bounds.files import write_text
    from fosp import output
    from validate import tables
    from validate.reported import read_report

    report, _ = read_report(args.run)
    columns = args.columns.split(",") if args.columns else None
    chosen = tables.of_claims(report.verdicts, args.claims.split(",") if args.claims else ())
    text = tables.latex(chosen, columns, args.width)
    if args.out is None:
        print(text, end="")
    else:
        output.check_file("out", args.out)
        write_text(args.out, text)
    return exits.FINE


def _page(args: argparse.Namespace) -> int:
    from bounds.files import write_text
    from figures.report import render
    from fosp import output
    from fosp.progress import Bar
    from validate.stored import read_config

    read_config(args.run, "RUN")
    out = args.out or args.run / NAME
    output.check_file("out", out)
    with Bar("reading") as bar, output.damage_noted("report"):
        done = count(1)
        page, missing = render(args.run, trust=args.trust, say=lambda what: bar(next(done), None, what))
    write_text(out, page)
    if args.json:
        output.print_json({"report": str(out), "bytes": out.stat().st_size, "missing": missing})
    else:
        print(out)
    if missing:
        output.note(f"fosp report: {missing}")
    return exits.FINE


COMMAND = Command("report", __doc__, add_arguments, run)
