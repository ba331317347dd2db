"""Search for an instance inside the assumptions that breaks a claim of the theory."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from fosp import exits
from fosp.options import add_json, count, seed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``fosp falsify``."""
    parser.add_argument("claim", metavar="CLAIM", nargs="?", help="its name; without it, the list")
    parser.add_argument("--seed", type=seed, metavar="N", default=0, help="key of the random streams")
    parser.add_argument(
        "--restarts", type=count, metavar="N", default=64, help="climbs that run side by side"
    )
    parser.add_argument("--rounds", type=count, metavar="N", default=300, help="steps of every climb")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Search, and say by the exit code whether the claim was broken."""
    from fosp import output
    from fosp.identity import require_own

    require_own("validate")
    from validate.falsifier import falsify

    if args.claim is None:
        return _list(args.json)
    found = falsify(args.claim, seed=args.seed, rounds=args.rounds, restarts=args.restarts)
    if args.json:
        output.print_json(asdict(found))
    else:
        verdict = "broken" if found.broken else "not broken"
        print(f"{found.claim}: {verdict}; largest left side over right side {found.ratio:.6g}")
        print(f"{found.tried:,} instances were tried, from seed {args.seed}. The one that came nearest:")
        print("\n".join(f"  {name} = {output.brief(value)}" for name, value in found.instance.items()))
    return exits.REFUTED if found.broken else exits.FINE


def _list(as_json: bool) -> int:
    from bounds import statements
    from fosp import output
    from validate.falsifier import falsifiable

    names = falsifiable()
    if as_json:
        output.print_json({"claims": list(names)})
    else:
        known = statements()
        rows = [[name, known[name].title if name in known else ""] for name in names]
        output.print_table("Claims that can be searched", ["name", "says"], rows, wrap=1)
    return exits.FINE
