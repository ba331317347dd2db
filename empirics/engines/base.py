"""What an engine does, and the two ways in which work can end."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bounds.errors import UnfinishedError


@dataclass(frozen=True)
class Failure:
    """Why an item has no result."""

    reason: str
    details: str = ""


class EngineError(UnfinishedError):
    """The engine itself was lost; finished work is kept and the run can be resumed."""


class Engine(Protocol):
    """Applies a function to items, in any order."""

    def map(self, function: Callable[[Any], Any], items: Sequence[Any]) -> Generator[tuple[int, Any]]:
        """Yield ``(number of the item, result or Failure)`` as each is finished."""


def attempt(function: Callable[[Any], Any], item: Any) -> Any:
    """Return the result, or the Failure that says which exception there was."""
    try:
        return function(item)
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}", traceback.format_exc())
