"""Seals: a checksum inside a file or a JSON object, over everything else in it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from bounds.errors import InputError

KEY = "sha256"
BLANK = "0" * 64
"""Stands where the checksum will be while it is computed."""
_MARK = re.compile(rb'"sha256": "([0-9a-f]{64})"')


class DamagedFile(UserWarning):
    """A damaged result was found; it is not used, and made again."""


def seal_bytes(data: bytes) -> bytes:
    """Put the checksum of all bytes in the place that ``"sha256": "000..."`` keeps free, exactly once."""
    place = _place(data)
    if place is None or data[place] != BLANK.encode():
        raise ValueError("the data must keep one blank place for the checksum")
    return data[: place.start] + _sum(data).encode() + data[place.stop :]


def is_sealed(data: bytes) -> bool:
    """Whether the bytes are those that were sealed: no bit is another one."""
    place = _place(data)
    if place is None:
        return False
    blank = data[: place.start] + BLANK.encode() + data[place.stop :]
    return _sum(blank).encode() == data[place]


def seal(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record with the checksum of its canonical JSON."""
    return {**record, KEY: _record_sum(record)}


def unseal(record: Any) -> dict[str, Any] | None:
    """Return the record without its checksum, or None when it is not the one that was sealed."""
    if not isinstance(record, dict) or record.get(KEY) != _record_sum(record):
        return None
    return {key: value for key, value in record.items() if key != KEY}


def read_json(text: str) -> Any:
    """Read JSON strictly: a key given twice is refused, and so is what JSON does not know (NaN).

    Raises
    ------
    ValueError
        When the text is not such JSON, or is nested too deeply.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def damaged(argument: str, path: str, remedy: str) -> InputError:
    """Return the error for a file whose content is not what was written."""
    return InputError(argument, path, "is damaged or was edited: it does not match its checksum", remedy)


def _record_sum(record: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in record.items() if key != KEY}
    return _sum(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode())


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _place(data: bytes) -> slice | None:
    found = list(_MARK.finditer(data))
    return slice(*found[0].span(1)) if len(found) == 1 else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
