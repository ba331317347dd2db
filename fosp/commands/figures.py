"""Paper-style figures, each with its data and its caption, from a run directory or from nothing.

With RUN, what the run supports is drawn and the rest is named. Without it, the experiments that the figures
need are run first, and kept, so that a second call takes them.
"""

from __future__ import annotations

import argparse
from itertools import count as counter
from pathlib import Path
from typing import TYPE_CHECKING

from fosp import completion, exits
from fosp.command import Command
from fosp.options import add_directory, add_json, add_problem, add_trust, count, seed

if TYPE_CHECKING:
    from figures import Made

PLACE = 5
FORMATS = "svg,pdf,png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp figures``."""
    add_directory(parser, "run", "a run directory of fosp validate", "RUN", nargs="?")
    only = parser.add_argument("--only", metavar="NAME", action="append", help="only this figure; repeatable")
    completion.by(only, completion.figures)
    add_directory(parser, "--out", "where to (none: RUN/figures, or runs/figures)")
    parser.add_argument("--format", default=FORMATS, metavar="NAME,...", help="picture formats")
    parser.add_argument("--seed", type=seed, metavar="N", help="key of the random streams of what is run")
    parser.add_argument("--replicates", type=count, metavar="N", help="independent runs of each experiment")
    add_problem(parser)
    add_trust(parser, "RUN")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Make the figures and list them."""
    import figures
    from bounds.errors import InputError
    from figures.evidence import existing
    from fosp import output
    from fosp.progress import Bar

    where = args.run
    asked = {"seed": args.seed, "replicates": args.replicates, "problem": args.problem}
    if where is not None:
        existing(where, trust=args.trust)
        for name, value in asked.items():
            if value is not None:
                raise InputError(name, value, "must not be given with RUN, which has been run already")
    out = args.out or (Path("runs/figures") if where is None else where / "figures")
    output.check_directory("out", out)
    args.how_to_resume = "finished experiments are kept; the same command goes on from there"
    with Bar("running") as running, Bar("drawing") as drawing, output.damage_noted("figures"):
        total, done = len(args.only or figures.names()), counter()
        made = figures.make(
            where,
            args.only,
            out,
            args.format.split(","),
            progress=running,
            say=lambda name: drawing(next(done), total, name),
            trust=args.trust,
            **asked,
        )
    if args.json:
        output.print_json({"figures": [_document(one) for one in made]})
    else:
        _print(made, out)
    return _refused(made) if args.only else exits.FINE


def _refused(made: list[Made]) -> int:
    """Say which figure that was asked for by its name could not be drawn, and return the exit code."""
    from fosp import output

    lacking = [one for one in made if one.missing]
    for one in lacking:
        output.note(f"fosp figures: --only = {one.name!r}: cannot be drawn: {_missing(one)}")
    return exits.BAD_INPUT if lacking else exits.FINE


def _document(one: Made) -> dict[str, object]:
    return {
        "figure": one.name,
        "number": one.number,
        "files": [str(file) for file in one.files],
        "missing": one.missing,
        "command": one.command,
    }


def _print(made: list[Made], out: Path) -> None:
    from fosp.tables import print_table

    rows = [
        [str(one.number), one.name, " ".join(file.suffix[1:] for file in one.files), _missing(one)]
        for one in made
    ]
    print_table(f"Figures in {out}", ["", "figure", "files", "missing"], rows, wrap=3)


def _missing(one: Made) -> str:
    return f"{one.missing} ({one.command})" if one.missing else ""


COMMAND = Command("figures", __doc__, add_arguments, run)
