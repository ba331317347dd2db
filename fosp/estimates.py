"""How estimated constants, what follows from them, and where a model is are shown: one screen each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fosp.output import show
from fosp.tables import print_table, say

if TYPE_CHECKING:
    from bounds.plan import Plan, StepRule
    from empirics.estimation.advising import Advice
    from empirics.estimation.estimating import Estimate
    from empirics.estimation.measuring import Measured

_UNITS = ((31557600.0, "years"), (86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))
_FROM_BELOW = "Estimated, not certified: the largest that was seen there; what was not seen may be larger."


def print_estimate(found: Estimate) -> None:
    """Print the constants with their intervals."""
    tasks = f"{found.looks['tasks']} tasks" + (f" of {found.n_tasks}" if found.n_tasks else "")
    say(f"{found.target}: {found.dim:,} parameters, {tasks}")
    say(f"region: {found.region}; {found.looks['points']} points of it\n")
    rows = []
    for name, one in found.found.items():
        if name == "frobenius":
            continue
        used = found.used(name)
        how = one.how
        if name == "sigma_H":
            how += f" (Frobenius: {show(found.found['frobenius'].value, 3)})"
        rows.append(
            [name, show(one.value, 3), f"{show(one.lower, 3)} to {_end(one.upper)}", show(used, 3), how]
        )
    print_table("", ["", "estimate", "95 %", "used", "what it is"], rows, wrap=4)
    say(_FROM_BELOW + ("" if found.complete else " There was no time for all points: raise --seconds."))
    for note in found.notes:
        say(f"note: {note}")
    print()


def print_advice(advice: Advice) -> None:
    """Print the plans and what follows from them."""
    usual = "" if advice.given else ", about a tenth of what it is at these weights"
    what = f"Plans for E||grad F|| <= {show(advice.epsilon)}{usual}"
    header = ["", "iterations K", "tasks B", "D_in", "levels", "D_o", "D_h", "gradients", "time here"]
    rows = [[plan.algorithm, *_sizes(advice, plan)] for plan in advice.plans]
    if not any(plan.depth for plan in advice.plans):
        header, *rows = [[*row[:4], *row[5:]] for row in (header, *rows)]
    print_table(what, header, rows)
    for line in _lines(advice):
        say(line)


def _sizes(advice: Advice, plan: Plan) -> list[str]:
    if not plan.feasible:
        return ["not reachable", *["–"] * 7]
    seconds = advice.seconds(plan)
    sizes = map(show, (plan.iterations, plan.B, plan.D_in, plan.depth, plan.D_o, plan.D_h))
    return [*sizes, show(advice.price(plan), 3), "–" if seconds is None else duration(seconds)]


def _lines(advice: Advice) -> list[str]:
    lines = [
        f"inner step alpha = {show(advice.alpha)} (alpha L = {show(advice.alpha * advice.constants.L, 3)})"
    ]
    best = advice.cheapest
    if best is not None and best.step_rule is not None and best.step_factor is not None:
        lines.append(f"outer step of {best.algorithm}: {outer(best.step_factor, best.step_rule)}")
    lines += [_first_order(advice), _hessian_free(advice), _levels(advice), _worth(advice)]
    if best is not None and best.condition:
        lines.append(f"The guarantees are good {best.condition} wherever the run goes.")
    return [line for line in lines if line]


def outer(factor: float, rule: StepRule) -> str:
    """Say an outer step: a number where it is one, else by what the factor is divided."""
    size = {"constant": "", "sampled": "mean_j||g_j||", "self-scaled": "||G||"}[rule.kind]
    if not (rule.slope and size):
        return show(factor / rule.smoothness)
    return f"{factor:.4g} / ({rule.smoothness:.4g} + {rule.slope:.4g} {size})"


def _first_order(advice: Advice) -> str:
    plan = advice.of("none")
    floor = _floor(advice)
    if plan is None:
        return floor and f"FO-MAML: {floor}"
    if plan.feasible:
        dearer = _dearer(advice, plan)
        enough = f"first-order reaches this target{dearer}" if dearer else "first-order is good enough here"
        return "; ".join(filter(None, (enough, floor)))
    smallest = plan.smallest_epsilon
    reach = f"its guarantee reaches {show(smallest, 3)}" if smallest else "no target has a guarantee"
    return f"first-order is good enough down to here: {'; '.join(filter(None, (reach, floor)))}"


def _dearer(advice: Advice, plan: Plan) -> str:
    """Say what a plan costs beside the cheapest."""
    best = advice.cheapest
    if best is None or best is plan:
        return ""
    return f", at {show(advice.price(plan) / advice.price(best), 3)} times the price of {best.algorithm}"


def _floor(advice: Advice) -> str:
    if advice.floor is None:
        return ""
    if advice.found.found["sigma"].unsure:
        return "where it stops cannot be told: sigma is not told from 0"
    from empirics.estimation.advising import stops_at

    where = stops_at(advice.plans[0].inner_steps).name
    return f"it stops at {show(advice.floor, 3)} at the latest (fosp explain {where})"


def _levels(advice: Advice) -> str:
    plan, plain = advice.levels, advice.cheapest
    if plan is None or plain is None:
        return ""
    share = show(advice.price(plan) / advice.price(plain), 2)
    return (
        f"levels in the inner batch pay: {share} of the price of {plain.algorithm} (fosp recommend --problem)"
    )


def _hessian_free(advice: Advice) -> str:
    product, difference = advice.of("product"), advice.of("difference")
    if product is None or difference is None or not (product.feasible and difference.feasible):
        return ""
    ratio = advice.price(difference) / advice.price(product)
    says = "pays" if ratio < 1 else "does not pay"
    price = f"a Hessian-vector product costs {show(advice.prices.hessian, 3)} gradients, a difference 2"
    return f"Hessian-free {says}: {show(ratio, 3)} of the price of {product.algorithm} ({price})"


def _worth(advice: Advice) -> str:
    name = advice.most_worth
    if not name:
        return ""
    return f"most worth reducing: {name}; halved, the plan costs {show(advice.worth[name], 2)} of its price"


def print_measured(found: Measured) -> None:
    """Print where a model is."""
    from empirics.estimation.advising import stops_at

    one = found.interval
    again = found.different is not None and found.different < one.n
    tasks = f"{one.n} draws of the loader's {found.different} tasks" if again else f"{one.n} tasks"
    if one.exact:
        say(f"{found.target}: ||grad F(w)|| = {show(one.estimate)}, from all {tasks} with all their samples")
    else:
        ends = f"[{show(one.lower)}, {show(one.upper)}]"
        say(f"{found.target}: ||grad F(w)|| in {ends}, {one.level:.0%}, from {tasks}")
    inner = "" if found.inner is None else f"; unbiased down to that of an inner batch of {found.inner}"
    say(f"inner step alpha = {show(found.alpha)}{inner}")
    answer = {True: "yes", False: "no", None: "cannot tell: take more --tasks"}
    if found.epsilon is not None:
        say(f"epsilon-FOSP for epsilon = {show(found.epsilon)}: {answer[found.stationary]}")
    if found.above_floor is not None:
        low, high = (show(end, 3) for end in found.above_floor)
        times = low if low == high else f"{low} to {high}"
        where = stops_at().name
        say(f"FO-MAML's floor (fosp explain {where}): {show(found.floor, 3)}; this is {times} times that")
        say("The floor is from L and sigma as estimated at these weights, from below.")
    elif found.here.found["sigma"].unsure:
        say("FO-MAML's floor cannot be told: sigma is not told from 0")
    for note in found.here.notes:
        say(f"note: {note}")


def duration(seconds: float) -> str:
    """Return a time in the unit in which it is small."""
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    return f"{show(seconds / size, 2)} {unit}"


def _end(value: float) -> str:
    return "∞" if value == math.inf else show(value, 3)
