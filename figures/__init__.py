"""What people look at: paper-style figures of the theory and of runs, each with its data and its caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bounds.lazily import offered

if TYPE_CHECKING:
    from figures.build import Made, make, names

__all__ = ["Made", "make", "names"]

__getattr__, __dir__ = offered(__name__, dict.fromkeys(__all__, "figures.build"))
