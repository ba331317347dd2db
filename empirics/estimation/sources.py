"""Where tasks come from: a list, a function of a random generator, a generator of tasks, a DataLoader.

A task is the columns of its samples, all with one row a sample: ``(x, y)`` for a module. ``(x, y, x', y')`` and
``((x, y), (x', y'))``, support and query, are joined: the theory draws its independent batches from all of a task.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds.errors import InputError
from empirics.importing import told

Data = tuple[Tensor, ...]
"""The columns of a task's samples."""
TASKS = "the tasks"
"""What refusals call them: not as an option that has their number."""
_TASK = (
    "must be tasks: each the columns of its samples, like (x, y), as arrays or tensors with one row a sample"
)


@dataclass(eq=False)
class Tasks:
    """Tasks that can be asked for, as columns of the model's type; a stream of them is followed as it yields.

    Attributes
    ----------
    given : object
        What the user gave.
    listed : tuple of tuple of Tensor
        All tasks, where there is a list of them; the samples of each are then all there are.
    sampler : callable, optional
        ``sampler(rng, points)`` draws a task, and so many samples of it.
    stream : iterator, optional
        What a generator or a loader yields: a task each time, with a sample of its data.
    seen, first : int, tuple of Tensor
        How many tasks the stream has yielded since it began, and the first of them.
    length : int, optional
        How many there are, once its end was seen and the same began again; where it shuffles they are new ones.
    """

    given: Any
    dtype: torch.dtype
    device: torch.device
    paired: bool = False
    listed: tuple[Data, ...] = ()
    sampler: Callable[[np.random.Generator, int], Any] | None = None
    stream: Iterator[Any] | None = None
    seen: int = 0
    length: int | None = None
    first: Data = ()

    @property
    def number(self) -> int | None:
        """How many tasks there are; None where they are drawn."""
        return len(self.listed) or None

    def draw(self, rng: np.random.Generator, count: int, points: int) -> list[Data]:
        """Return different tasks of a list (all of them, in order, if there are no more), or so many new ones.

        Of a loader that has fewer they are those of one pass.
        """
        if self.listed:
            n = len(self.listed)
            places = range(n) if count >= n else sorted(rng.choice(n, count, replace=False))
            return [self.listed[place] for place in places]
        if self.stream is None or isinstance(self.given, Iterator):
            return [self.one(rng, points, count - k) for k in range(count)]
        self.stream, self.seen, self.first = iter(self.given), 0, ()
        found = [self.one(rng, points)]
        while len(found) < count:
            item = self.one(rng, points)
            if self.length is not None and self.seen == 1:
                break
            found.append(item)
        return found

    def one(self, rng: np.random.Generator, points: int, wanted: int = 1) -> Data:
        """Return one task, drawn with replacement; ``wanted``: how many are to come, it included."""
        if self.listed:
            return self.listed[int(rng.integers(len(self.listed)))]
        if self.sampler is not None:
            return self._columns(_called(self.sampler, rng, points))
        return self._next(wanted)

    def _next(self, wanted: int) -> Data:
        """Return the next task of a stream; one that ends begins again where it can."""
        try:
            found = self._columns(next(self.stream or iter(())))
            self.seen, self.first = self.seen + 1, self.first or found
        except StopIteration:
            found = self._again(wanted)
        except InputError:
            raise
        except Exception as error:
            raise InputError(TASKS, type(self.given).__name__, "must yield tasks", told(error)) from error
        return found

    def _again(self, wanted: int) -> Data:
        fresh = None if isinstance(self.given, Iterator) else iter(self.given)
        item = None if fresh is None else next(fresh, None)
        if item is None:
            raise InputError(
                TASKS,
                type(self.given).__name__,
                f"ended before there were enough: after {self.seen}, and at least {self.seen + wanted} are needed",
                "yield more, or give a list: list(...)",
            )
        found = self._columns(item)
        same = len(found) == len(self.first) and all(map(torch.equal, found, self.first))
        self.length = self.seen if same else None
        self.stream, self.seen, self.first = fresh, 1, found
        return found

    def _columns(self, item: Any) -> Data:
        return columns(item, self.dtype, self.device, self.paired)


