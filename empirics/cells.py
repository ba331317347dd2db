"""A cell: one simulation, described completely by plain data, with an identity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from bounds import arguments
from bounds.assurance import Assurance
from bounds.constants import Constants
from bounds.errors import InputError
from bounds.plan import Plan, StepRule, require_plan
from empirics import algorithms, checks
from empirics.identity import direction_identity, made, problem_identity, require_as_imported
from empirics.measure import columns, measure_block, recorded_iterations
from empirics.provenance import versions
from empirics.run import Run
from empirics.simulation import starting_points

FORMAT = 7
"""Number of the meaning of a stored cell: raised when the same configuration gives other numbers."""


@dataclass(frozen=True)
class Cell:
    """One simulation as plain data; its result is :func:`simulate` of the same arguments.

    Attributes
    ----------
    problem : str
        Specification of the problem, ``family:key=value,...`` or ``package.module:factory``.
    plan : Plan
        Hyperparameters.
    direction : str, optional
        Name of the algorithm, or ``package.module:callable``. Default: the plan's.
    replicates, seed, iterations, exact, experiment, every
        As for :func:`simulate`.
    start : tuple of float, optional
        Starting point. Default: the problem's.
    """

    problem: str
    plan: Plan
    direction: str | None = None
    replicates: int = 64
    seed: int = 0
    iterations: int | None = None
    exact: bool = False
    experiment: str = "run"
    every: int = 1
    start: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        require_plan("plan", self.plan)
        for name, default in (("direction", self.plan.algorithm), ("iterations", self.plan.iterations)):
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        self._require_names()
        for name, least in (("replicates", 1), ("seed", 0), ("iterations", 0), ("every", 1)):
            object.__setattr__(self, name, checks.count(name, getattr(self, name), least))
        object.__setattr__(self, "exact", arguments.flag("exact", self.exact))
        if self.start is not None:
            object.__setattr__(self, "start", _numbers(self.start))

    def _require_names(self) -> None:
        """Refuse what is no name: a cell is plain data, which another process can be given."""
        arguments.text(
            "problem", self.problem, "must be the specification of a problem", "that of one is problem.spec"
        )
        arguments.text(
            "direction", self.direction, "must be a name: of an algorithm, or package.module:callable"
        )
        arguments.text("experiment", self.experiment)

    def config(self) -> dict[str, Any]:
        """Return everything that decides the numbers, as JSON-ready data."""
        own = {
            "problem": problem_identity(self.problem),
            "direction": direction_identity(self._direction, self.plan),
        }
        made_with = {name: versions()[name] for name in ("fosp", "numpy", "torch")}
        data = {field.name: getattr(self, field.name) for field in fields(self)} | {"plan": self.plan.plain}
        return data | {"format": FORMAT, "versions": made_with, "own": own}

    @cached_property
    def identity(self) -> str:
        """SHA-256 of the canonical JSON of the configuration."""
        try:
            text = json.dumps(self.config(), sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError("cell", self.problem, "must be plain finite data", str(error)) from error
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def recorded(self) -> np.ndarray:
        """The iterations that are recorded."""
        return recorded_iterations(self._horizon, self.every)

    def blocks(self) -> list[range]:
        """Return the blocks of replicates, the pieces in which the cell is computed."""
        return self.run().blocks(1 if self.exact else self.replicates)

    def compute(self, rows: range) -> np.ndarray:
        """Compute one of the blocks: ``(replicates, recorded, 3)``."""
        return measure_block(self.run(), rows, self.starts(), self.recorded)

    def starts(self) -> Tensor:
        """Return the starting point, ``(1, dim)``."""
        start = None if self.start is None else np.asarray(self.start)
        return starting_points(made(self.problem)[0], start, self.replicates)

    def columns(self, blocks: list[np.ndarray]) -> dict[str, np.ndarray]:
        """Put the computed blocks, in order, together to the columns of the table that `simulate` returns."""
        table = np.concatenate(blocks)
        return columns(np.repeat(table, self.replicates, axis=0) if self.exact else table, self.recorded)

    def frame(self, blocks: list[np.ndarray]) -> pd.DataFrame:
        """Return the table that `simulate` returns."""
        return pd.DataFrame(self.columns(blocks))

    def work(self, rows: range) -> int:
        """Replicate-steps of a block, for progress."""
        return len(rows) * max(1, self._horizon)

    def require_same_code(self) -> None:
        """Raise RuntimeError when this process has other code behind the cell than the one that asks for it."""
        if replace(self).identity != self.identity:
            raise RuntimeError(
                "the worker has another version of the module of the problem or the direction, or its factory "
                "makes other data each time"
            )

    @property
    def width(self) -> int:
        """Coordinates that one step of a block computes, its padding included."""
        run = self.run()
        shapes = run.layout()
        return shapes.replicates * sum(shapes.slices) * run.problem.dim

    @property
    def _horizon(self) -> int:
        return checks.count("iterations", self.iterations, 0)

    @property
    def _direction(self) -> str:
        return self.direction or self.plan.algorithm

    def run(self) -> Run:
        """Return the run that the cell describes, set up."""
        require_as_imported(self.problem, self._direction)
        direction = algorithms.by_name(self._direction, self.plan)
        return Run.make(made(self.problem)[0], self.plan, direction, self.seed, self.experiment, self.exact)


def _numbers(start: Any) -> tuple[float, ...]:
    given = checks.points("start", start)
    if given.ndim != 1:
        raise InputError("start", tuple(given.shape), "must have the shape (dim,)")
    return tuple(given.tolist())


def plan_from_dict(data: dict[str, Any]) -> Plan:
    """Rebuild a plan from what :meth:`Plan.to_dict` returned (derived entries are ignored).

    Raises
    ------
    InputError
        When the data are not a plan of this version.
    """
    arguments.mapping("data", data, "the fields of a plan to their values", "Plan.to_dict() returns them")
    own = {field.name: data[field.name] for field in fields(Plan) if field.name in data}
    try:
        rule = own.get("step_rule")
        known = {"standing": data.get("constants_status", {}), "observed": data.get("constants_observed", {})}
        own["constants"] = Constants(**own["constants"], **known)
        own["step_rule"] = rule and StepRule(**rule)
        own["uses"] = tuple(own.get("uses", ()))
        told = own.get("assurance")
        own["assurance"] = told and Assurance(**told | {"statements": tuple(told["statements"])})
        return Plan(**own)
    except (KeyError, TypeError) as error:
        allowed = f"is not a plan of this version: {error}"
        raise InputError("plan", sorted(data), allowed, "run it again with this version") from error
