"""Search for an instance inside the assumptions that breaks a claim of the theory."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from fosp import exits
from fosp.command import Command
from fosp.options import add_json, count, number, seed

if TYPE_CHECKING:
    from validate.instances import Finding

PLACE = 10
MOST_MINUTES = 10_000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp falsify``."""
    parser.add_argument("claim", metavar="CLAIM", nargs="*", help="its name; without any, the list")
    parser.add_argument("--derived", action="store_true", help="every claim that is derived here")
    parser.add_argument("--minutes", type=number, metavar="X", help="go on with new seeds for so long")
    parser.add_argument("--seed", type=seed, metavar="N", default=0, help="key of the random streams")
    parser.add_argument(
        "--restarts", type=count, metavar="N", default=64, help="climbs that run side by side"
    )
    parser.add_argument("--rounds", type=count, metavar="N", default=300, help="steps of every climb")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Search, and say by the exit code whether a claim was broken."""
    if not (args.claim or args.derived):
        return _list(args.json)
    worst = _search(args)
    if args.json:
        _print_json(args, worst)
    else:
        for found in worst:
            _print(found)
    return exits.REFUTED if any(found.broken for found in worst) else exits.FINE


def _search(args: argparse.Namespace) -> list[Finding]:
    from bounds.errors import InputError
    from fosp.progress import Bar
    from validate.instances import check_claims, falsify_for, worst

    if args.minutes is not None and not (0 < args.minutes <= MOST_MINUTES):
        raise InputError("minutes", args.minutes, f"must be above 0 and at most {MOST_MINUTES:g}")
    claims = check_claims([*args.claim, *(_derived() if args.derived else ())])
    found: dict[str, list[Finding]] = {name: [] for name in claims}
    size = {"seed": args.seed, "rounds": args.rounds, "restarts": args.restarts}
    with Bar("searching") as progress:
        for number, finding in enumerate(falsify_for(60 * (args.minutes or 0.0), claims, **size)):
            found[finding.claim].append(finding)
            progress(number + 1, max(len(claims), number + 1))
    return [worst(findings) for findings in found.values()]


def _derived() -> list[str]:
    from validate.instances.search import falsifiable, targets

    known = targets()
    return [
        name
        for name in falsifiable()
        if known[name].standing.kind == "derived" and known[name].chapter != "recorded"
    ]


def _print_json(args: argparse.Namespace, worst: list[Finding]) -> None:
    from dataclasses import asdict

    from fosp import output

    several = args.derived or len(args.claim) > 1
    output.print_json({"findings": [asdict(one) for one in worst]} if several else asdict(worst[0]))


def _print(found: Finding) -> None:
    from fosp import output

    if found.ratio == -math.inf:
        print(
            f"{found.claim}: not searched; none of {found.tried:,} instances that were tried is one of its own"
        )
        return
    verdict = "broken" if found.broken else "not broken"
    print(f"{found.claim}: {verdict}; largest left side over right side {found.ratio:.6g}")
    among = "" if found.inside == found.tried else f", {found.inside:,} of them inside the assumptions"
    print(f"{found.tried:,} instances were tried{among}. The one that came nearest, from seed {found.seed}:")
    print("\n".join(f"  {name} = {output.brief(value)}" for name, value in found.instance.items()))


def _list(as_json: bool) -> int:
    from fosp import output
    from fosp.tables import print_table
    from validate.instances.search import falsifiable, targets

    names, known = falsifiable(), targets()
    if as_json:
        output.print_json({"claims": list(names)})
    else:
        rows = [[name, known[name].title] for name in names]
        print_table("Claims that can be searched", ["name", "says"], rows, wrap=1)
    return exits.FINE


COMMAND = Command("falsify", __doc__, add_arguments, run)
