"""From what was fitted to defects: names, evidence in numbers, remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from validate.audit import comparing
from validate.audit.changes import OF_HESSIAN
from validate.audit.defects import Defect, defect
from validate.audit.fitting import Answers, Fit, is_one
from validate.audit.forms import CORRECTIONS, TERMS
from validate.audit.gathering import Gathered
from validate.audit.repeating import Outside, Repeats
from validate.audit.target import Target
from validate.audit.walking import RATES

SHARES = {0.5: "hessian-halved", 2.0: "hessian-doubled", -1.0: "hessian-sign"}
NEAR = 1e-3
CLEAR = 10.0
"""How many times a deviation has to be another to be said beside it."""
STATE = "the same question with the same seeds, asked three times"


def of_repeats(found: Repeats, memory: float) -> Iterator[Defect]:
    """Say what a step keeps between calls."""
    if found.random:
        yield defect(
            "random-step", "the same question with another seed of torch, numpy and random has another answer"
        )
    if found.steady:
        return
    second, third = found.drift
    ratios = f"the second answer is {second:.4g} times the first, the third {third:.4g} times"
    if found.explained and is_one(found.memory):
        yield defect("gradients-accumulated", f"{STATE}: {ratios}; every call adds all directions before it")
    elif found.explained:
        words = f"{STATE}: {ratios}, as with a momentum of {found.memory:.4g}"
        yield defect(
            "outer-momentum", f"{words}{' besides the one declared' if memory else ' that is not declared'}"
        )
    elif 0 < second < 1 and third < second and not memory:
        yield defect("step-size-schedule", f"{STATE}: {ratios}")
    else:
        yield defect(
            "state-between-calls",
            f"{STATE}, gives three answers; along the first: 1, {second:.4g}, {third:.4g}",
        )


def of_beta(found: Outside, tasks: int) -> Iterator[Defect]:
    """Say how the step depends on beta where it is not -beta G."""
    sizes = ", ".join(f"{size:.4g}" for size in found.moves)
    moved = f"with beta = 1, 1/2, 1/4 it moves by {sizes}"
    if found.kind == "ignored":
        yield defect("beta-ignored", moved)
    elif found.kind == "power":
        yield defect("beta-power", f"{moved}: as beta^{found.power:g}")
    elif found.kind == "other" and tasks == 1:
        yield defect("beta-nonlinear", moved)
    elif found.shifted and tasks == 1:
        words = f"at beta = 0 it would still move by {float(found.offset.norm()):.4g}"
        yield defect("step-at-adapted", f"{moved}; {words}, its inner step")


def of_fit(fit: Fit, target: Target, exact: float) -> Iterator[Defect]:
    """Say how what was fitted departs from right code; ``exact`` is the deviation of the nearest right code."""
    tail = f"; so it agrees with every answer to {fit.deviation:.1e}"
    if exact > CLEAR * fit.deviation:
        tail += f", right code misses by {exact:.2g}"
    fixed = fit.form.hessian == "no-alpha" and not is_one(fit.share)
    for name in fit.form.departs:
        if not (fixed and name == "hessian-without-alpha"):
            yield _departure(name, fit, target, tail)
    if fit.short:
        assert fit.probe is not None
        words = f"the difference is over {fit.probe.median:.2g}"
        yield defect("probe-too-short", f"{words}: round-off, of {fit.deviation:.1e}, rules the Hessian term")
    if not is_one(fit.share) and "probe-shifted" not in fit.form.departs:
        yield _share(fit, tail)
    wanted = 1.0 if target.scale == "sum" else float(target.scale)
    if not is_one(fit.scale / wanted):
        name = "outer-sign" if is_one(-fit.scale / wanted) else "outer-scale"
        yield defect(name, f"on one task the direction is {fit.scale:.6g} times what it should be{tail}")


def _share(fit: Fit, tail: str) -> Defect:
    name = next((n for share, n in SHARES.items() if abs(fit.share - share) < NEAR), "hessian-scaled")
    if fit.form.hessian == "no-alpha":
        name = "hessian-alpha-fixed"
        return defect(name, f"the Hessian term has the factor {fit.share:.6g} at every alpha{tail}")
    return defect(name, f"the Hessian term is {fit.share:.6g} times that of the algorithm{tail}")


def _departure(name: str, fit: Fit, target: Target, tail: str) -> Defect:
    return defect(name, f"{EVIDENCE.get(name, _computed)(fit, target)}{tail}")


def _computed(fit: Fit, target: Target) -> str:
    return "found by what it computes"


def _steps(fit: Fit, target: Target) -> str:
    steps = fit.form.inner.steps
    taken = {"adapted": steps, "start": 0}.get(fit.form.at, steps - 1)
    return f"{taken} inner steps, where {target.inner_steps} are meant"


def _step(fit: Fit, target: Target) -> str:
    return f"the inner step is {_rate(fit.form.inner.rate)} times the gradient"


def _term(fit: Fit, target: Target) -> str:
    return f"the Hessian term is that of {TERMS[fit.form.hessian].told}"


def _cut(fit: Fit, target: Target) -> str:
    cut = fit.form.inner.clip or next((c for _, c in fit.form.clips), None)
    return f"gradients are cut{'' if cut is None else f' to a {cut[0]} of {cut[1]:.4g}'}"


def _batches(fit: Fit, target: Target) -> str:
    roles = ("D_in", "D_o", "D_h")
    read = ", ".join(f"{role} is {split!r}" for role, split in zip(roles, fit.form.reading, strict=False))
    more = f"; at the two ends {' and '.join(fit.probe.splits)}" if fit.probe else ""
    return f"path by path on the same samples: {read}{more}"


def _probe(fit: Fit, target: Target) -> str:
    if fit.probe is None or fit.probe.plus is None:
        return _computed(fit, target)
    return f"the points of its difference, {fit.probe.median:.3g} long"


EVIDENCE: dict[str, Callable[[Fit, Target], str]] = {
    **dict.fromkeys(("extra-inner-step", "missing-inner-step", "no-adaptation"), _steps),
    **dict.fromkeys((*(wrong for wrong, _ in RATES.values()), "inner-step-fixed"), _step),
    **dict.fromkeys((term.defect for term in CORRECTIONS.values()), _term),
    **dict.fromkeys(("inner-gradient-clipped", "outer-gradient-clipped", "probe-clipped"), _cut),
    **dict.fromkeys(("inner-batch-as-outer", "one-batch-for-all", "batches-pooled", *OF_HESSIAN), _batches),
    **dict.fromkeys(("probe-two-batches",), _batches),
    **dict.fromkeys(("probe-shifted", "probe-one-sided", "probe-per-tensor", "probe-direction"), _probe),
}
"""What a departure is shown by."""


def _rate(rate: str | tuple[float, float]) -> str:
    if isinstance(rate, str):
        return rate
    x, y = rate
    return f"{y:.6g} alpha" if not x else f"{x:.6g}" if not y else f"({x:.6g} + {y:.6g} alpha)"


def of_gathered(found: Gathered, single: Fit) -> Iterator[Defect]:
    """Say what becomes of several tasks."""
    if not found.fits:
        words = f"one task alone is explained, several are not: off by {found.deviation:.2g}"
        yield defect("several-tasks-differ", words)
    elif found.name:
        each = "; ".join(", ".join(f"{w:.4g}" for w in weights) for weights in found.weights)
        detail = f"{found.detail}; " if found.detail else ""
        words = f"{detail}weights of the tasks {each}: agrees with every answer to {found.deviation:.1e}"
        yield defect(found.name, words)
        if found.also:
            yield defect(found.also, f"weights of the tasks {each}")


def unrecognised(single: Answers, target: Target) -> Defect:
    """Say that nothing explains the answers, and what is nearest."""
    each = comparing.deviations([(single, None)], target.inner_steps, (), target.scale)
    near = comparing.least(each)
    told = "no algorithm and no known defect explains it"
    return defect(
        "not-recognised", f"{told}; the nearest, {near}, is off by {each[str(near)]:.2g} of the direction"
    )


def joined(defects: list[Defect]) -> list[Defect]:
    """Make one defect of two that are one: a sum over tasks that is divided by a number of its own."""
    pair = [one for one in defects if one.name in ("outer-scale", "sum-over-tasks")]
    if len({one.name for one in pair}) < 2:
        return defects
    rest = [one for one in defects if one not in pair]
    return [*rest, defect("fixed-divisor", "; ".join(one.evidence for one in pair))]
