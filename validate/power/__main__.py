"""``python -m validate.power FILE``: measure the validator and write the tables.

Results are kept in ``FILE`` with the ending ``.jsonl``; an interrupted measurement goes on from there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from validate.power.coverage import coverage
from validate.power.keeping import measured
from validate.power.measure import right, sabotages, sizes
from validate.power.table import caught, markdown, wrong


def main(out: Path, workers: int | None = None) -> bool:
    """Write the tables; return whether everything was caught and nothing cried wolf."""
    rows = measured([*sabotages(), *right(), *sizes()], out.with_suffix(".jsonl"), workers)
    out.write_text(markdown(rows, coverage()), encoding="utf-8")
    return all(all(group.values()) for group in caught(rows).values()) and not wrong(rows)


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1])) else 1)
