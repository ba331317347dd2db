"""What an audit found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from validate.audit.defects import Defect
from validate.report import plain

SCHEMA = 1


@dataclass(frozen=True)
class AuditReport:
    """Which algorithm some code is, and what is wrong with it.

    Attributes
    ----------
    target : str
    claimed : str or None
    implements : str or None
        One of :data:`validate.audit.known.KNOWN`, Reptile or iMAML, or None where it is none of them.
    nearest : str or None
        The algorithm that it comes nearest to.
    inner_steps : int or None
    probe : float or None
        Length of HF-MAML's probe, the median.
    deviation, mean_deviation : mapping
        From each algorithm, relative: the largest path by path on the same samples, and that of the mean;
        0 in the mean is 0 up to rounding, None is not known: the noise of the draws hides it, or nothing is.
    mean_below : mapping
        Where the noise hides that of the mean: what it is below, by four standard errors.
    defects : tuple of Defect
    notes : tuple of str
        What is worth knowing and no defect.
    floor : float or None
        Where it stops on the plateau problem, the norm of the meta-gradient; alpha L = 0.1, L = sigma = 1. None
        where it does not come to rest, or cannot be run.
    costs : str
        What that is beside the algorithm that it should be, in words.
    calls : int
        How often the code was called.
    """

    target: str
    claimed: str | None
    implements: str | None
    nearest: str | None
    inner_steps: int | None
    probe: float | None
    deviation: Mapping[str, float]
    mean_deviation: Mapping[str, float | None]
    defects: tuple[Defect, ...]
    notes: tuple[str, ...] = ()
    floor: float | None = None
    costs: str = ""
    calls: int = 0
    declared: Mapping[str, Any] = field(default_factory=dict)
    mean_below: Mapping[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether no defect was found."""
        return not self.defects

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready data; what is not finite becomes null."""
        found: dict[str, Any] = plain({"schema": SCHEMA} | asdict(self))
        return found

    def to_json(self) -> str:
        """Return the report as one JSON document."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
