"""``python -m validate.power FILE``: measure the validator and write the tables."""

from __future__ import annotations

import sys
from pathlib import Path

from validate.power.coverage import coverage
from validate.power.measure import alarms, sabotages
from validate.power.table import markdown


def main(out: Path, workers: int | None = None) -> bool:
    """Write the tables; return whether everything was caught and nothing cried wolf."""
    caught, correct = list(sabotages(workers)), list(alarms(workers=workers))
    out.write_text(markdown(caught, correct, coverage()), encoding="utf-8")
    return all(row.claims for row in caught) and not any(alarm.wrong for alarm in correct)


if __name__ == "__main__":
    sys.exit(0 if main(Path(sys.argv[1])) else 1)
