"""A run directory: configuration, cells, experiments and verdicts, written so that a killed run can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bounds.errors import InputError
from bounds.files import atomically, write_text
from validate import tables
from validate.examine import check_names, examine, kinds_read, questions
from validate.experiment import Experiment, require_affordable
from validate.report import Report, plain, versions
from validate.runner import Progress, Runner, as_cell
from validate.suite import Suite, from_dict

CONFIG = "config.json"


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
    for spec in dict.fromkeys(table["problem"] for _, table in suite.tables if "problem" in table):
        problems.require_same(spec, elsewhere=True)
    experiments = suite.experiments(kinds_read(names))
    require_affordable(experiments)
    questions(experiments, names)
    config = suite.to_dict() | {"claims": list(names), "versions": versions()}
    _set_aside(out, config)
    write_json(out / CONFIG, config)
    write_json(out / "experiments.json", [e.to_dict(_identity(e)) for e in experiments])
    verdicts = examine(experiments, Runner(out, engine, progress), names, suite.error)
    report = Report(
        tuple(verdicts), identifier(config), _problems(experiments), suite.seed, suite.error, versions()
    )
    write_json(out / "verdicts.json", report.to_dict())
    atomically(out / "verdicts.parquet", lambda path: report.to_frame().to_parquet(path))
    write_text(out / "verdicts.md", tables.markdown(report.verdicts))
    write_text(out / "verdicts.tex", tables.latex(report.verdicts))
    return report


def resume(out: Path, *, engine: str = "local", progress: Progress | None = None) -> Report:
    """Go on with the run of a directory, as its ``config.json`` says.

    Raises
    ------
    InputError
        When there is no run in the directory.
    """
    try:
        config = json.loads((out / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("resume", str(out), f"must be a run directory with {CONFIG}", str(error)) from error
    return run_suite(suite_of(config), out, claims=config["claims"], engine=engine, progress=progress)


def _set_aside(out: Path, config: dict[str, Any]) -> None:
    """Move what another configuration has left in the directory, its cells apart, to ``previous``."""
    try:
        old = identifier(json.loads((out / CONFIG).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return
    if old != identifier(plain(config)):
        (out / "previous" / old).mkdir(parents=True, exist_ok=True)
        for file in (out / CONFIG, out / "experiments.json", *out.glob("verdicts.*")):
            if file.exists():
                file.replace(out / "previous" / old / file.name)


def suite_of(config: dict[str, Any]) -> Suite:
    """Rebuild the suite of a run from its configuration."""
    plain_keys = ("title", "error", "replicates", "seed", "algorithms")
    data: dict[str, Any] = {key: config[key] for key in plain_keys}
    for kind, table in config["tables"]:
        data.setdefault(kind, []).append(table)
    return from_dict(data)


def identifier(config: dict[str, Any]) -> str:
    """Return a short name of a run that follows from its configuration."""
    text = json.dumps({key: value for key, value in config.items() if key != "versions"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _identity(experiment: Experiment) -> str | None:
    cell = as_cell(experiment)
    return None if cell is None else cell.identity


def _problems(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(e.problem.spec for e in experiments))


def write_json(path: Path, data: Any) -> None:
    """Write JSON whole or not at all; what is not finite becomes null."""
    text = json.dumps(plain(data), indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, text)
