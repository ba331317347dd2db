"""Directions that claim to be an algorithm with several inner steps."""

import pytest
import torch

from empirics import inner_steps
from empirics.oracle import of_step
from validate import check
from validate.directions.readings import others, same_law
from validate.verdict import Status

PROBLEM = "ripple:dim=2,n_tasks=4"
OWN = ("in", "in.1", "out", "hess.1", "hess")


def maml(reads=OWN, factors=(1, 0), steps=2):
    """Return MAML with two inner steps as somebody may write it, its batches read under given names."""

    def direction(o, w, a):
        points = [w]
        for n in range(steps):
            points.append(points[-1] - a * o.gradient(points[-1], reads[n]))
        v = o.gradient(points[-1], reads[2])
        for n, name in zip(factors, reads[3:], strict=False):
            v = v - a * o.hessian_vector(points[n], v, name)
        return v

    return direction


def hf(length, over=2.0):
    """Return HF-MAML with two inner steps and a probe of its own."""

    def direction(o, w, a):
        *points, last = inner_steps.adapted(o, w, a, 2)
        v = o.gradient(last, "out")
        for n in (1, 0):
            size = torch.linalg.vector_norm(v, dim=-1, keepdim=True).clamp(min=1e-300)
            probe = length * v / size
            ahead, behind = (o.gradient(points[n] + s * probe, of_step("hess", n)) for s in (1, -1))
            v = v - a * size * (ahead - behind) / (over * length)
        return v

    return direction


def judged(algorithm, direction, steps=2):
    found = check(
        PROBLEM,
        0.4,
        directions={algorithm: direction},
        algorithms=[algorithm],
        claims=["direction"],
        inner_steps=steps,
    )
    return found.verdicts


RIGHT = {
    "as it is shipped": ("maml", inner_steps.maml(2)),
    "written anew": ("maml", maml()),
    "batches under other names": ("maml", maml(("in.1", "in", "hess", "out", "hess.1"))),
    "FO-MAML": ("fo-maml", maml(factors=())),
    "HF-MAML with its own probe": ("hf-maml", hf(0.05)),
}
WRONG = {
    "one batch for both inner steps": (
        "maml",
        maml(("in", "in", "out", "hess.1", "hess")),
        "D_in of inner step 2",
    ),
    "one batch for both factors": (
        "maml",
        maml(("in", "in.1", "out", "hess", "hess")),
        "D_h of inner step 2",
    ),
    "inner batch as outer": (
        "maml",
        maml(("in", "in.1", "in.1", "hess.1", "hess")),
        "used as D_in of inner step 2",
    ),
    "factors exchanged": ("maml", maml(factors=(0, 1)), "differs"),
    "Hessian at w twice": ("maml", maml(factors=(0, 0)), "differs"),
    "one factor missing": ("maml", maml((*OWN[:3], "hess"), (0,)), "its Hessian at w alone"),
    "one step too few": ("maml", maml(("in", "", "out", "hess"), (0,), 1), "MAML after 1 inner step"),
    "FO-MAML as MAML": ("maml", maml(factors=()), "FO-MAML after 2 inner steps"),
    "MAML as FO-MAML": ("fo-maml", maml(), "MAML after 2 inner steps"),
    "difference not halved": ("hf-maml", hf(0.05, over=1.0), "differs"),
    "probe that is too long": ("hf-maml", hf(3.0), "probe is 3 long"),
}


@pytest.mark.parametrize("what", RIGHT)
def test_right_directions_are_not_accused(what):
    verdicts = judged(*RIGHT[what])
    assert {row.status for row in verdicts} == {Status.CONSISTENT}
    assert {"direction.draws", "direction.exact"} <= {row.claim for row in verdicts}
    assert all(".2-steps." in row.statement for row in verdicts)


@pytest.mark.parametrize("what", WRONG)
def test_wrong_directions_are_accused_and_named(what):
    algorithm, direction, says = WRONG[what]
    accused = [row for row in judged(algorithm, direction) if row.status is Status.VIOLATED]
    assert any(says in row.detail for row in accused)


def test_a_direction_with_two_steps_is_not_one_with_three():
    accused = [row for row in judged("maml", inner_steps.maml(2), steps=3) if row.status is Status.VIOLATED]
    assert any("MAML after 2 inner steps" in row.detail for row in accused)


def test_readings_of_several_steps_hold_the_exchanged_names_and_the_reuse():
    found = list(others(OWN))
    assert ("in.1", "in", "out", "hess", "hess.1") in found
    assert ("in", "in", "out", "hess.1", "hess") in found
    lawful = [same_law(OWN, reading) for reading in found]
    assert lawful == sorted(lawful, reverse=True)
    assert OWN not in found
    assert len(list(others(tuple(of_step("in", n) for n in range(10))))) < 1000


def test_a_run_of_the_direction_is_judged_too():
    report = check(
        PROBLEM,
        0.4,
        directions={"maml": maml()},
        algorithms=["maml"],
        claims=["accuracy"],
        replicates=8,
        inner_steps=2,
    )
    claims = {row.claim for row in report.verdicts}
    assert {"accuracy.random", "direction.draws"} <= claims
    assert report.ok
