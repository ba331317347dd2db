"""``fosp recommend --problem`` on a model: its constants, estimated, then the plans, then what they rest on."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bounds.constants import NAMES as KNOWN
from fosp.output import show
from fosp.tables import print_table, say

if TYPE_CHECKING:
    from bounds import Constants
    from empirics.estimation.advising import Advice
    from empirics.estimation.estimated import Estimate
    from empirics.estimation.timing import Prices

NAMES = KNOWN[:-1]
"""The constants that plans rest on: M is for the constant step alone."""
FROM_BELOW = (
    "estimates are from below: fosp estimate --safety 2 plans with twice as much, --radius R looks around"
)


@dataclass(frozen=True)
class Looked:
    """A model that was looked at: its constants, what its derivatives cost, and how many tasks it has."""

    found: Estimate
    prices: Prices
    n_tasks: int | None

    def settled(self, inner_steps: int) -> tuple[float, Constants]:
        """Return the inner step of plans, and the constants that go with it."""
        from empirics.estimation.advising import settled

        return settled(self.found, inner_steps)


def looked(args: argparse.Namespace, made: object) -> Looked:
    """Estimate the constants of what a factory returned, and take the time of its derivatives."""
    from bounds.errors import InputError
    from empirics.estimation import chaining, loading
    from empirics.estimation.estimating import estimate
    from fosp.progress import told

    if not isinstance(made, loading.OwnModel) and not (isinstance(made, tuple) and len(made) == 3):
        allowed = f"must return a Problem, not {type(made).__name__}, or a model: (module, loss, tasks)"
        raise InputError("problem", args.problem, allowed)
    model = loading.model_of(made, args.problem)
    with told("looking at the model") as progress:
        found = estimate(model, alpha=args.alpha, progress=progress)
    return Looked(found, chaining.prices_of(model, args.hessian_cost), model.tasks.number)


def one_target(args: argparse.Namespace) -> bool:
    """Whether one plan an algorithm is asked for: then the answer is one page."""
    several = len(args.epsilon or ()) > 1 or args.samples is not None or args.pareto
    return not (several or args.theory != "sharp" or (args.fix and not args.epsilon))


def document(advice: Advice) -> dict[str, Any]:
    """Return the plans, and what they come from, as plain data."""
    told = advice.to_dict()
    return {"plans": told.pop("plans"), "advice": told, "estimate": advice.found.to_dict()}


def print_page(advice: Advice) -> None:
    """Print plans, answers, constants and caveats: one screen."""
    from fosp.estimates import print_advice

    found = advice.found
    say(f"{found.target}: {found.dim:,} parameters; constants estimated on {found.region}\n")
    print_advice(advice)
    rows = [["used", *(show(getattr(advice.constants, name), 3) for name in NAMES)]]
    rows.append(["at least, 95 %", *(show(found.found[name].lower, 3) for name in NAMES)])
    print()
    print_table("", ["constant", *NAMES], rows)
    say(f"caveat: {FROM_BELOW}")
    for note in found.notes:
        say(f"caveat: {note}")
    if not found.complete:
        say("caveat: there was no time for all points; fosp estimate has --seconds")
