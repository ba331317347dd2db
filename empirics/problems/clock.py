"""How long something may take, in seconds."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Clock:
    """A budget that runs from when it is made.

    Attributes
    ----------
    seconds : float
        The budget; infinite by default.
    """

    seconds: float = math.inf
    begin: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(0.0, self.seconds - (time.monotonic() - self.begin))

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0

    def share(self, parts: int) -> Clock:
        """Return a clock for one of so many equal parts of what is left."""
        return Clock(self.left / parts)


ENDLESS = Clock()
