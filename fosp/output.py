"""What goes out: JSON and tables on stdout, notes on stderr, and files that are never half written."""

from __future__ import annotations

import json
import math
import stat
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bounds.errors import InputError


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON document (schema 1 unless it says otherwise); what is not finite becomes null."""
    print(json_text(document))


def json_text(document: Mapping[str, Any]) -> str:
    """Return standard JSON: no NaN, no Infinity, no numpy types."""
    return json.dumps(_plain({"schema": 1} | dict(document)), indent=2, ensure_ascii=False, allow_nan=False)


def note(message: str) -> None:
    """Say something on stderr that is no part of the result."""
    print(message, file=sys.stderr)


def note_engine(engine: str) -> None:
    """Say on stderr what an engine does not keep out."""
    if engine.startswith("tcp://"):
        note("note: tcp:// is not authenticated: whoever reaches the scheduler can run code; tls:// is")


@contextmanager
def damage_noted(command: str) -> Iterator[None]:
    """Say on stderr, in one line each, which damaged files are not used while the block runs."""
    from bounds.seal import DamagedFile

    with warnings.catch_warnings():
        warnings.simplefilter("always", DamagedFile)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, DamagedFile):
                note(f"fosp {command}: {message}")
            else:
                others(message, category, *rest, **more)

        warnings.showwarning = show
        yield


def show(value: float | int | None, digits: int = 4) -> str:
    """Return a number as a reader wants it: whole numbers with separators, others to a few digits."""
    if value is None:
        return "–"
    if value != value:
        return "–"
    if isinstance(value, int):
        return f"{value:,}" if value < 10**9 else f"{value:.3g}"
    return f"{value:.{digits}g}"


def brief(value: Any) -> str:
    """Return nested numbers with a few digits each."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(brief, value))}]"
    return show(value) if isinstance(value, int | float) else str(value)


def check_directory(argument: str, path: Path, *, given: Path | None = None) -> None:
    """Refuse a directory that cannot be made or written to, before any work; makes nothing that others see."""
    from bounds.files import require_writable

    try:
        nearest = next(place for place in (path, *path.absolute().parents) if _is_there(place))
        require_writable(nearest)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not possible").lower()
        kind = "a directory" if given is None else "a file in a directory"
        raise InputError(
            argument, str(given or path), f"must be {kind} that can be written ({reason})"
        ) from None


def _is_there(place: Path) -> bool:
    """Whether something has this name, a link to nowhere too; a name that no file can have is an OSError."""
    try:
        place.lstat()
    except FileNotFoundError:
        return False
    return True


def check_run_directory(argument: str, path: Path) -> None:
    """Refuse a directory that cannot be written, or that holds something else than a run."""
    from bounds.files import is_leftover

    check_directory(argument, path)
    strange = path.is_dir() and not all(is_leftover(file) for file in path.iterdir())
    if strange and not (path / "config.json").is_file():
        raise InputError(argument, str(path), "must be new, empty, or a run directory")


def check_file(argument: str, path: Path) -> None:
    """Refuse what is not a new or a regular file, or cannot be written, before any work; leaves nothing behind."""
    check_directory(argument, path.absolute().parent, given=path)
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        allowed = f"must be a file that can be written ({getattr(error, 'strerror', None) or error})"
        raise InputError(argument, str(path), allowed) from None
    if not stat.S_ISREG(kind):
        raise InputError(
            argument, str(path), "must be a file, new or regular, not a directory, link or device"
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
