"""The tables of what the validator catches, from which size, and of its false alarms, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from studies.power.coverage import Misses
from studies.power.measure import EACH, Job, Row
from validate.tables import pipes

Rows = Mapping[Job, Row]
RIGHT = ("check", "right", "beyond")
"""Jobs in which nothing may be accused."""

_TITLES = {
    "maml": "Under MAML's name",
    "fo-maml": "Under FO-MAML's name",
    "hf-maml": "Under HF-MAML's name",
}
HOW = (
    "Directions, and right runs of all claims, are judged by `check` as users call it, with its default settings "
    "but for 16 replicates of a run of all claims and targets that take at most 500 steps. A direction is handed "
    "in with `directions=` on a problem that users have, and is caught when a verdict is VIOLATED; one that only "
    "raises an error does not count. A statement is changed, and its claim judged on a problem on which the true "
    "one is nearly met. A right run is a false alarm when any verdict is VIOLATED or FAILED."
)
SIZES = (
    "The smallest size, of those tried upwards, at which the direction is accused with at least 9 of 10 seeds, "
    "and how many accused it at the sizes below (a size is left as soon as two seeds did not)."
)
COVERAGE = (
    "Misses of the mean over the misses that are allowed: 1 is what was asked for, 0 means none was seen. The "
    "asymptotic interval may lie below or above the mean; it is not given (–) for too few observations. Ends by "
    "betting hold for every law: the lower one for anything that is not negative, the upper one where the range "
    "is known. VIOLATED takes two looks at one of these errors, so a miss counts squared."
)


def caught(rows: Rows) -> dict[str, dict[str, bool]]:
    """Return for every group and every sabotage whether it was caught wherever it was."""
    found: dict[str, dict[str, bool]] = {}
    for job, row in rows.items():
        if job[0] in ("statement", "direction"):
            group, name = ("statements", job[1]) if job[0] == "statement" else (job[1], job[2])
            group_rows = found.setdefault(group, {})
            group_rows[name] = group_rows.get(name, True) and bool(row.get("claims"))
    return found


def wrong(rows: Rows) -> dict[Job, list[str]]:
    """Return the right runs with a false alarm, and those that could not be made."""
    made = {job: row for job, row in rows.items() if job[0] in RIGHT}
    said = {job: row.get("wrong", [row.get("error", "")]) for job, row in made.items()}
    return {job: words for job, words in said.items() if words}


def markdown(rows: Rows, misses: Iterable[Misses] = (), missing: int = 0) -> str:
    """Return the tables with their totals; ``missing`` jobs were not done yet."""
    found = [answer for group in caught(rows).values() for answer in group.values()]
    runs = sum(job[0] in RIGHT for job in rows)
    made = ", ".join(f"`{name}`" for name in sorted({row["version"] for row in rows.values()}))
    lines = [
        "# What the validator catches, and how often it cries wolf",
        "",
        "Written by `make test-power`; not by hand.",
        "",
        f"Sabotages caught: **{sum(found)} of {len(found)}**. "
        f"Right runs with a VIOLATED or FAILED verdict: **{len(wrong(rows))} of {runs}**.",
        "",
        *(
            [f"**Not complete**: {missing} of {missing + len(rows)} measurements are missing.", ""]
            if missing
            else []
        ),
        HOW,
        "",
        f"Version measured (first digits of a digest of all sources of the product): {made}.",
        "",
    ]
    parts = (sizes(rows), *(_group(rows, *item) for item in _TITLES.items()), _statements(rows))
    return "\n".join([*lines, *chain.from_iterable(parts), *_right(rows), *coverage(misses)])


def _group(rows: Rows, group: str, title: str) -> Iterator[str]:
    by_name: dict[str, list[tuple[Job, Row]]] = {}
    for job, row in rows.items():
        if job[:2] == ("direction", group):
            by_name.setdefault(job[2], []).append((job, row))
    table = [_direction(each) for each in by_name.values()]
    yield from (f"## {title}", "", f"Problems that each is handed in on, by turns: {EACH}.", "")
    yield from (pipes(("what is wrong", "handed in on", "caught by"), table), "")


def _direction(each: Sequence[tuple[Job, Row]]) -> tuple[str, str, str]:
    missed = [job[3] for job, row in each if not row.get("claims")]
    claims = sorted({claim.removeprefix("direction.") for _, row in each for claim in row.get("claims", ())})
    what = next((row["what"] for _, row in each if "what" in row), each[0][0][2])
    said = f"**missed** on {', '.join(missed)}" if missed else ", ".join(claims)
    return what, ", ".join(job[3].replace("own, data", "own data") for job, _ in each), said


def _statements(rows: Rows) -> Iterator[str]:
    table = [
        (job[1], ", ".join(row.get("claims", ())) or "**missed**")
        for job, row in rows.items()
        if job[0] == "statement"
    ]
    yield from ("## Statements, plans and step sizes", "", pipes(("what is wrong", "caught by"), table), "")


def sizes(rows: Rows) -> Iterator[str]:
    """Yield the table of the smallest sizes that are seen."""
    table = [_size(row) for job, row in rows.items() if job[0] == "size" and "tried" in row]
    header = ("defect of size s", "seen from s =", "accused below, of seeds tried")
    if table:
        yield from ("## From which size", "", SIZES, "", pipes(header, table), "")


def _size(row: Row) -> tuple[str, str, str]:
    *below, (s, seen, _) = row["tried"]
    reached = f"{s:g}" if seen >= 9 else "no size tried"
    rest = below if seen >= 9 else row["tried"]
    return row["what"], reached, ", ".join(f"{t:g}: {yes} of {n}" for t, yes, n in rest) or "–"


def _right(rows: Rows) -> Iterator[str]:
    runs = {job: row for job, row in rows.items() if job[0] in RIGHT}
    table = []
    for user in dict.fromkeys(_user(job) for job in runs):
        here = {job: row for job, row in runs.items() if _user(job) == user}
        verdicts, unsure = (
            sum(row.get(key, 0) for row in here.values()) for key in ("verdicts", "inconclusive")
        )
        count = sum(job[0] == "check" for job in here)
        table.append((user, count, len(here) - count, f"{verdicts:,}", f"{unsure:,}", len(wrong(here))))
    header = (
        "problem or setting",
        "all claims",
        "directions handed in",
        "verdicts",
        "inconclusive",
        "false alarms",
    )
    yield from ("## Right runs", "", pipes(header, table), "")
    yield from (f"- {' / '.join(job)}: {text}" for job, words in wrong(rows).items() for text in words)
    styles = dict.fromkeys(f"{job[2]} ({job[1]})" for job in runs if job[0] == "right")
    yield from (f"Directions handed in, by turns: {', '.join(styles)}.".replace("_", " "), "")


def _user(job: Job) -> str:
    return job[1] if job[0] == "check" else job[3]


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
