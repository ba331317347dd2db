"""The tables of what the validator catches and of its false alarms, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from validate.power.measure import Alarm, Caught
from validate.tables import pipes

_TITLES = {
    "maml": "Under MAML's name",
    "fo-maml": "Under FO-MAML's name",
    "hf-maml": "Under HF-MAML's name",
    "statements": "Statements, plans and step sizes",
}


def markdown(caught: Sequence[Caught], alarms: Sequence[Alarm]) -> str:
    """Return both tables with their totals."""
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
    return "\n".join(lines + _alarms(alarms))


def _alarms(alarms: Sequence[Alarm]) -> list[str]:
    rows = []
    for problem in dict.fromkeys(alarm.problem for alarm in alarms):
        runs = [alarm for alarm in alarms if alarm.problem == problem]
        verdicts, unsure = (sum(getattr(a, name) for a in runs) for name in ("verdicts", "inconclusive"))
        rows.append((f"`{problem}`", len(runs), f"{verdicts:,}", f"{unsure:,}", sum(map(_bad, runs))))
    wrong = [f"- `{a.problem}`, seed {a.seed}: {text}" for a in alarms for text in a.wrong]
    header = ("problem", "runs", "verdicts", "inconclusive", "false alarms")
    return ["## Correct runs", "", pipes(header, rows), "", *wrong]


def _bad(alarm: Alarm) -> bool:
    return bool(alarm.wrong)
