"""Make the figures: from a run directory, or from nothing, in the order of a paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bounds import arguments
from bounds.errors import InputError, unknown
from bounds.files import write_text
from figures import gallery, saving, style, trust
from figures.asking import Asked
from figures.evidence import Evidence, MissingRunsError, collect, existing
from figures.figure import figures, number
from validate.experiment import require_affordable

Say = Callable[[str], Any]


@dataclass(frozen=True)
class Made:
    """What came of one figure.

    Attributes
    ----------
    name : str
    number : int
        Place in the paper.
    files : tuple of Path
        Pictures, data and caption; empty when the figure could not be made.
    missing, command : str
        What the run lacks, and the command that makes it; empty when the figure was made.
    """

    name: str
    number: int
    files: tuple[Path, ...] = ()
    missing: str = ""
    command: str = ""


def names() -> tuple[str, ...]:
    """Return the names of the figures, as ``--only`` takes them."""
    return tuple(figures())


def make(
    run: str | Path | None = None,
    only: str | Sequence[str] | None = None,
    out: str | Path | None = None,
    formats: Sequence[str] = saving.PICTURES,
    *,
    progress: Callable[[int, int], None] | None = None,
    say: Say | None = None,
    trust: bool = False,
    seed: int | None = None,
    replicates: int | None = None,
    problem: str | None = None,
) -> list[Made]:
    """Draw figures with their data and captions.

    Parameters
    ----------
    run : path, optional
        A run directory; figures whose experiments it lacks are reported as missing. Without it the experiments
        that the figures need are run, kept in ``out`` by their configuration, and taken from there next time.
    only : str or sequence of str, optional
        Names of figures. Default: all.
    out : path, optional
        Where the files go. Default: ``RUN/figures``, or ``figures-out`` without a run.
    formats : sequence of str
        Among svg, pdf, png.
    progress : callable, optional
        Called with the work done and the work in all while experiments run.
    say : callable, optional
        Called with the name of each figure before it is drawn.
    trust : bool
        Import the code, ``package.module:factory``, that the run directory names.
    seed, replicates : int, optional
        Of the experiments that are run; without a run directory only.
    problem : str, optional
        Draw this problem; figures that are about problems of their own are reported as missing.

    Returns
    -------
    list of Made
        In the order of the paper.
    """
    wanted, kinds = _wanted(only), saving.check_formats(formats)
    _require(progress, say, trust)
    run, out = (
        None if one is None else Path(arguments.path(name, one)) for name, one in (("run", run), ("out", out))
    )
    target = out or (Path("figures-out") if run is None else run / "figures")
    asked = Asked(seed, replicates, problem)
    if run is not None and asked.anything:
        raise InputError("RUN", str(run), "has been run already; leave it out to choose seed or problem")
    missing = {
        name: Made(name, number(name), missing=lacks, command=f"fosp figures --only {name}")
        for name in wanted
        if (lacks := asked.lacks(figures()[name]))
    }
    if len(missing) == len(wanted):
        return list(missing.values())
    evidence = _from_nothing(wanted, target, progress, asked) if run is None else existing(run, trust=trust)
    made = []
    for name in wanted:
        if say is not None:
            say(name)
        made.append(missing.get(name) or _one(name, evidence, target, kinds))
    if "png" in kinds:
        gallery.write([entry for entry in made if entry.files], target)
    return made


def _wanted(only: str | Sequence[str] | None) -> tuple[str, ...]:
    if only is None:
        return names()
    chosen = [only] if isinstance(only, str) else arguments.names("only", only)
    for name in chosen:
        if name not in names():
            raise unknown("only", name, names())
    return tuple(name for name in names() if name in chosen)


def _require(progress: Callable[[int, int], None] | None, say: Say | None, trust: bool) -> None:
    arguments.progress(progress)
    if say is not None:
        arguments.function("say", say, "name")
    arguments.flag("trust", trust)


def _from_nothing(
    wanted: Sequence[str], out: Path, progress: Callable[[int, int], None] | None, asked: Asked
) -> Evidence:
    needed = [e for name in wanted for e in asked.experiments(figures()[name])]
    require_affordable(needed)
    return collect(needed, out, progress)


def _one(name: str, evidence: Evidence, out: Path, formats: Sequence[str]) -> Made:
    figure = figures()[name]
    try:
        frame = evidence.once(figure.data)
    except MissingRunsError as missing:
        return Made(name, number(name), missing=missing.what, command=missing.command)
    stem = out / name
    with style.applied():
        files = saving.save_picture(figure.draw(frame), stem, formats)
    files += saving.save_data(frame, stem)
    files.append(write_text(stem.with_suffix(".txt"), trust.told(figure, evidence, frame)))
    for suffix, text in figure.texts(frame).items():
        files.append(write_text(stem.with_suffix(suffix), text))
    return Made(name, number(name), tuple(files))
