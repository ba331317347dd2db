"""The report: all verdicts of a run, with what is needed to read and to repeat it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from validate.verdict import Status, Verdict

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
JUDGED = ("direction.draws", "direction.exact", "direction.mean", "direction.variance")
"""Claims that say of a direction that it is the algorithm it claims to be."""
_PACKAGES = ("fosp", "numpy", "scipy", "torch", "sympy", "pandas")


@dataclass(frozen=True)
class Report:
    """Verdicts of one run.

    Attributes
    ----------
    verdicts : tuple of Verdict
    run : str
        Identifier, also the name of the run directory.
    problems : tuple of str
    seed : int
    error : float
        Probability of any false VIOLATED: see :mod:`validate.judge`.
    """

    verdicts: tuple[Verdict, ...]
    run: str
    problems: tuple[str, ...]
    seed: int
    error: float
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def refuted(self) -> tuple[Verdict, ...]:
        """The verdicts that mean that something is wrong: VIOLATED and FAILED."""
        return tuple(v for v in self.verdicts if v.status in (Status.VIOLATED, Status.FAILED))

    @property
    def undecided(self) -> tuple[Verdict, ...]:
        """The verdicts that say neither: INCONCLUSIVE."""
        return tuple(v for v in self.verdicts if v.status is Status.INCONCLUSIVE)

    @property
    def unjudged(self) -> tuple[str, ...]:
        """The algorithms whose direction was handed in and judged, but found to be them nowhere."""
        judged = [v for v in self.verdicts if v.claim in JUDGED]
        found = {v.algorithm for v in judged if v.status is Status.CONSISTENT}
        return tuple(dict.fromkeys(v.algorithm for v in judged if v.algorithm not in found))

    @property
    def ok(self) -> bool:
        """Whether nothing is VIOLATED or FAILED, and every direction that was judged was found right somewhere.

        It may be true while some verdicts are INCONCLUSIVE: they are in ``undecided``.
        """
        return not self.refuted and not self.unjudged

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; what is not finite becomes null."""
        data = {
            "schema": SCHEMA,
            "run": self.run,
            "problem": ";".join(self.problems),
            "seed": self.seed,
            "error": self.error,
            "versions": dict(self.versions),
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
        }
        return plain(data)

    def to_json(self) -> str:
        """Return the report as one JSON document."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per verdict, with the ends of the intervals in columns of their own."""
        import pandas as pd

        rows = []
        for verdict in self.verdicts:
            row = verdict.to_dict()
            low, high = row.pop("interval")
            slack_low, slack_high = row.pop("slack_interval")
            rows.append(row | {"low": low, "high": high, "slack_low": slack_low, "slack_high": slack_high})
        return pd.DataFrame(rows)


def versions() -> dict[str, str]:
    """Return the versions of Python's packages that decide the numbers."""
    return dict(_installed())


@cache
def _installed() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def plain(value: Any) -> Any:
    """Return JSON-ready data: no NaN, no infinity, lists for tuples."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
