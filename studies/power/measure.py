"""What the validator catches, and its false alarms: one job after the other, with ``check`` as users call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from empirics.algorithms import Direction
from studies.power.users import EVERYONE, affordable, probe
from validate import Report, Status, check
from validate.verdict import Verdict

ON = ("ripple", "plateau", "robust-regression", "own, data")
"""The problems that every sabotaged direction is handed in on; it is to be caught wherever it is."""
EACH = 1
"""On how many of them, by turns."""
CHECKS, SEEDS = 1, 3
"""Seeds with which all claims are checked on a problem, and with which directions are handed in."""
REPLICATES = 16
STYLES = 8
"""Right directions that are handed in on one problem, by turns."""

Job = tuple[str, ...]
Row = dict[str, Any]


def judge(user: str, direction: Direction, algorithm: Any, seed: int) -> Report:
    """Hand a direction in, as users do."""
    return check(
        _problem(user),
        affordable(user),
        algorithms=[algorithm],
        directions={algorithm: direction},
        claims=["direction"],
        alpha=EVERYONE[user].alpha,
        seed=seed,
    )


def _problem(user: str) -> Any:
    problem = EVERYONE[user].problem
    return problem if isinstance(problem, str) else problem()


# ---- sabotages ----------------------------------------------------------------------------------------


def sabotages() -> Iterator[Job]:
    """Yield every sabotaged statement, and every sabotaged direction on every problem."""
    from studies.power import directions, statements

    yield from (("statement", name) for name in statements.SABOTAGES)
    every = [(group, made.__name__) for group, row in directions.SABOTAGES.items() for made in row]
    for number, (group, name) in enumerate(every):
        yield from (("direction", group, name, ON[(number + turn) % len(ON)]) for turn in range(EACH))


def statement(name: str) -> Row:
    """Judge one sabotaged statement."""
    from studies.power import statements

    return {"what": name, "claims": list(statements.caught(statements.SABOTAGES[name]()))}


def direction(group: str, name: str, user: str) -> Row:
    """Judge one sabotaged direction on one problem."""
    from studies.power import directions

    made = next(d for d in directions.SABOTAGES[group] if d.__name__ == name)
    report = judge(user, made, group, seed=1)
    violated = [v for v in report.verdicts if v.status is Status.VIOLATED]
    own = {v.claim for v in violated if v.problem == EVERYONE[user].made().spec}
    claims = sorted({v.claim for v in violated})
    return {"what": (made.__doc__ or "").strip().rstrip("."), "claims": claims, "there": sorted(own)}


# ---- right runs ---------------------------------------------------------------------------------------


def right() -> Iterator[Job]:
    """Yield all checks of right algorithms, built-in ones and handed-in ones."""
    for user in EVERYONE:
        yield from (("check", user, str(seed)) for seed in range(CHECKS))
    every = [(group, name) for group, styles in _styles().items() for name in styles]
    for number, user in enumerate(EVERYONE):
        for turn in range(STYLES):
            group, name = every[(number * STYLES + turn) % len(every)]
            yield "right", group, name, user, str((number + turn) % SEEDS)
    yield from (("beyond", group, name, group) for group, rows in _beyond().items() for name in rows)


def builtin(user: str, seed: str) -> Row:
    """Check all claims on one problem."""
    report = check(
        _problem(user), affordable(user), alpha=EVERYONE[user].alpha, seed=int(seed), replicates=REPLICATES
    )
    return _alarms(report)


def handed_in(group: str, name: str, user: str, seed: str) -> Row:
    """Hand in a right direction."""
    made = _styles()[group][name](probe(user))
    return _alarms(judge(user, made, group, int(seed)))


def _beyond() -> Mapping[str, Mapping[str, Callable[[], list[Verdict]]]]:
    from studies.power import layers, steps

    return {"multilevel batch": layers.RIGHT, "several inner steps": steps.RIGHT}


def beyond(group: str, name: str, user: str) -> Row:
    """Judge a right multilevel batch, or a right direction with several inner steps."""
    return _alarms(Report(tuple(_beyond()[group][name]()), "power", (), 0, 0.01, {}))


def _alarms(report: Report) -> Row:
    words = [
        f"{v.claim} ({v.statement}, {v.algorithm}, {v.problem}): {v.status}, "
        f"{v.statistic:.4g} against {v.bound:.4g}; {v.detail}"
        for v in report.refuted
    ]
    return {"verdicts": len(report.verdicts), "inconclusive": len(report.undecided), "wrong": words}


def _styles() -> Mapping[str, Mapping[str, Callable[[float], Direction]]]:
    from studies.power import correct

    def named(rows: tuple[Direction, ...]) -> Mapping[str, Callable[[float], Direction]]:
        return {made.__name__: partial(_whatever, made) for made in rows}

    return {"maml": named(correct.MAML), "fo-maml": named(correct.FO), "hf-maml": correct.HF}


# ---- from which size ----------------------------------------------------------------------------------


def sizes() -> Iterator[Job]:
    """Yield the defects that have a size."""
    from studies.power.graded import DEFECTS

    yield from (("size", name) for name in DEFECTS)


def smallest(name: str) -> Row:
    """Go through the sizes of one defect."""
    from studies.power import graded

    def accused(made: Direction, algorithm: Any, seed: int) -> bool:
        report = judge(graded.ON, made, algorithm, seed)
        return any(v.status is Status.VIOLATED for v in report.verdicts)

    return graded.swept(name, accused)


def _whatever(made: Direction, length: float) -> Direction:
    return made


KINDS: Mapping[str, Callable[..., Row]] = MappingProxyType(
    {
        "statement": statement,
        "direction": direction,
        "check": builtin,
        "right": handed_in,
        "size": smallest,
        "beyond": beyond,
    }
)


def measure(job: Job) -> Row:
    """Do one job."""
    from empirics.measure import torch_settings

    with torch_settings():
        return KINDS[job[0]](*job[1:])
