"""What a sweep has left on the disk, read again: part by part, and as one table."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bounds import arguments
from bounds.errors import InputError
from bounds.seal import DamagedFile
from empirics.sealed import DamagedTableError, read_arrow

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PARTS = "parts"
"""The folder of the parts, in the folder of a sweep."""


def read_sweep(out: str | Path) -> pd.DataFrame:
    """Return all finished cells of a sweep as one tidy table; every part's checksum is looked at.

    Returns
    -------
    DataFrame
        One row for each cell, replicate and recorded iteration: ``cell`` (its identity), the axes ``problem,
        algorithm, theory, step, inner_steps, alpha, epsilon, plan, seed``, and the columns of
        :func:`empirics.simulate`. Columns of text are categorical.

    Raises
    ------
    InputError
        When there is no sweep in the folder.
    """
    import pyarrow as pa

    folder = Path(arguments.path("out", out)) / PARTS
    if not folder.is_dir():
        raise InputError("out", str(out), "must be the folder of a sweep", "run `fosp sweep` first")
    tables: list[pa.Table] = []
    seen: set[str] = set()
    for table, record in stored(folder):
        tables += _unseen(_numbered(table), record, seen)
    if not tables:
        raise InputError("out", str(out), "holds no finished cell", "go on with it: --resume")
    whole = pa.concat_tables(tables).unify_dictionaries()
    del tables, table
    return whole.replace_schema_metadata(None).to_pandas(self_destruct=True, split_blocks=True)


def stored(folder: Path) -> Iterator[tuple[pa.Table, dict[str, Any]]]:
    """Yield the table and the record of each part whose checksum is right, in the order of their names."""
    for path in sorted(folder.glob("*.parquet")):
        try:
            found = read_arrow(path, {})
        except DamagedTableError as error:
            told = f"{path} {error}; its cells are missing"
            warnings.warn(told, DamagedFile, stacklevel=3)
            continue
        if found is not None:
            yield found


def _numbered(table: pa.Table) -> pa.Table:
    """Return the table with places in its dictionaries that suffice for those of all parts together."""
    import pyarrow as pa

    for place, name in enumerate(table.column_names):
        if pa.types.is_dictionary(table.schema.types[place]):
            chunks = [
                pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), chunk.dictionary)
                for chunk in table.column(name).chunks
            ]
            table = table.set_column(place, name, pa.chunked_array(chunks))
    return table


def slices(record: dict[str, Any]) -> Iterator[tuple[str, slice]]:
    """Yield each cell's identity, and its rows in the part's table."""
    first = 0
    for cell in record["cells"]:
        yield cell["identity"], slice(first, first + cell["rows"])
        first += cell["rows"]


def _unseen(table: pa.Table, record: dict[str, Any], seen: set[str]) -> list[pa.Table]:
    """Leave out the cells that another part holds: a run that was killed and resumed with another grid."""
    kept = [rows for identity, rows in slices(record) if identity not in seen]
    seen |= {identity for identity, _ in slices(record)}
    if len(kept) == len(record["cells"]):
        return [table]
    return [table.slice(rows.start, rows.stop - rows.start) for rows in kept]
