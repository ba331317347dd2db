"""Suites: experiments by configuration. The shipped ones are TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bounds.errors import InputError
from bounds.plan import ALGORITHMS, Algorithm
from validate import design
from validate.experiment import Experiment
from validate.schema import check_suite, require_replicates

SHIPPED = Path(__file__).parent / "suites"


@dataclass(frozen=True)
class Suite:
    """What to run and how sure to be.

    Attributes
    ----------
    title : str
    tables : tuple of (str, mapping)
        Kind of experiment and its settings, in order.
    error : float
        Family-wise error.
    replicates, seed : int
    algorithms : tuple of str
    """

    title: str
    tables: tuple[tuple[str, Mapping[str, Any]], ...]
    error: float = 0.01
    replicates: int = 64
    seed: int = 0
    algorithms: tuple[Algorithm, ...] = ALGORITHMS
    directions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_replicates(self.replicates)

    def experiments(self, kinds: Collection[str] | None = None) -> list[Experiment]:
        """Return all experiments, or those of some kinds, each name once; none is made that is not wanted."""
        tables = self.tables if kinds is None else [row for row in self.tables if _made_by(row[0]) in kinds]
        return design.distinct(e for kind, table in tables for e in self._made(kind, table))

    def _made(self, kind: str, table: Mapping[str, Any]) -> list[Experiment]:
        known = self._known
        key = kind, repr(table)
        if key not in known:
            known[key] = list(_KINDS[kind](self, table))
        return known[key]

    @cached_property
    def _known(self) -> dict[tuple[str, str], list[Experiment]]:
        return {}

    def with_(self, **changes: Any) -> Suite:
        """Return a copy with what is not None changed."""
        return replace(self, **{key: value for key, value in changes.items() if value is not None})

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON-ready data."""
        return {
            "title": self.title,
            "error": self.error,
            "replicates": self.replicates,
            "seed": self.seed,
            "algorithms": list(self.algorithms),
            "tables": [[kind, dict(table)] for kind, table in self.tables],
        }


def shipped() -> tuple[str, ...]:
    """Return the names of the shipped suites."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.toml")))


def load(name: str | Path) -> Suite:
    """Read a suite: the name of a shipped one, or the path of a TOML file.

    Raises
    ------
    InputError
        When there is no such file, it is not TOML, or an entry is unknown or missing.
    """
    path = SHIPPED / f"{name}.toml" if str(name) in shipped() else Path(name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        allowed = f"must be one of {', '.join(shipped())}, or a TOML file"
        raise InputError("CONFIG", str(name), allowed, str(error)) from error
    return from_dict(data, str(name))


def from_dict(data: Mapping[str, Any], name: str = "suite") -> Suite:
    """Build a suite from plain data."""
    check_suite(data, name)
    rest = {key: value for key, value in data.items() if key not in _KINDS}
    tables = [(kind, table) for kind, rows in data.items() if kind in _KINDS for table in rows]
    algorithms = tuple(rest.pop("algorithms", ALGORITHMS))
    return Suite(tables=tuple(tables), algorithms=algorithms, **({"title": name} | rest))


def for_problem(specs: tuple[str, ...], epsilon: float | None) -> dict[str, Any]:
    """Return the tables for problems of the user: recommended plans and the plateau."""
    targets = {} if epsilon is None else {"epsilon": [epsilon]}
    return {
        "title": ", ".join(specs),
        "convergence": [{"problem": spec, **targets} for spec in specs],
        "plateau": [{"problem": spec} for spec in specs],
        "lemmas": [{"problem": spec} for spec in specs],
        "matrices": [{"problem": spec} for spec in specs],
        "estimators": [{"problem": spec} for spec in specs],
        "direction": [{"problem": spec} for spec in specs],
        "descent": [{"problem": spec} for spec in specs],
    }


def _made_by(table: str) -> str:
    """Return the kind of the experiments that a table of a suite stands for."""
    return "erratum-E3" if table == "recorded_delta" else table


def _settings(suite: Suite, table: Mapping[str, Any]) -> Iterator[design.Setting]:
    from empirics import problems

    problem = problems.from_spec(table["problem"])
    for reach in _many(table.get("alpha_L", 0.1)):
        yield design.Setting(
            problem=problem,
            alpha=reach / problem.constants().L,
            algorithms=suite.algorithms,
            directions=suite.directions,
            seed=suite.seed,
            replicates=table.get("replicates", suite.replicates),
        )


def _converging(kind: str) -> Callable[[Suite, Mapping[str, Any]], Iterator[Experiment]]:
    def make(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
        for setting in _settings(suite, table):
            for epsilon in _many(table.get("epsilon") or design.usual_epsilon(setting)):
                yield from design.convergence(setting, epsilon, table.get("theory", "sharp"), kind)

    return make


def _plateau(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
    for setting in _settings(suite, table):
        yield from design.plateau(setting, table.get("iterations", design.LONG), **table.get("batches", {}))


def _recorded_delta(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
    for setting in _settings(suite, table):
        if "hf-maml" in suite.algorithms:
            yield from design.recorded_delta(setting, table.get("iterations", 3 * design.LONG))


def _pointwise(kind: str) -> Callable[[Suite, Mapping[str, Any]], Iterator[Experiment]]:
    def make(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
        for setting in _settings(suite, table):
            yield from design.pointwise(setting, kind)

    return make


def _directions(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
    for setting in _settings(suite, table):
        yield from design.directions(setting, table.get("draws", 20_000), **table.get("batches", {}))


def _descents(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
    from validate import onestep

    for setting in _settings(suite, table):
        yield from onestep.experiments(setting, table.get("draws", onestep.DRAWS), table.get("exact", False))


def _falsify(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
    for setting in _settings(suite, table):
        for experiment in design.pointwise(setting, "falsify"):
            yield replace(experiment, labels={"rounds": table.get("rounds", 300)})


def _batches(suite: Suite, table: Mapping[str, Any]) -> Iterator[Experiment]:
    if table["algorithm"] not in suite.algorithms:
        return
    for setting in _settings(suite, table):
        for name, sizes in table["sizes"].items():
            yield from design.batch_sweep(
                setting, table["algorithm"], name, sizes, table["base"], table["iterations"]
            )


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


_KINDS: Mapping[str, Callable[[Suite, Mapping[str, Any]], Iterator[Experiment]]] = {
    "convergence": _converging("convergence"),
    "iterations": _converging("iterations"),
    "plateau": _plateau,
    "recorded_delta": _recorded_delta,
    "batches": _batches,
    "lemmas": _pointwise("lemmas"),
    "errata": _pointwise("errata"),
    "rates": _pointwise("rates"),
    "cost": _pointwise("cost"),
    "falsify": _falsify,
    "estimators": _pointwise("estimators"),
    "matrices": _pointwise("matrices"),
    "direction": _directions,
    "descent": _descents,
}
