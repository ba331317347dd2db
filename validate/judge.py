r"""From an interval and a bound to a verdict: the error split over all checks, violations confirmed afresh.

What is bounded is the probability of any false VIOLATED. A check gets the share s of it. Where fresh seeds can be
had, VIOLATED takes two independent looks, each at an interval of error :math:`\sqrt s`: both are wrong with
probability at most s. Checks in which nothing is random need no share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from bounds.errors import InputError
from validate.statistics import Interval, bonferroni
from validate.verdict import RELATIONS, Status, Verdict, slacks

UNDECIDED = "the interval contains the bound, and will at every n when the bound is attained"
UNRESOLVED = (
    "the number is not known well enough: its numerical error, or a run not at rest, leaves the bound inside"
)
NO_SPREAD = (
    "all replicates gave the same number, and a rare other one may carry any part of the mean, however many there "
    "are; it is decided where nothing is random: sigma_tilde = sigma_H = 0, and one task or all of them in every "
    "step"
)
TOO_FEW = "more replicates decide it"
Side = Literal["<=", ">=", "=="]
Measure = Callable[[float], Interval]


@dataclass(frozen=True)
class Check:
    """One comparison of a measured quantity with what a statement says about it.

    Attributes
    ----------
    claim, statement, algorithm, problem : str
        What is tested, by which statement of ``bounds``, for which algorithm, on which problem.
    bound : float
        The statement's value.
    measure : callable
        From an error probability to the :class:`~validate.statistics.Interval` of the quantity.
    side : {"<=", ">=", "=="}
        ``quantity side bound``; equality is meant up to ``margin``.
    margin : float
        Half width of the equivalence zone of an equality; of an inequality, the round-off that is forgiven. Never
        negative; NaN, as the bound, decides nothing.
    n : int
        Independent replicates.
    detail : str
        A sentence for the reader.
    condition : str
        Why the statement says nothing here; empty when it applies.
    failure : str
        Where the run broke down; empty when it did not.
    undecided : str
        Why nothing that could be measured here decides; empty when it can be decided.
    setting : str
        The inner step, and the target or the batches, in a few words.
    seed : int
        Key of the random streams.
    provided : str
        Which constants of the bound are taken on trust or refuted, in words; empty when all are certified.
    again : callable, optional
        The same check on fresh seeds. None: nothing random is in it.
    settled : bool
        Whether ``again`` is as it should be, and the caller adds nothing to it.
    """

    claim: str
    statement: str
    algorithm: str
    problem: str
    bound: float
    measure: Measure
    side: Side = "<="
    margin: float = 0.0
    n: int = 1
    detail: str = ""
    condition: str = ""
    failure: str = ""
    undecided: str = ""
    setting: str = ""
    seed: int = 0
    provided: str = ""
    again: Callable[[], Check] | None = None
    settled: bool = False

    def __post_init__(self) -> None:
        if self.margin < 0:
            raise InputError("margin", self.margin, f"must not be negative (claim {self.claim})")

    @property
    def method(self) -> str:
        """How its interval is made; empty where there is none."""
        return "" if self.condition or self.failure else self.measure(0.5).method


KEPT = tuple({field.name for field in fields(Verdict)} & {field.name for field in fields(Check)} - {"detail"})
"""What a verdict has of its check as it is."""


def compare(interval: Interval, check: Check) -> Status:
    """Place a whole interval on the claim's side, on the other side, or on neither. NaN is on neither."""
    low, high = check.bound - check.margin, check.bound + check.margin
    right = {
        "<=": interval.upper <= high,
        ">=": interval.lower >= low,
        "==": low <= interval.lower and interval.upper <= high,
    }
    wrong = {
        "<=": interval.lower > high,
        ">=": interval.upper < low,
        "==": interval.lower > high or interval.upper < low,
    }
    if right[check.side]:
        return Status.CONSISTENT
    return Status.VIOLATED if wrong[check.side] else Status.INCONCLUSIVE


def judge(check: Check, share: float) -> Verdict:
    """Judge one check at its share of the probability of a false VIOLATED.

    VIOLATED is said only when the whole interval is on the wrong side for the run and again for fresh seeds.
    """
    error = share if check.again is None else math.sqrt(share)
    if check.condition:
        return _verdict(check, Status.NOT_APPLICABLE, None, error, f"not applicable: {check.condition}")
    if check.failure or math.isnan(check.bound):
        return _verdict(check, Status.FAILED, None, error, check.failure or "the bound is not a number")
    interval = check.measure(error)
    if check.undecided:
        return _verdict(
            check, Status.INCONCLUSIVE, interval, error, _sentences(check.undecided, check.detail)
        )
    status = compare(interval, check)
    if status is Status.INCONCLUSIVE:
        why = UNRESOLVED if interval.method == "exact" else _undecided(interval)
        return _verdict(check, status, interval, error, _sentences(check.detail, why))
    if status is not Status.VIOLATED or check.again is None:
        return _verdict(check, status, interval, error, check.detail)
    return _confirmed(check, interval, check.again(), error)


def _confirmed(check: Check, interval: Interval, fresh: Check, error: float) -> Verdict:
    if fresh.failure:
        return _verdict(check, Status.FAILED, interval, error, f"on fresh seeds: {fresh.failure}")
    second = fresh.measure(error)
    again = compare(second, fresh) is Status.VIOLATED
    note = f"{'' if again else 'not '}confirmed on fresh seeds: [{second.lower:.4g}, {second.upper:.4g}]"
    status = Status.VIOLATED if again else Status.INCONCLUSIVE
    return _verdict(check, status, interval, error, _sentences(check.detail, note))


def judge_all(checks: Sequence[Check], error: float = 0.01) -> list[Verdict]:
    """Judge simultaneous checks: a true statement is VIOLATED with probability at most ``error``.

    The error is split equally (Bonferroni) over the checks in which something is random.
    """
    share = bonferroni(error, sum(check.method not in ("", "exact") for check in checks))
    return [judge(check, share) for check in checks]


def _undecided(interval: Interval) -> str:
    """Say why neither side can be ruled out."""
    ends = math.isfinite(interval.lower) and math.isfinite(interval.upper)
    if ends:
        return UNDECIDED
    decides = {"no spread": NO_SPREAD, "too few": TOO_FEW}
    remedy = (said for word, said in decides.items() if word in interval.method)
    return _sentences(f"nothing can be said on one side: {interval.method}", *remedy)


def _sure(check: Check, interval: Interval) -> bool:
    """Whether the end on which VIOLATED would rest holds at every number of observations."""
    needed = {"<=": ("lower", "both"), ">=": ("upper", "both"), "==": ("both",)}
    return interval.sure in needed[check.side]


def _verdict(check: Check, status: Status, interval: Interval | None, error: float, detail: str) -> Verdict:
    nothing = (math.nan, math.nan)
    relation, ends = RELATIONS[check.side], nothing if interval is None else (interval.lower, interval.upper)
    statistic = math.nan if interval is None else interval.estimate
    slack, slack_interval = slacks(relation, statistic, ends, check.bound)
    trust = "" if interval is None or not check.provided else f"the bound is good {check.provided}"
    return Verdict(
        **{name: getattr(check, name) for name in KEPT},
        status=status,
        statistic=statistic,
        interval=ends,
        level=1 - error if interval is None else interval.level,
        slack=slack,
        slack_interval=slack_interval,
        detail=_sentences(detail, trust),
        method="" if interval is None else interval.method,
        sure=interval is not None and _sure(check, interval),
        relation=relation,
    )


def _sentences(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
