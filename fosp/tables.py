"""Tables for a terminal, a pipe or a file: no cell is cut off, and on a narrow terminal none is broken anyhow."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence

from fosp.spelling import fitted

WIDEST = 120
"""Columns that a table may take when nobody says how wide the page is."""
NARROWEST = 20
"""Columns that a terminal is taken to have at least."""
GAP = 2
Row = Sequence[str]


def print_table(title: str, header: Row, rows: Sequence[Row], *, wrap: int | None = None) -> None:
    """Print a title and a table; ``wrap`` is the column that may be folded when the terminal is narrow."""
    head, body = table_lines(header, rows, wrap=wrap)
    if title:
        say(f"{title}\n")
    print("\n".join([*head, *body, ""]))


def print_columns(title: str, header: Row, rows: Sequence[Row]) -> None:
    """Print a table whose columns are compared; where they do not fit, as several tables below each other."""
    for place, columns in enumerate(_fitting(header, rows)):
        chosen = [[row[column] for column in columns] for row in (header, *rows)]
        print_table("" if place else title, chosen[0], chosen[1:])


def _fitting(header: Row, rows: Sequence[Row]) -> list[list[int]]:
    """Return the columns of each table: the first of all, and as many others as fit, at least one."""
    widths = [max(_width(row[place]) for row in (header, *rows)) + GAP for place in range(len(header))]
    tables: list[list[int]] = []
    for column in range(1, len(widths)):
        if not tables or widths[0] + sum(widths[one] for one in tables[-1][1:]) + widths[column] > room():
            tables.append([0])
        tables[-1].append(column)
    return tables


def say(text: str) -> None:
    """Print a sentence; on a terminal it is broken between words."""
    lines = map(_filled, text.splitlines()) if on_terminal() else text.splitlines()
    print("\n".join(lines) + ("\n" if text.endswith("\n") else ""))


def _filled(line: str) -> str:
    """Return a line as several where it is too long, each indented as it is."""
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line, room(), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def on_terminal() -> bool:
    """Return whether somebody looks at what is printed."""
    return sys.stdout.isatty()


def room() -> int:
    """Return how many columns there are: those of the terminal, or many where nobody looks at one."""
    width = shutil.get_terminal_size().columns
    return max(width, NARROWEST if on_terminal() else WIDEST)


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(fitted(text))


def table_lines(header: Row, rows: Sequence[Row], *, wrap: int | None = None) -> tuple[list[str], list[str]]:
    """Return the head of a table and a text for each row; where it is too narrow, each row as a list."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    header, rows = [fitted(cell) for cell in header], [[fitted(cell) for cell in row] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for place, name in enumerate(header):
        widest = max(_width(row[place]) for row in (header, *rows))
        whole = None if place == wrap else widest
        table.add_column(Text(name), no_wrap=place != wrap, min_width=whole, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(file=sys.stdout, width=room())
    needed = console.measure(table, options=console.options.update(width=10**4))
    if on_terminal() and needed.minimum > room():
        return [], ["\n".join(_listed(header, row)) for row in rows]
    console.width = max(needed.minimum, min(needed.maximum, room()))
    with console.capture() as page:
        console.print(table)
    lines = [line.rstrip() for line in page.get().splitlines()]
    return lines[1:3], lines[3:-1]


def _listed(header: Row, row: Row) -> list[str]:
    """Return a row as a list: its first cell, and below it what else there is, with its head."""
    first = row[0].strip()
    told = [
        f"{name}: {cell}" if name else cell for name, cell in zip(header[1:], row[1:], strict=True) if cell
    ]
    lines = [first] if first else []
    for one in told:
        lines += textwrap.wrap(one, room() - 4, initial_indent="    ", subsequent_indent="      ")
    return lines
