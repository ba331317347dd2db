"""Suites: experiments by configuration. The shipped ones are TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bounds import arguments
from bounds.errors import InputError, nearest, reason, unknown
from bounds.plan import Algorithm
from bounds.theory.algorithms import runnable
from validate import design
from validate.claim import Kind, kinds, of_anyone
from validate.experiment import Experiment
from validate.schema import SEVERAL, check_suite, require_replicates, several, usual_reach

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
        Probability of any false VIOLATED.
    replicates, seed : int
    algorithms : tuple of str
    """

    title: str
    tables: tuple[tuple[str, Mapping[str, Any]], ...]
    error: float = 0.01
    replicates: int = 64
    seed: int = 0
    algorithms: tuple[Algorithm, ...] = field(default_factory=runnable)
    directions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        arguments.text("title", self.title)
        object.__setattr__(self, "tables", _tables(self.tables))
        arguments.probability("error", self.error)
        require_replicates(self.replicates)
        arguments.count("seed", self.seed, 0)
        object.__setattr__(self, "algorithms", arguments.names("algorithms", self.algorithms))
        arguments.mapping("directions", self.directions, "the name of an algorithm to what claims to be it")

    def experiments(self, wanted: Collection[str] | None = None) -> list[Experiment]:
        """Return all experiments, or those of some kinds, each name once; none is made that is not wanted."""
        tables = self.tables if wanted is None else [row for row in self.tables if made_by(row[0]) in wanted]
        return design.distinct(e for kind, table in tables for e in self._made(kind, table))

    def _made(self, kind: str, table: Mapping[str, Any]) -> list[Experiment]:
        known = self._known
        key = kind, repr(table)
        if key not in known:
            made = kinds()[kind].experiments
            known[key] = [one for setting in self._at(table) for one in made(setting, table)]
        return known[key]

    def _at(self, table: Mapping[str, Any]) -> Iterator[design.Setting]:
        """Yield the setting of a table at each of its inner steps; what is asked for again is the same object."""
        from empirics import problems

        steps = int(table.get("inner_steps", 1))
        for reach in several(table.get("alpha_L", usual_reach(steps))):
            key = table["problem"], reach, table.get("replicates", self.replicates), steps
            if key not in self._settings:
                problem = problems.from_spec(table["problem"])
                self._settings[key] = design.Setting(
                    problem=problem,
                    alpha=reach / problem.constants().L,
                    algorithms=self.algorithms,
                    directions=self.directions,
                    seed=self.seed,
                    replicates=key[2],
                    inner_steps=steps,
                )
            yield self._settings[key]

    @cached_property
    def _settings(self) -> dict[tuple[str, float, int, int], design.Setting]:
        return {}

    @cached_property
    def _known(self) -> dict[tuple[str, str], list[Experiment]]:
        return {}

    def with_(self, **changes: Any) -> Suite:
        """Return a copy with what is not None changed."""
        return replace(self, **{key: value for key, value in changes.items() if value is not None})

    def with_inner_steps(self, inner_steps: int | None) -> Suite:
        """Return the tables that are made for several inner steps, with so many; None: all as they are."""
        if inner_steps is None:
            return self
        rows = ((kind, table) for kind, table in self.tables if kinds()[kind].several)
        return replace(
            self, tables=tuple((kind, {**table, "inner_steps": inner_steps}) for kind, table in rows)
        )

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


def _tables(given: object) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    allowed = "must be pairs: the kind of experiments, and a mapping of their settings"
    found = []
    for row in arguments.listed(
        "tables", given, allowed, 'such as [("convergence", {"problem": "plateau", "epsilon": 0.1})]'
    ):
        if not (isinstance(row, tuple | list) and len(row) == 2 and isinstance(row[1], Mapping)):
            raise InputError("tables", row, allowed)
        if not isinstance(row[0], str) or row[0] not in kinds():
            raise unknown("tables", row[0], kinds())
        found.append((row[0], row[1]))
    return tuple(found)


def made_by(table: str) -> str:
    """Return the kind of the experiments that a table of a suite stands for."""
    return kinds()[table].name


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
    file = arguments.path("name", name, f"must be one of {', '.join(shipped())}, or a TOML file")
    path = SHIPPED / f"{name}.toml" if file in shipped() else Path(file)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        allowed = f"must be one of {', '.join(shipped())}, or a TOML file"
        raise InputError("CONFIG", str(name), allowed, nearest(name, shipped()) or reason(error)) from error
    return from_dict(_completed(data) if str(name) in shipped() else data, str(name))


def _completed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shipped suite with the usual tables of the kinds that it does not know: those of others."""
    usual = {name: list(kind.usual) for name, kind in kinds().items() if kind.usual}
    return dict(data) | {name: rows for name, rows in usual.items() if name not in data}


def from_dict(data: Mapping[str, Any], name: str = "suite") -> Suite:
    """Build a suite from plain data."""
    check_suite(data, name)
    rest = {key: value for key, value in data.items() if key not in kinds()}
    tables = [(kind, table) for kind, rows in data.items() if kind in kinds() for table in rows]
    algorithms = tuple(rest.pop("algorithms", runnable()))
    return Suite(tables=tuple(tables), algorithms=algorithms, **({"title": name} | rest))


def for_problem(specs: tuple[str, ...], epsilon: float | None, claims: Iterable[str] = ()) -> dict[str, Any]:
    """Return the tables for problems of the user: what is asked of everyone's, and what named claims need."""
    asked = {"title": ", ".join(specs)}
    return asked | {
        name: [{"problem": spec} | _target(kind, epsilon) for spec in specs]
        for name, kind in of_anyone(claims).items()
    }


def _target(kind: Kind, epsilon: float | None) -> dict[str, Any]:
    if epsilon is None or "epsilon" not in kind.entries:
        return {}
    return {"epsilon": [epsilon] if kind.entries["epsilon"] == SEVERAL else epsilon}
