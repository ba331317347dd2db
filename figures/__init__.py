"""What people look at: paper-style figures of the theory and of runs, each with its data and its caption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from figures.build import Made, make, names

__all__ = ["Made", "make", "names"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'figures' has no attribute {name!r}")
    from figures import build

    return getattr(build, name)
