"""The tables of what the validator catches and of its false alarms, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from validate.power.coverage import Misses
from validate.power.measure import Alarm, Caught
from validate.tables import pipes

_TITLES = {
    "maml": "Under MAML's name",
    "fo-maml": "Under FO-MAML's name",
    "hf-maml": "Under HF-MAML's name",
    "statements": "Statements, plans and step sizes",
}


COVERAGE = (
    "Misses of the mean over the misses that are allowed: 1 is what was asked for, 0 means none was seen. The "
    "asymptotic interval may lie below or above the mean; it is not given (–) for too few observations. Ends by "
    "betting hold for every law: the lower one for anything that is not negative, the upper one where the range "
    "is known. VIOLATED takes two looks at one of these errors, so a miss counts squared."
)


def markdown(caught: Sequence[Caught], alarms: Sequence[Alarm], misses: Iterable[Misses] = ()) -> str:
    """Return the tables with their totals."""
    found = sum(bool(row.claims) for row in caught)
    wrong = [alarm for alarm in alarms if alarm.wrong]
    lines = [
        "# What the validator catches, and how often it cries wolf",
        "",
        "Written by `make test-power`; not by hand.",
        "",
        f"Sabotages caught: **{found} of {len(caught)}**. "
        f"Correct runs with a VIOLATED or FAILED verdict: **{len(wrong)} of {len(alarms)}**.",
        "",
    ]
    for group, title in _TITLES.items():
        rows = [(row.what, ", ".join(row.claims) or "**missed**") for row in caught if row.group == group]
        lines += [f"## {title}", "", pipes(("what is wrong", "caught by"), rows), ""]
    return "\n".join([*lines, *_alarms(alarms), *coverage(misses)])


def _alarms(alarms: Sequence[Alarm]) -> list[str]:
    rows = []
    for problem in dict.fromkeys(alarm.problem for alarm in alarms):
        runs = [alarm for alarm in alarms if alarm.problem == problem]
        verdicts, unsure = (sum(getattr(a, name) for a in runs) for name in ("verdicts", "inconclusive"))
        rows.append((f"`{problem}`", len(runs), f"{verdicts:,}", f"{unsure:,}", sum(map(_bad, runs))))
    wrong = [f"- `{a.problem}`, seed {a.seed}: {text}" for a in alarms for text in a.wrong]
    header = ("problem", "runs", "verdicts", "inconclusive", "false alarms")
    return ["## Correct runs", "", pipes(header, rows), "", *wrong]


def coverage(misses: Iterable[Misses]) -> list[str]:
    """Return the table of the intervals' misses."""
    header = ("law", "n", "error", "large sample: below", "above", "betting: lower end", "upper end")
    rows = [
        (m.law, f"{m.n:,}", f"{m.error:g}", *map(_share, (m.short, m.long, m.betting, m.known)))
        for m in misses
    ]
    return ["## Intervals", "", COVERAGE, "", pipes(header, rows), ""] if rows else []


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.2g}"


def _bad(alarm: Alarm) -> bool:
    return bool(alarm.wrong)
