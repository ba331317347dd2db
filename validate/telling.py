"""A report in words: what was asked, what came of it, and the rows that tell most."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from validate.verdict import Status

if TYPE_CHECKING:
    from validate.report import Report
    from validate.verdict import Verdict


class Telling(NamedTuple):
    """A row that tells much, and what it tells."""

    words: str
    verdict: Verdict


def sentence(report: Report) -> str:
    """Say in one sentence what the run says of the theory."""
    number = len(report.verdicts)
    if not number:
        return "Nothing was compared."
    compared = f"Of {_counted(number, 'comparison')} of a measured number with a statement"
    if report.refuted:
        return f"{compared}, {len(report.refuted)} came out against it: something here is wrong."
    if report.unjudged:
        names = ", ".join(report.unjudged)
        return (
            f"{compared}, none came out against it, but what was handed in was found to be {names} nowhere."
        )
    return f"{compared}, none came out against what is derived here{_rest(report)}."


def _rest(report: Report) -> str:
    errata = len({v.erratum for v in report.verdicts if v.erratum and v.status is Status.CONSISTENT})
    parts = [f"{len(report.undecided)} could not be decided"] if report.undecided else []
    parts += [f"{_counted(errata, 'erratum', 'errata')} of the record came out again"] if errata else []
    return f"; {' and '.join(parts)}" if parts else ""


def _counted(number: int, one: str, more: str = "") -> str:
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def counts(report: Report) -> dict[str, int]:
    """Return how many rows there are of each verdict, as :attr:`~validate.verdict.Verdict.said` has it."""
    return dict(Counter(v.said for v in report.verdicts))


def certainty(report: Report) -> str:
    """Say how probable a false VIOLATED is, and on how many claims this is true for large samples only."""
    measured = [v for v in report.verdicts if v.method]
    asymptotic = sum(not v.sure for v in measured)
    chance = f"a true claim is VIOLATED with probability at most {report.error:g} in all"
    if not asymptotic:
        return f"{chance}, at any number of observations"
    return (
        f"{chance}: for {asymptotic} of {len(measured)} in the limit of many observations, else at any number"
    )


def telling(report: Report) -> list[Telling]:
    """Return up to three rows: MAML through epsilon, FO-MAML at its floor, HF-MAML with the recorded rule.

    Of each kind the tightest, or one that came out against the claim, or could not be decided, where there is one.
    """
    found = ((words, _tightest(filter(fits, report.verdicts))) for words, fits in _kinds())
    return [Telling(words, verdict) for words, verdict in found if verdict is not None]


_ORDER = (Status.VIOLATED, Status.FAILED, Status.INCONCLUSIVE, Status.CONSISTENT, Status.NOT_APPLICABLE)


def _is(claim: str, algorithm: str) -> Callable[[Verdict], bool]:
    return lambda v: v.belongs_to(claim) and v.algorithm == algorithm


def _kinds() -> tuple[tuple[str, Callable[[Verdict], bool]], ...]:
    from bounds.errata import ERRATA
    from bounds.theory.algorithms.fo_maml import FO_MAML
    from bounds.theory.algorithms.hf_maml import HF_MAML
    from bounds.theory.algorithms.maml import MAML

    stops = "HF-MAML with the recorded probe"
    return (
        ("MAML through its target", _is("accuracy", MAML.name)),
        ("FO-MAML at its floor", _is("plateau.fixed-point", FO_MAML.name)),
        (stops, _is(ERRATA["E3"].claim, HF_MAML.name)),
    )


def _tightest(verdicts: Iterable[Verdict]) -> Verdict | None:
    return min(verdicts, key=lambda v: (_ORDER.index(v.status), looseness(v)), default=None)


def looseness(v: Verdict) -> float:
    """Return how far the bound is from what was measured, as the logarithm of their ratio."""
    ratio = v.bound / v.statistic if v.statistic > 0 else math.nan
    return abs(math.log(ratio)) if 0 < ratio < math.inf else math.inf
