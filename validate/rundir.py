"""A run directory: configuration, cells, experiments and verdicts, written so that a killed run can go on."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bounds.errors import InputError
from bounds.files import atomically, collect, make_directory, move, write_bytes, write_text
from bounds.locking import locked
from bounds.seal import DamagedFile, seal
from validate import tables
from validate.examine import check_names, examine, kinds_read, questions
from validate.experiment import Experiment, require_affordable
from validate.report import Report, plain, versions
from validate.runner import Progress, Runner, as_cell
from validate.stored import CONFIG, read_config, require_trust, suite_of, write_config, write_json
from validate.suite import Suite


def run_suite(
    suite: Suite,
    out: Path,
    *,
    claims: Iterable[str] | None = None,
    engine: str = "local",
    progress: Progress | None = None,
) -> Report:
    """Run a suite in a directory and write everything there; a run of another kind is set aside first.

    Files: ``config.json`` (all that is needed to repeat the run), ``cells/*.parquet`` (trajectories),
    ``experiments.json`` (what they are and what the theory predicts), ``verdicts.parquet``,
    ``verdicts.json``, ``verdicts.md``, ``verdicts.tex``. Cells that are finished are taken as they are, so
    a second call goes on where the first was stopped. With some claims only, what none of them reads is neither
    run nor listed.
    """
    from empirics import problems

    names = check_names(claims)
    if not suite.tables:
        raise InputError("CONFIG", None, "the suite has no experiments", "add a table, or name a problem")
    for spec in dict.fromkeys(table["problem"] for _, table in suite.tables if "problem" in table):
        problems.require_same(spec, elsewhere=True)
    experiments = suite.experiments(kinds_read(names))
    require_affordable(experiments)
    questions(experiments, names)
    config = suite.to_dict() | {"claims": list(names), "versions": versions()}
    with locked(out):
        for folder in (out, *out.glob("previous/*")):
            collect(folder)
        _set_aside(out, config)
        write_config(out, config)
        write_index(out, [e.to_dict(_identity(e)) for e in experiments])
        verdicts = examine(experiments, Runner(out, engine, progress), names, suite.error)
        report = Report(
            tuple(verdicts), identifier(config), _problems(experiments), suite.seed, suite.error, versions()
        )
        _write_report(out, report)
    return report


def resume(
    out: Path,
    *,
    engine: str = "local",
    progress: Progress | None = None,
    problems: Iterable[str] = (),
    trust: bool = False,
) -> Report:
    """Go on with the run of a directory, as its ``config.json`` says.

    Parameters
    ----------
    out : Path
        The run directory.
    engine, progress
        As for :func:`run_suite`.
    problems : iterable of str
        The problems ``package.module:factory`` of the run that may be imported.
    trust : bool
        Import all that the directory names.

    Raises
    ------
    InputError
        When there is no run in the directory, it is damaged, or it names code that the caller does not.
    """
    config = read_config(out)
    suite = suite_of(config)
    if not trust:
        require_trust("resume", suite, tuple(problems))
    return run_suite(suite, out, claims=config["claims"], engine=engine, progress=progress)


def _write_report(out: Path, report: Report) -> None:
    write_json(out / "verdicts.json", report.to_dict())
    atomically(out / "verdicts.parquet", lambda path: report.to_frame().to_parquet(path))
    write_text(out / "verdicts.md", tables.markdown(report.verdicts))
    write_text(out / "verdicts.tex", tables.latex(report.verdicts))


def other_run(out: Path, config: dict[str, Any]) -> dict[str, Any] | None:
    """Return the configuration of the run in a directory, when it is not this one; None without a run."""
    if not (out / CONFIG).exists():
        return None
    try:
        old = read_config(out)
    except InputError as error:
        warnings.warn(f"{error.value}: {error.allowed}; it is written again", DamagedFile, stacklevel=4)
        return None
    return None if identifier(old) == identifier(plain(config)) else old


def _set_aside(out: Path, config: dict[str, Any]) -> None:
    """Move what another configuration has left in the directory, its cells apart, to ``previous``.

    The old configuration stays until the new one takes its place, so that the directory is that of a run at any
    time.
    """
    other = other_run(out, config)
    if other is not None:
        there = out / "previous" / identifier(other)
        make_directory(there)
        for file in (out / "experiments.json", out / "report.html", *out.glob("verdicts.*")):
            if file.exists():
                move(file, there / file.name)
        write_bytes(there / CONFIG, (out / CONFIG).read_bytes())


def identifier(config: dict[str, Any]) -> str:
    """Return a short name of a run that follows from its configuration."""
    text = json.dumps({key: value for key, value in config.items() if key != "versions"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _identity(experiment: Experiment) -> str | None:
    cell = as_cell(experiment)
    return None if cell is None else cell.identity


def _problems(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e.problem.spec for e in experiments))


def write_index(out: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write ``experiments.json``: a list of experiments, each with its checksum."""
    write_json(out / "experiments.json", [seal(plain(row)) for row in rows])
