"""``python -m studies.power FILE [so-far]``: measure the validator and write the tables.

Results are kept in ``FILE`` with the ending ``.jsonl``; an interrupted measurement goes on from there. With
``so-far`` nothing is measured, and the tables say how much is missing.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from bounds.entry import arguments
from studies.power.coverage import coverage
from studies.power.keeping import kept, measured, version
from studies.power.measure import right, sabotages, sizes
from studies.power.table import caught, markdown, wrong


def main(out: Path, workers: int | None = None) -> bool:
    """Write the tables; return whether everything was caught and nothing cried wolf."""
    rows = measured([*sabotages(), *right(), *sizes()], out.with_suffix(".jsonl"), workers)
    out.write_text(markdown(rows, coverage()), encoding="utf-8")
    return all(all(group.values()) for group in caught(rows).values()) and not wrong(rows)


def so_far(out: Path) -> None:
    """Write the tables of what is kept."""
    jobs = [*sabotages(), *right(), *sizes()]
    known = kept(out.with_suffix(".jsonl"), version())
    rows = {job: known[job] for job in jobs if job in known and "error" not in known[job]}
    out.write_text(markdown(rows, coverage(), len(jobs) - len(rows)), encoding="utf-8")


if __name__ == "__main__":
    words: dict[str, dict[str, Any]] = {"file": {"type": Path}, "what": {"nargs": "?", "choices": ["so-far"]}}
    typed = arguments("studies.power", __doc__, words)
    if typed.what:
        so_far(typed.file)
    else:
        sys.exit(0 if main(typed.file) else 1)
