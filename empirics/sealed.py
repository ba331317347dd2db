"""Tables on disk under seal: a Parquet file with a record of what it is and a checksum of every byte."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds.files import write_bytes
from bounds.seal import BLANK, KEY, is_sealed, read_json, seal_bytes

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_METADATA = b"fosp"


class DamagedTableError(ValueError):
    """A file that is there and is not what was written: its message says why, as a phrase."""


def write_table(path: Path, frame: pd.DataFrame, record: Mapping[str, Any]) -> Path:
    """Write a table with its record; any Parquet reader can read the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table, stream = pa.Table.from_pandas(frame, preserve_index=False), io.BytesIO()
    text = json.dumps({**record, KEY: BLANK}, allow_nan=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _METADATA: text.encode()})
    pq.write_table(table, stream, compression="zstd")
    return write_bytes(path, seal_bytes(stream.getvalue()))


def read_table(path: Path, wanted: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Return a table and its record; None when there is no such file. See :func:`read_arrow`."""
    found = read_arrow(path, wanted)
    return None if found is None else (found[0].to_pandas(), found[1])


def read_arrow(path: Path, wanted: Mapping[str, Any]) -> tuple[pa.Table, dict[str, Any]] | None:
    """Return a table of Arrow and its record; None when there is no such file.

    Nothing of the file is interpreted before its checksum is right.

    Parameters
    ----------
    path : Path
        The file.
    wanted : mapping
        Entries that the record must have, with these values.

    Raises
    ------
    DamagedTableError
        When the file cannot be read, is not what was written, or answers another question.
    """
    import pyarrow.parquet as pq

    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise DamagedTableError(f"cannot be read ({error.strerror})") from error
    if not is_sealed(data):
        raise DamagedTableError("does not match its checksum")
    table = pq.read_table(io.BytesIO(data))
    record: dict[str, Any] = read_json((table.schema.metadata or {})[_METADATA].decode())
    if any(name not in record or record[name] != value for name, value in wanted.items()):
        raise DamagedTableError("holds the answer to another question")
    return table, record
