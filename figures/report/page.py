"""The page of a run, put together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from figures.evidence import Evidence
from figures.pages import environment
from figures.report.pictures import pictures
from figures.report.repeating import FILE, repeat
from figures.report.rows import RELATIONS, TONES, rows
from figures.report.sections import QUIET, sections
from figures.report.shared import Shared
from validate import telling
from validate.reported import FILE as VERDICTS
from validate.reported import read_report

Say = Callable[[str], Any]


def render(run: Path, *, trust: bool = False, say: Say = str) -> tuple[str, str]:
    """Return the report of a run as HTML, and why a figure is missing; empty when none is.

    The page needs nothing but itself. All that the run directory says is escaped, and no code that it names is
    imported unless it is trusted.

    Parameters
    ----------
    run : Path
        A run directory of ``fosp validate``.
    trust : bool
        Import the problems ``package.module:factory`` that it names, to draw figures of them.
    say : callable
        Called with what is made next: each figure, each statement, the page.

    Raises
    ------
    InputError
        When there is no finished run, or it is damaged.
    """
    report, config = read_report(run)
    drawn, missing = pictures(run, trust=trust, say=say)
    table = rows(report.verdicts)
    shared = Shared()
    chapters = sections(table, drawn, shared, say)
    say("page")
    context = {
        "report": report,
        "config": config,
        "sentence": telling.sentence(report),
        "certainty": telling.certainty(report),
        "counts": telling.counts(report),
        "anchors": {one.name: one.anchor for _, members in chapters for one in members},
        "telling": [(words, table[report.verdicts.index(v)]) for words, v in telling.telling(report)],
        "rows": table,
        "chapters": chapters,
        "shared": shared,
        "quiet": QUIET,
        "errata": _errata(table),
        "pictures": drawn,
        "missing": missing,
        "relations": RELATIONS,
        "tones": TONES,
        "repeat": repeat(config),
        "suite_file": FILE,
        "experiments": Evidence(run).rows,
        "checksum": hashlib.sha256((run / VERDICTS).read_bytes()).hexdigest(),
        "version": version("fosp"),
    }
    return str(environment().get_template("report.html").render(context)), missing


def _errata(table: list[Any]) -> list[dict[str, Any]]:
    """Return the errata that the run came to, each with its rows."""
    from bounds.errata import ERRATA

    found = [(erratum, [r for r in table if r.verdict.erratum == key]) for key, erratum in ERRATA.items()]
    return [{"erratum": erratum, "rows": about} for erratum, about in found if about]
