"""Ways in which a form departs from right code: one change each, and what the change is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, permutations, product
from typing import Any

from empirics.oracle import SPLITS
from validate.audit.forms import CORRECTIONS, EXTRAS, Form
from validate.audit.sheet import POOLED
from validate.audit.walking import RATES, RULES, Inner

CUTS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Where people cut gradients."""
MOST_STEPS = 6
D_IN = "inner-batch-as-hessian"
"""A defect where code has the choice, and else a note."""
OF_HESSIAN = ("outer-batch-as-hessian", D_IN)
"""What is wrong where only the Hessian's batch is another's."""


@dataclass(frozen=True)
class Change:
    """One change: two of one group exclude each other."""

    group: str
    name: str
    apply: Callable[[Form], Form]


def bases(steps: int) -> list[Form]:
    """Return right code: every treatment of the Hessian, independent batches in any order, or D_h is D_in."""
    found = [
        Form(Inner(steps, inner), outer, hessian=hessian, hess=hess)
        for inner, outer, hess in permutations(SPLITS)
        for hessian in ("", "hessian", "difference")
    ]
    found += [
        Form(Inner(steps, inner), outer, hessian=hessian, hess=inner)
        for inner, outer in permutations(SPLITS, 2)
        for hessian in ("hessian", "difference")
    ]
    return list(dict.fromkeys(found))


def combined(steps: int, count: int, more: Sequence[Change] = (), whole: bool = True) -> Iterator[Form]:
    """Yield the forms with ``count`` changes of different groups."""
    for base in _canonical(steps):
        changes = [*more, *_changes(base, steps, whole)]
        for chosen in combinations(changes, count):
            if len({c.group for c in chosen}) == count:
                form = base
                for change in chosen:
                    form = change.apply(form)
                yield replace(form, departs=tuple(c.name for c in chosen if c.name))


def _canonical(steps: int) -> list[Form]:
    inner = Inner(steps)
    return [
        Form(inner),
        Form(inner, hessian="hessian"),
        Form(inner, hessian="differentiated", hess="in"),
        Form(inner, hessian="difference"),
        Form(inner, hessian="difference", hess="in"),
    ]


def _changes(base: Form, steps: int, whole: bool) -> Iterator[Change]:
    yield from _loops(steps)
    yield from _readings(base, whole)
    yield from _corrections(base, steps)
    yield of_form("outer", "no-adaptation", at="start")
    if steps > 1:
        yield of_form("outer", "missing-inner-step", at="before")
    for name, (wrong, _) in EXTRAS.items():
        yield of_form("extra", wrong, extra=name)
    yield from _cuts(base) if whole else ()


def _loops(steps: int) -> Iterator[Change]:
    for n in range(MOST_STEPS + 1):
        if n != steps:
            name = "no-adaptation" if n == 0 else "extra-inner-step" if n > steps else "missing-inner-step"
            yield of_inner("steps", name, steps=n)
    for rate, (wrong, _) in RATES.items():
        if wrong:
            yield of_inner("rate", wrong, rate=rate)
    for name, rule in RULES.items():
        if rule.defect and (steps > 1 or not rule.kept):
            yield of_inner("rule", rule.defect, rule=name)


def of_inner(group: str, name: str, **change: Any) -> Change:
    """Return a change of the inner loop."""
    return Change(group, name, lambda form: replace(form, inner=replace(form.inner, **change)))


def of_form(group: str, name: str, **change: Any) -> Change:
    """Return a change of the step around the inner loop."""
    return Change(group, name, lambda form: replace(form, **change))


def _readings(base: Form, whole: bool) -> Iterator[Change]:
    names = (*SPLITS, *POOLED) if whole else SPLITS
    for reading in product(names, repeat=3 if base.hessian else 2):
        name = misuse(reading)
        if name:
            yield Change("reading", name, partial(read_as, reading=reading))


def read_as(form: Form, reading: Sequence[str]) -> Form:
    """Return the form with other batches."""
    hess = reading[2] if len(reading) > 2 else form.hess
    return replace(form, inner=replace(form.inner, split=reading[0]), outer=reading[1], hess=hess)


def misuse(reading: Sequence[str]) -> str:
    """Return what is wrong with the batches of inner step, outer gradient and Hessian; "" for nothing."""
    inner, outer, hess = (*reading, "none")[:3]
    if POOLED.keys() & set(reading):
        return "batches-pooled"
    if inner == outer == hess:
        return "one-batch-for-all"
    if inner == outer:
        return "inner-batch-as-outer"
    if outer == hess:
        return "outer-batch-as-hessian"
    return D_IN if inner == hess else ""


def _corrections(base: Form, steps: int) -> Iterator[Change]:
    if base.hessian not in ("hessian", "differentiated"):
        return
    for name, term in CORRECTIONS.items():
        if steps > 1 or not term.several:
            yield of_form("correction", term.defect, hessian=name)


def _cuts(base: Form) -> Iterator[Change]:
    for kind, most in product(("norm", "value"), CUTS):
        cut = (kind, most)
        yield of_inner("clip", "inner-gradient-clipped", clip=cut)
        yield of_form("clip", "outer-gradient-clipped", clips=(("outer", cut),))
        if base.hessian == "difference":
            yield of_form("clip", "probe-clipped", clips=(("probe", cut),))
