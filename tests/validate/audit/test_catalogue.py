"""Every wrong step of the catalogue is named rightly; none of the right ones is accused.

The slow tests take all of them; the others one in nine, and in place of what takes long another one of its sort.
"""

from __future__ import annotations

import pytest
from audit_catalogue import (
    difference_style,
    graph_style,
    held_out,
    held_out_later,
    module_style,
    right_style,
    styled_right,
    styled_wrong,
)

from validate import audit

pytestmark = pytest.mark.usefixtures("short_floors")

WRONG = [
    *((lambda step=step: step, *rest) for step, *rest in (*graph_style.CASES, *difference_style.CASES)),
    *module_style.CASES,
    *held_out.CASES,
    *held_out_later.CASES,
    *styled_wrong.CASES,
]
LONG = {45: 13, 54: 106, 99: 109, 108: 100, 117: 111}
"""Places of wrong steps that take seconds, and of others in their place."""
SOME = [WRONG[LONG.get(place, place)] for place in range(0, len(WRONG), 9)]
RIGHT = [*right_style.CASES, *styled_right.CASES]


def _name(case):
    make, _, names, _ = case
    made = make()
    said = getattr(made, "name", "") or getattr(made, "__name__", type(made).__name__)
    return f"{said}-{'+'.join(sorted(names))}"


def _is_named(make, claimed, names, declared):
    report = audit(make(), claimed, **declared)
    assert {defect.name for defect in report.defects} == names, report.to_json()
    assert all(defect.evidence and defect.remedy for defect in report.defects)
    assert not report.ok


def _is_not_accused(make, claimed, declared):
    report = audit(make(), claimed, **declared)
    assert report.ok, report.to_json()
    assert report.implements == claimed
    assert report.inner_steps == declared.get("inner_steps", 1)


@pytest.mark.parametrize(("make", "claimed", "names", "declared"), SOME, ids=map(_name, SOME))
def test_a_wrong_step_is_named(make, claimed, names, declared):
    _is_named(make, claimed, names, declared)


@pytest.mark.slow
@pytest.mark.parametrize(("make", "claimed", "names", "declared"), WRONG, ids=map(_name, WRONG))
def test_every_wrong_step_is_named(make, claimed, names, declared):
    _is_named(make, claimed, names, declared)


@pytest.mark.parametrize(("name", "make", "claimed", "declared"), RIGHT[::6])
def test_a_right_step_is_not_accused(name, make, claimed, declared):
    _is_not_accused(make, claimed, declared)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "make", "claimed", "declared"), RIGHT)
def test_no_right_step_is_accused(name, make, claimed, declared):
    _is_not_accused(make, claimed, declared)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("name", "make", "claimed", "declared"), RIGHT[::4])
def test_other_questions_accuse_no_right_step_either(name, make, claimed, declared, seed):
    report = audit(make(), claimed, seed=seed, **declared)
    assert report.ok, report.to_json()


def test_the_catalogue_is_as_large_as_it_says():
    assert len(WRONG) >= 90
    assert len({name for _, _, names, _ in WRONG for name in names}) >= 45
    assert len(RIGHT) >= 40
