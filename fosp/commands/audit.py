"""Find out which algorithm a meta-gradient code implements, and which known defects it shows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from fosp import exits
from fosp.command import Command
from fosp.options import Choices, add_json, number, runnable, seed, steps

if TYPE_CHECKING:
    from validate.audit.report import AuditReport

PLACE = 11


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp audit``."""
    text = "package.module:callable: a step (w, tasks, alpha, beta) -> new w, or what an adapter made"
    parser.add_argument("target", metavar="TARGET", help=text)
    text = "what it claims to be, such as maml; something else is a defect"
    parser.add_argument("--as", dest="claimed", choices=Choices(runnable), metavar="NAME", help=text)
    parser.add_argument("--inner-steps", type=steps, metavar="N", help="inner steps that are meant (1)")
    text = "how many times the mean over the tasks its direction is meant to be, or sum (1)"
    parser.add_argument("--scale", metavar="X", help=text)
    text = "the optimiser outside: sgd, momentum=0.9 or adam (sgd)"
    parser.add_argument("--outer", metavar="NAME", help=text)
    parser.add_argument("--seed", type=seed, metavar="N", default=0, help="of the questions")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Audit, and say by the exit code whether a defect was found."""
    from fosp import output
    from fosp.progress import Bar
    from validate.audit.auditing import audit

    scale = args.scale if args.scale in (None, "sum") else _scale(args.scale)
    with Bar("asking") as progress:
        report = audit(
            args.target,
            args.claimed,
            inner_steps=args.inner_steps,
            scale=scale,
            outer=args.outer,
            seed=args.seed,
            progress=progress,
        )
    if args.json:
        output.print_json(report.to_dict())
    else:
        _print(report)
    return exits.FINE if report.ok else exits.REFUTED


def _scale(text: str) -> float:
    from bounds.errors import InputError

    try:
        return number(text)
    except argparse.ArgumentTypeError:
        raise InputError("scale", text, 'must be a finite number > 0, or "sum"') from None


def _print(report: AuditReport) -> None:
    from fosp import output
    from fosp.tables import print_table, say

    say(_headline(report))
    rows = [[name, output.show(value, 3), _mean(report, name)] for name, value in report.deviation.items()]
    if rows:
        print()
        print_table("", ["deviation from", "path by path", "in the mean"], rows)
    for one in report.defects:
        say(f"defect: {one.name}\n  {one.evidence}\n  remedy: {one.remedy}")
    for note in report.notes:
        say(f"note: {note}")
    if report.costs:
        say(f"it {report.costs}")


def _mean(report: AuditReport, name: str) -> str:
    from fosp import output

    below = report.mean_below.get(name)
    return output.show(report.mean_deviation.get(name), 3) if below is None else f"< {output.show(below, 3)}"


def _headline(report: AuditReport) -> str:
    steps = f", {report.inner_steps} inner step{'s' if report.inner_steps != 1 else ''}"
    probe = "" if report.probe is None else f", probe {report.probe:.3g} long"
    about = f"{steps if report.inner_steps is not None else ''}{probe}"
    if report.implements:
        return f"{report.target}: {report.implements}{about}"
    nearest = f"; nearest: {report.nearest}{about}" if report.nearest else ""
    return f"{report.target}: none of the algorithms{nearest}"


COMMAND = Command("audit", __doc__, add_arguments, run)
