"""How plans are shown: tables of hyperparameters, of depth against samples, and of what a constant is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fosp.output import show
from fosp.tables import print_columns, print_table, say

if TYPE_CHECKING:
    from bounds.assurance import Assurance
    from bounds.constants import Constants
    from bounds.plan import Plan


RECORD = (
    "The paper's conditions on steps and batches are taken as recorded; its full text was not at hand.\n"
    "The batch sizes within them, the number of iterations and the guarantee are derived here.\n"
)


def print_plans(plans: list[Plan], worth: list[dict[str, float]]) -> None:
    """Print one table for each theory, a column for each algorithm, and what halving each constant would save."""
    for theory in dict.fromkeys(plan.theory for plan in plans):
        chosen = [plan for plan in plans if plan.theory == theory]
        columns = [_column(plan) for plan in chosen]
        rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
        rows = [row for row in rows if any(cell != "–" for cell in row[1:])]
        print_columns(f"{theory.capitalize()} theory", ["", *(_named(plan, plans) for plan in chosen)], rows)
        remarks = [[_named(plan, plans), _step(plan), plan.binding] for plan in chosen if plan.feasible]
        if remarks:
            print_table("", ["", "step β_k", "binding"], remarks, wrap=2)
        if theory == "paper":
            say(RECORD)
        _print_reasons(chosen)
    _print_assurances(plans)
    _print_conditions(plans)
    _print_worth(plans, worth)


def _named(plan: Plan, plans: list[Plan]) -> str:
    """Return the algorithm, and its inner batch where plans with a plain one and with levels are compared."""
    like = [one for one in plans if (one.algorithm, one.theory) == (plan.algorithm, plan.theory)]
    if len({one.depth > 0 for one in like}) == 1 or len(like) == len({one.target for one in like}):
        return plan.algorithm
    plain = any(plan is one for one in like[len(like) // 2 :])
    return f"{plan.algorithm}, {'plain batch' if plain else 'multilevel'}"


def _print_conditions(plans: list[Plan]) -> None:
    """Say once for each set of constants on trust what the guarantees rest on."""
    trusted: dict[str, dict[str, None]] = {}
    for plan in plans:
        if plan.feasible and plan.condition:
            trusted.setdefault(plan.condition, {})[plan.algorithm] = None
    for condition, algorithms in trusted.items():
        whose = "" if len(trusted) == 1 else f" of {', '.join(algorithms)}"
        say(f"The guarantee{whose} is good {condition}.\n")


def _print_assurances(plans: list[Plan]) -> None:
    """Say what is promised with a probability, and what has to be done for it."""
    for plan in plans:
        if plan.assurance is not None:
            print(f"{_named(plan, plans)}, {plan.theory}: {assured(plan.assurance)}\n")


def assured(one: Assurance) -> str:
    """Return an assurance in words."""
    promise = (
        f"with probability {one.confidence:.10g} the point that is returned has ||∇F|| ≤ {show(one.bound)}"
    )
    if one.runs == 1:
        return f"{promise}: it is a uniformly random iterate of one run of this plan."
    sizes = ", ".join(
        f"{name} = {show(size)}" for name in ("D_in", "D_o", "D_h") if (size := getattr(one, name))
    )
    groups = (
        f"{one.groups} groups of {show(one.B)} fresh tasks"
        if one.groups > 1
        else f"{show(one.B)} fresh tasks"
    )
    length = (
        "of the median length of its mean directions" if one.groups > 1 else "of its mean direction's length"
    )
    return (
        f"{promise}.\nRun this plan {one.runs} times, draw an iterate of each run uniformly, and return the one "
        f"with the least value\n{length} over {groups} ({sizes}).\n"
        f"All of them exceed {show(one.best)} with probability {one.chance**one.runs:.2g} at most, the choice "
        f"fails with {one.runs * one.lapse:.2g} at most."
    )


def _print_worth(plans: list[Plan], worth: list[dict[str, float]]) -> None:
    pairs = [(plan, told) for plan, told in zip(plans, worth, strict=True) if told]
    if pairs:
        both = len({plan.theory for plan, _ in pairs}) > 1
        rows = [
            [
                f"{_named(plan, plans)}, {plan.theory}" if both else _named(plan, plans),
                *(f"{x:.2f}" for x in told.values()),
            ]
            for plan, told in pairs
        ]
        print_table("Total samples if one constant were halved, as a multiple", ["", *pairs[0][1]], rows)


def print_depths(plans: list[Plan]) -> None:
    """Print plans of less and less depth."""
    rows = [[plan.algorithm, plan.theory, *_depth_row(plan)] for plan in plans]
    header = ["", "theory", "iterations K", "tasks B", "D_in", "D_o", "D_h", "step"]
    header += ["samples per iteration", "total samples"]
    print_table(f"Depth against samples, for E||∇F(w)|| ≤ {plans[0].epsilon:g}", header, rows)
    _print_reasons(plans)
    _print_conditions(plans)


def _depth_row(plan: Plan) -> list[str]:
    sizes = (plan.iterations, plan.B, plan.D_in, plan.D_o, plan.D_h)
    kind = "–" if plan.step_rule is None else plan.step_rule.kind
    return [*map(show, sizes), kind, show(plan.samples_per_iteration), show(plan.total_samples)]


def _print_reasons(plans: list[Plan]) -> None:
    for plan in plans:
        if not plan.feasible:
            what = "is infeasible" if plan.iterations is None else "has no guarantee"
            say(f"{plan.algorithm} {what}: {plan.reason}\n")


def print_costs(plans: list[Plan]) -> None:
    """Print the total samples for each target, and from three targets on the exponents that they follow."""
    series: dict[str, dict[float, Plan]] = {}
    for plan in plans:
        series.setdefault(f"{_named(plan, plans)}, {plan.theory}", {})[plan.target] = plan
    targets = dict.fromkeys(plan.target for plan in plans)
    rows = [[show(e), *(show(row[e].price) for row in series.values())] for e in targets]
    if len(targets) > 2:
        rows.append(["exponent", *(_exponent(row) for row in series.values())])
    print_table("Total samples by target ε", ["ε", *series], rows)
    _print_reasons(plans)
    _print_conditions(plans)


def _exponent(row: dict[float, Plan]) -> str:
    from validate.statistics import fit_exponent

    costs = {epsilon: plan.price for epsilon, plan in row.items() if plan.price}
    if len(costs) < 3:
        return "–"
    return f"{fit_exponent(list(costs), list(costs.values()), 0.05).interval.estimate:.2f}"


def print_reachable(fixed: Mapping[str, int], reached: Mapping[Any, float], constants: Constants) -> None:
    """Print the best epsilon that the given batch sizes leave, and what that rests on."""
    given = ", ".join(f"{name} = {n}" for name, n in fixed.items())
    rows = [
        [name, "any epsilon" if value == 0 else f"epsilon > {show(value)}"] for name, value in reached.items()
    ]
    print_table(f"Reachable with {given}, the rest as large as need be", ["", "reaches"], rows)
    if refutation := constants.refutation():
        say(f"Not to be relied on: {refutation}\n")
    elif condition := constants.condition():
        say(f"This holds {condition}.\n")


def _column(plan: Plan) -> dict[str, str]:
    values: dict[str, float | int | None] = {
        "target for E||∇F||": plan.epsilon,
        "inner step α": plan.alpha,
        "inner steps N": plan.inner_steps if plan.inner_steps > 1 else None,
        "L of the proof": _larger(plan),
        "step factor c": plan.step_factor,
        "tasks B": plan.B,
        "samples D_in": plan.D_in,
        "levels of D_in": plan.depth or None,
        "rate q of a level": plan.rate,
        "samples D_o": plan.D_o,
        "samples D_h": plan.D_h,
        "step tasks B'": plan.B_prime,
        "step samples D_β": plan.D_beta,
        "probe length l": plan.probe_length,
        "γ = ρ α l": plan.delta_factor,
        "iterations K": plan.iterations,
        "samples per iteration": plan.samples_per_iteration,
        "total samples": plan.total_samples,
        "guarantee": plan.guarantee,
        "independent runs": None if plan.assurance is None else plan.assurance.runs,
        "samples of all, choice included": None if plan.assurance is None else plan.assurance.samples,
        "smallest reachable": plan.smallest_epsilon,
    }
    known = {"feasible": "yes" if plan.feasible else "no", "constants": _standing(plan)}
    known["other steps cost"] = _others(plan)
    known["tasks drawn"] = "–" if plan.B is None or plan.n_tasks is None else plan.tasks
    return known | {name: show(one) for name, one in values.items()}


def _larger(plan: Plan) -> float | None:
    """Return the L that the guarantee is taken at, where it is larger than the problem's."""
    used = plan.smoothness
    return None if used is None or used <= plan.constants.L else used


def _others(plan: Plan) -> str:
    """Return what the kinds of step that were not taken would cost, as multiples."""
    taken = plan.step_rule.kind if plan.step_rule else ""
    found = [f"{kind} {cost:.3g}x" for kind, cost in plan.step_costs.items() if kind != taken]
    return ", ".join(found) or "–"


def _standing(plan: Plan) -> str:
    """Return how the constants that a plan rests on are known, the doubtful ones first."""
    found = [plan.constants.standing[name] for name in plan.rests_on if name in plan.constants.standing]
    order = ("refuted", "estimated", "declared", "certified")
    return ", ".join(word for word in order if word in found)


def _step(plan: Plan) -> str:
    rule = plan.step_rule
    if rule is None:
        return "–"
    if rule.kind == "constant" or not rule.slope:
        return f"c / {rule.smoothness:.4g}"
    size = {"sampled": "mean_j||g̃_j||", "self-scaled": "||G||"}[rule.kind]
    return f"c / ({rule.smoothness:.4g} + {rule.slope:.4g} {size})"
