"""Progress on stderr, when the work takes more than two seconds: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = float(os.environ.get("FOSP_PATIENCE", "2"))
"""Seconds before progress appears; the environment variable is for scripts that want none."""


class Bar:
    """Call it with what is done and what there is in all; use it in a ``with`` block.

    Parameters
    ----------
    label : str
        What is being done.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._begin = time.monotonic()
        self._wanted = sys.stderr.isatty()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._unsaid: list[str] = []

    def say(self, line: str) -> None:
        """Say in a line what is known already: where there is no terminal, and not before the bar would appear."""
        if self._wanted:
            return
        self._unsaid.append(line)
        if time.monotonic() - self._begin >= PATIENCE:
            print("\n".join(self._unsaid), file=sys.stderr, flush=True)
            self._unsaid = []

    def __call__(self, done: float, total: float | None, label: str = "") -> None:
        """Show that ``done`` of ``total`` is finished; None: nobody knows how many there are."""
        if not self._wanted or time.monotonic() - self._begin < PATIENCE:
            return
        if self._bar is None:
            self._open()
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, description=label or self._label)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._label, total=None)
        self._bar.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


@contextmanager
def told(label: str) -> Iterator[Callable[[float, float, str], None]]:
    """Give a function that shows what is done, what there is in all, and a line on what is known already."""
    with Bar(label) as bar:

        def tell(done: float, total: float, line: str) -> None:
            bar(done, total)
            bar.say(line)

        yield tell
