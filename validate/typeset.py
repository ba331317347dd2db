r"""Tables for a paper in LaTeX: floats of a column's or a page's width, with the packages named in the first line.

A table that is longer than a page comes in several floats, each with the head; a column whose mark is ``X`` is as
wide as what the others leave, and breaks between words and after the marks of a name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from bounds.rendering.spelling import spelled

Width = Literal["column", "page"]
PACKAGES = r"% \usepackage{booktabs,tabularx}"
LINES = 50
"""Lines of \\scriptsize that a float may have, on a page of 9 inches."""
POINTS: Mapping[Width, float] = {"column": 229.5, "page": 469.0}
"""Widths of the narrowest usual paper; a float that fits there is taken to fit."""
PARALLEL: Mapping[Width, int] = {"column": 2, "page": 1}
"""Floats of a page."""
LETTER, NARROW = 3.4, 36.0
"""Points that a letter, and a column of numbers, are taken to need when lines are counted."""
_ENVIRONMENT: Mapping[Width, str] = {"column": "table", "page": "table*"}
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
}  # fmt: skip
_BREAKS = re.compile(r"([,.:;=/]|\\_)(?=\S)")
_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_BREAK = r"\hspace{0pt}"
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)e([+-]?)0*(\d+)")


def text(told: str) -> str:
    """Return text that LaTeX shows as it is, and may break after the marks of a name."""
    plain = "".join(_SPECIAL.get(letter, letter) for letter in spelled(told))
    broken = _BREAKS.sub(lambda mark: mark[0] + _BREAK, plain)
    return _HYPHEN.sub(lambda _: rf"\nobreak-{_BREAK}", broken)


def number(told: str) -> str:
    """Return a number, or text with numbers, in math mode: a true minus, powers of ten."""
    words = spelled(told).replace("inf", r"\infty").replace("nan", "--")
    if words in ("-", "--", ""):
        return "--"
    return f"${_NUMBER.sub(_power, words)}$"


def _power(found: re.Match[str]) -> str:
    digits, sign, power = found.groups()
    return rf"{digits}{{\cdot}}10^{{{sign.replace('+', '')}{power}}}"


def floats(
    header: Sequence[str], rows: Sequence[Sequence[str]], marks: str, caption: str, width: Width
) -> str:
    r"""Return a table as one float, or as several where it is long, each on a page.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of sequence of str
        Cells as LaTeX.
    marks : str
        A letter for each column, as ``tabularx`` has them: l, r, X.
    caption : str
        As LaTeX; several floats are counted in it.
    width : {"column", "page"}
        Of the float; at ``page`` it goes over both columns of a paper.
    """
    parts = list(_parts(rows, marks, width))
    where, counted = ("p", " ({} of {})") if len(parts) > 1 else ("tbp", "")
    told = [
        _float(header, part, marks, caption + counted.format(place, len(parts)), width, where)
        for place, part in enumerate(parts, 1)
    ]
    pages = [
        "\n".join(told[place : place + PARALLEL[width]]) for place in range(0, len(told), PARALLEL[width])
    ]
    return "\n".join([PACKAGES, "\n\\clearpage\n".join(pages), ""])


def _parts(rows: Sequence[Sequence[str]], marks: str, width: Width) -> Iterator[list[Sequence[str]]]:
    part: list[Sequence[str]] = []
    used, wide = 0, max(marks.count("X"), 1)
    room = (POINTS[width] - NARROW * (len(marks) - wide)) / wide / LETTER
    for row in rows:
        lines = max(_lines(cell, room) if mark == "X" else 1 for cell, mark in zip(row, marks, strict=True))
        if part and used + lines > LINES:
            yield part
            part, used = [], 0
        part.append(row)
        used += lines
    yield part


def _lines(cell: str, room: float) -> int:
    """Return how many lines a cell takes, words and parts of names put on a line as long as they fit."""
    lines, left = 1, room
    for word in cell.replace(_BREAK, " ").split():
        size = len(re.sub(r"\\\w+", "", word)) + 1
        if size > left:
            lines, left = lines + max(1, math.ceil(size / room)), room
        left -= size % room
    return lines


def _float(
    header: Sequence[str], rows: Sequence[Sequence[str]], marks: str, caption: str, width: Width, where: str
) -> str:
    columns = "".join(
        r">{\raggedright\arraybackslash\hspace{0pt}}X" if mark == "X" else mark for mark in marks
    )
    lines = [
        rf"\begin{{{_ENVIRONMENT[width]}}}[{where}]",
        rf"\caption{{{caption}}}",
        r"\scriptsize\setlength{\tabcolsep}{1.5pt}",
        rf"\begin{{tabularx}}{{\linewidth}}{{@{{}}{columns}@{{}}}}",
        r"\toprule",
        " & ".join(header) + r" \\",
        r"\midrule",
        *(" & ".join(row) + r" \\" for row in rows),
        r"\bottomrule",
        r"\end{tabularx}",
        rf"\end{{{_ENVIRONMENT[width]}}}",
    ]
    return "\n".join(lines)
