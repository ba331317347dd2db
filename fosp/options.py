"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from fosp import completion


def number(text: str) -> float:
    """Return the number or fraction that was typed; whether it makes sense is for ``bounds`` to say."""
    from bounds.reading import real

    try:
        return real(text)
    except ValueError:
        raise _refused(text, "must be a number, like 0.1, 1e-3 or 1/6") from None


def whole(text: str) -> int:
    """Return the whole number that was typed; it fits 64 bits."""
    from bounds.reading import LARGEST

    return _from(text, -LARGEST, "must be a whole number")


def _from(text: str, least: int, allowed: str, most: int | None = None) -> int:
    """Return the whole number in ``least..most`` that was typed; the most is told where it matters."""
    from bounds.reading import LARGEST, integer

    try:
        value = integer(text)
    except ValueError:
        too_large = text.strip().lstrip("+-").isdigit() and most is None
        raise _refused(text, f"{allowed}, at most {LARGEST}" if too_large else allowed) from None
    if not least <= value <= (LARGEST if most is None else most):
        raise _refused(text, allowed)
    return value


def _refused(text: str, allowed: str) -> argparse.ArgumentTypeError:
    from bounds.errors import shown

    return argparse.ArgumentTypeError(f"= {shown(text)}: {allowed}")


def numbers(text: str) -> tuple[float, ...]:
    """Return one or several numbers with commas between them, each once."""
    return tuple(dict.fromkeys(map(number, text.split(","))))


def count(text: str) -> int:
    """Return the positive whole number that was typed."""
    return _from(text, 1, "must be a whole number >= 1")


def steps(text: str) -> int:
    """Return the number of inner steps that was typed."""
    from bounds.reading import MOST_STEPS

    return _from(text, 1, f"must be a whole number from 1 to {MOST_STEPS}", MOST_STEPS)


def seed(text: str) -> int:
    """Return the whole number >= 0 that was typed."""
    return _from(text, 0, "must be a whole number >= 0")


def batch(text: str) -> tuple[str, int]:
    """Return the name and the size of a batch that is given as ``NAME=N``."""
    name, _, size = text.partition("=")
    try:
        return name, count(size)
    except argparse.ArgumentTypeError:
        raise _refused(text, "must be NAME=N, N a whole number >= 1") from None


class Choices:
    """Names that are looked up when one is typed, so that the help imports nothing heavy."""

    def __init__(self, names: Callable[[], Iterable[str]]) -> None:
        self._names = names

    def __contains__(self, name: object) -> bool:
        return name in tuple(self._names())

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._names()))


def runnable() -> tuple[str, ...]:
    """Return the algorithms that can be run, for :class:`Choices`."""
    from bounds.theory.algorithms import runnable as known

    return known()


def given(args: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return the options that were given a value, by their names."""
    return {name: getattr(args, name) for name in names if getattr(args, name) is not None}


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``: one JSON document on stdout and nothing else there."""
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def add_problem(parser: argparse.ArgumentParser, *, repeatable: bool = False) -> None:
    """Add ``--problem SPEC``."""
    text = "a problem: FAMILY:key=value,... (fosp problems lists them) or package.module:factory"
    if repeatable:
        action = parser.add_argument("--problem", metavar="SPEC", action="append", help=f"{text}; repeatable")
    else:
        action = parser.add_argument("--problem", metavar="SPEC", help=text)
    completion.by(action, completion.problems)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add ``TARGET``, a model of one's own."""
    text = "package.module:factory of a model: it returns (module, loss, tasks)"
    parser.add_argument("target", metavar="TARGET", help=text)


def add_directory(
    parser: argparse.ArgumentParser, name: str, text: str, metavar: str = "DIR", **more: Any
) -> None:
    """Add a directory, which a shell completes."""
    action = parser.add_argument(name, type=Path, metavar=metavar, help=text, **more)
    completion.by(action, completion.directories)


def add_trust(parser: argparse.ArgumentParser, who: str) -> None:
    """Add ``--trust``: import code that only a file names."""
    text = f"import the code (package.module:factory) that {who} names"
    parser.add_argument("--trust", action="store_true", help=text)


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Add ``--engine``: where the work is done."""
    text = (
        "local, serial, or a Dask scheduler: tls://HOST:PORT, or tcp://HOST:PORT in a network that you trust"
    )
    parser.add_argument("--engine", default="local", help=text)