def tasks_of(given: Any, dtype: torch.dtype, device: torch.device, *, paired: bool = False) -> Tasks:
    """Return the tasks that a user gives in whatever form; ``paired``: four columns are support and query.

    Raises
    ------
    InputError
        When it is none of the forms, or a task is not columns of one length with finite numbers.
    """
    if callable(given):
        return Tasks(given, dtype, device, paired, sampler=given)
    if isinstance(given, tuple) and given and all(map(_is_array, given)):
        given = [given]
    if isinstance(given, list | tuple):
        if not given:
            raise InputError(TASKS, given, _TASK, "the list is empty")
        listed = tuple(columns(item, dtype, device, paired) for item in given)
        return Tasks(given, dtype, device, paired, listed=listed)
    if isinstance(given, Iterable) and not isinstance(given, str | dict) and not _is_array(given):
        return Tasks(given, dtype, device, paired, stream=iter(given))
    remedy = "give a list, a generator, a DataLoader, or sampler(rng, points)"
    raise InputError(TASKS, type(given).__name__, _TASK, remedy)


def columns(item: Any, dtype: torch.dtype, device: torch.device, paired: bool = False) -> Data:
    """Return a task as tensors: floating columns of the model's type, others (labels) as they are."""
    whole = tuple(_tensor(column, dtype, device) for column in _flat(item, paired))
    sizes = {len(column) if column.ndim else 0 for column in whole}
    if len(sizes) != 1 or not min(sizes):
        shapes = ", ".join(str(tuple(column.shape)) for column in whole)
        raise InputError(TASKS, shapes, "the columns of a task must have one row a sample, equally many")
    if not all(bool(torch.isfinite(column).all()) for column in whole):
        raise InputError(TASKS, math.nan, "a task has entries that are not finite", "clean the data")
    return whole


def pooled(parts: Sequence[Data]) -> Data:
    """Return the samples of several tasks as those of one, of all whose columns fit on the first's."""
    like = [(column.shape[1:], column.dtype) for column in parts[0]]
    fit = [part for part in parts if [(column.shape[1:], column.dtype) for column in part] == like]
    return tuple(torch.cat(columns) for columns in zip(*fit, strict=True))


def rows(data: Data, places: Any) -> Data:
    """Return some of the samples of a task."""
    return tuple(column[places] for column in data)


def _called(sampler: Callable[..., Any], rng: np.random.Generator, points: int) -> Any:
    try:
        return sampler(rng, points)
    except InputError:
        raise
    except Exception as error:
        allowed = "sampler(rng, points) must return the columns of a task"
        raise InputError(TASKS, getattr(sampler, "__name__", "sampler"), allowed, told(error)) from error


def _is_array(item: Any) -> bool:
    return isinstance(item, Tensor | np.ndarray)


def _flat(item: Any, paired: bool) -> list[Any]:
    """Return the columns of a task, support and query joined."""
    members = list(item.values()) if isinstance(item, dict) else item
    if _is_array(members):
        return [members]
    if isinstance(members, list | tuple) and members:
        members = [_column(one) for one in members]
        if len(members) == 2 and all(isinstance(part, list | tuple) for part in members):
            return _joined(*([_column(one) for one in part] for part in members))
        if all(map(_is_array, members)):
            return _joined(members[:2], members[2:]) if paired and len(members) == 4 else list(members)
    raise InputError(TASKS, type(item).__name__, _TASK)


def _column(given: Any) -> Any:
    """Return a list of numbers, and what pandas has, as an array; anything else as it is."""
    if hasattr(given, "to_numpy"):
        return np.array(given.to_numpy())
    inner = given
    while isinstance(inner, list | tuple) and inner:
        inner = inner[0]
    if not isinstance(given, list | tuple) or not isinstance(inner, int | float):
        return given
    try:
        return np.asarray(given)
    except ValueError:
        return given


def _joined(support: Sequence[Any], query: Sequence[Any]) -> list[Any]:
    try:
        pairs = zip(support, query, strict=True)
        return [torch.cat([torch.as_tensor(a), torch.as_tensor(b)]) for a, b in pairs]
    except (RuntimeError, TypeError, ValueError) as error:
        raise InputError(TASKS, "support and query", "must fit on each other", told(error)) from error


def _tensor(column: Any, dtype: torch.dtype, device: torch.device) -> Tensor:
    try:
        read_only = isinstance(column, np.ndarray) and not column.flags.writeable
        found = torch.as_tensor(np.array(column) if read_only else column).detach().to(device)
    except (TypeError, RuntimeError, ValueError) as error:
        raise InputError(TASKS, type(column).__name__, _TASK, told(error)) from error
    return found.to(dtype) if found.is_floating_point() else found
