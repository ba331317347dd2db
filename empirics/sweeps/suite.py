"""What a sweep is asked: grids of axes, read from TOML and checked against a schema before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from bounds import arguments
from bounds.errors import InputError, reason
from bounds.schema import COUNT, POSITIVE, mapping, require, several
from bounds.theory.algorithms import runnable
from bounds.theory.inner_steps import MOST

CHANGES = {
    **dict.fromkeys(("B", "D_in", "D_o", "D_h", "B_prime", "D_beta"), COUNT),
    **dict.fromkeys(("step_factor", "probe_length"), POSITIVE),
}
"""What may be changed of a recommended plan."""
_SEED = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_RUN = {
    "replicates": COUNT,
    "iterations": {"type": "integer", "minimum": 0, "maximum": 10**12},
    "every": COUNT,
    "exact": {"type": "boolean"},
}
"""How each cell is run, for the whole suite or for one grid."""
_DEFAULTS: Mapping[str, Any] = {"replicates": 64, "iterations": None, "every": 1, "exact": False}


@dataclass(frozen=True)
class Point:
    """One point of a grid: what one cell is asked for, before there is a plan.

    Attributes
    ----------
    problem, algorithm, theory, step : str
        ``step`` is a kind of step rule, or ``best`` for the cheapest.
    epsilon, alpha : float
    relative : bool
        Whether alpha is in units of 1/L.
    inner_steps : int
    change : tuple of (str, number)
        What is changed of the recommended plan.
    seed, replicates, every : int
    iterations : int, optional
        None for the plan's.
    exact : bool
    """

    problem: str
    algorithm: str
    theory: str
    step: str
    inner_steps: int
    alpha: float
    relative: bool
    epsilon: float
    change: tuple[tuple[str, float], ...]
    seed: int
    replicates: int
    iterations: int | None
    every: int
    exact: bool


@dataclass(frozen=True)
class SweepSuite:
    """Grids, whose cells are all combinations of the values of their axes.

    Attributes
    ----------
    title : str
    data : mapping
        The checked configuration, JSON-ready.
    """

    title: str
    data: Mapping[str, Any]

    def __post_init__(self) -> None:
        arguments.text("title", self.title)
        arguments.mapping("data", self.data, "what a sweep's TOML file says", "load(path) reads one")
        _require(self.data, self.title)

    def points(self) -> Iterator[Point]:
        """Yield the points of all grids, the seeds innermost: cells that differ in their seed are neighbours."""
        shared = {**_DEFAULTS, **{name: self.data[name] for name in _RUN if name in self.data}}
        for grid in self.data["grid"]:
            yield from _points({**shared, **grid})

    @property
    def problems(self) -> tuple[str, ...]:
        """The problems, each once."""
        return tuple(dict.fromkeys(spec for grid in self.data["grid"] for spec in _each(grid["problem"])))


def _points(grid: Mapping[str, Any]) -> Iterator[Point]:
    relative = "alpha" not in grid
    axes = (
        _each(grid["problem"]),
        _each(grid.get("algorithm", list(runnable()))),
        _each(grid.get("theory", "sharp")),
        _each(grid.get("step", "best")),
        _each(grid.get("inner_steps", 1)),
        _each(grid.get("alpha_L", 0.1) if relative else grid["alpha"]),
        [relative],
        _each(grid["epsilon"]),
        [tuple(sorted(change.items())) for change in _each(grid.get("plan", {}))],
        _seeds(grid.get("seeds", 1)),
    )
    run = (grid["replicates"], grid["iterations"], grid["every"], grid["exact"])
    return (Point(*(*values, *run)) for values in product(*axes))


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _seeds(value: int | Sequence[int]) -> Sequence[int]:
    return range(value) if isinstance(value, int) else list(value)


def schema() -> dict[str, Any]:
    """Return the JSON schema of a sweep's configuration."""
    axes = {
        "problem": several({"type": "string", "minLength": 1}),
        "algorithm": several({"enum": list(runnable())}),
        "theory": several({"enum": ["sharp", "paper"]}),
        "step": several({"enum": ["best", "sampled", "self-scaled", "constant"]}),
        "inner_steps": several({"type": "integer", "minimum": 1, "maximum": MOST}),
        "alpha_L": several(POSITIVE),
        "alpha": several(POSITIVE),
        "epsilon": several(POSITIVE),
        "plan": several(mapping(CHANGES)),
        "seeds": {
            "type": ["integer", "array"],
            "minimum": 1,
            "maximum": 10**7,
            "minItems": 1,
            "items": _SEED,
        },
    }
    grids = {"type": "array", "minItems": 1, "items": mapping({**axes, **_RUN}, ("problem", "epsilon"))}
    return mapping({"title": {"type": "string"}, **_RUN, "grid": grids}, ("grid",))


def load(source: str | Path | Mapping[str, Any]) -> SweepSuite:
    """Read a sweep's configuration: a TOML file, or the same as plain data.

    Raises
    ------
    InputError
        When there is no such file, it is not TOML, or an entry is unknown, missing or out of its range.
    """
    if isinstance(source, Mapping):
        return _checked(source, "the guide's page on sweeps")
    file = arguments.path("source", source, "must be a TOML file, or the same as a mapping")
    try:
        data = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("SUITE", str(source), "must be a TOML file", reason(error)) from error
    return _checked(data, str(source))


def _checked(data: Mapping[str, Any], name: str) -> SweepSuite:
    _require(data, name)
    return SweepSuite(str(data.get("title", Path(name).stem)), dict(data))


def _require(data: Mapping[str, Any], name: str) -> None:
    require(data, schema(), "SUITE", name, ("grid",))
    for grid in data["grid"]:
        if "alpha" in grid and "alpha_L" in grid:
            allowed = "at [[grid]]: alpha and alpha_L are two ways to say one thing"
            raise InputError("SUITE", grid["alpha_L"], allowed, "give one of them")
