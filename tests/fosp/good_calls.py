"""A good call of everything public, small enough to be made a thousand times, and what nobody should pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

import empirics.problems as families
from bounds import Constants, Plan, StepRule, explain, recommend, statement, statements
from bounds.recommendation import Cost, best_for_batches, best_for_samples, halved, pareto, recommend_table
from empirics import Cell, Store
from empirics.estimation.estimated import Estimate
from empirics.estimation.timing import Prices
from empirics.sweeps import SweepSuite
from empirics.sweeps import load as load_sweep
from validate.audit.auditing import audit
from validate.suite import Suite
from validate.suite import load as load_suite

ROOMS = ("bounds", "empirics", "validate", "figures", "empirics.problems", "bounds.recommendation")
SWEEP = {
    "grid": [{"problem": "plateau", "epsilon": 2.0, "iterations": 1, "replicates": 1, "algorithm": "maml"}]
}
CLAIM = "sharp.gradient-relation"
QUICK = {"tasks": 2, "points": 4, "rounds": 1, "seconds": 1e-3}
NOT_CALLED = {
    "InputError": "is what is raised",
    "DomainError": "is what is raised",
    "CellError": "is what is raised",
    "Status": "has the values of an enumeration",
    "Problem": "is abstract",
    "Verdict": "is what is returned, and takes what it is given",
    "Report": "is what is returned, and takes what it is given",
    "Made": "is what is returned, and takes what it is given",
    "Family": "is what is returned, and takes what it is given",
    "Parameter": "is what is returned, and takes what it is given",
    "OwnProblem": "is made by own_problem, which looks at what it is given",
}
"""What of the public names needs no good call, and why."""


@dataclass(frozen=True)
class Call:
    """A function, and arguments that it takes."""

    function: Callable[..., Any]
    good: Mapping[str, Any]

    def __call__(self, **changed: Any) -> Any:
        """Make the call, some arguments changed."""
        return self.function(**{**self.good, **changed})

    @property
    def arguments(self) -> dict[str, bool]:
        """The names of all that can be given, and whether nothing (None) may be."""
        known = inspect.signature(self.function).parameters.values()
        named = [one for one in known if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
        return dict.fromkeys(self.good, False) | {one.name: one.default is None for one in named}


@dataclass(frozen=True)
class Things:
    """What good calls are made of."""

    problem: Any
    constants: Constants
    plan: Plan
    sure: Plan


@cache
def things() -> Things:
    """Return a problem, its constants, and two plans for it."""
    problem = families.from_spec("plateau:sigma_tilde=0.3")
    constants = problem.constants(0.1)
    plan = recommend(constants, 2.0, "maml", alpha=0.1, fixed={"B": 2, "D_in": 1})
    return Things(problem, constants, plan, recommend(constants, 3.0, alpha=0.1, confidence=0.5))


def loss(w: Any, x: Any) -> Any:
    """Return the loss of a point."""
    return ((w - x) ** 2).sum() + torch.cos(w[0])


def sampler(rng: np.random.Generator, points: int) -> tuple[np.ndarray]:
    """Draw a task."""
    return (rng.standard_normal((points, 2)),)


def model() -> Any:
    """Return a model of two weights."""
    return import_module("empirics").own_model(torch.ones(2), loss, DATA)


def stepped(w: Any, tasks: Any, alpha: float, beta: float) -> Any:
    """Do nothing."""
    return w


def unlike(one: Any, two: Any, three: Any, four: Any, five: Any) -> None:
    """Take more than anything here passes on."""


def told(*args: Any) -> None:
    """Hear of progress."""


DATA = [(np.linspace(0, 1, 8).reshape(4, 2) + k,) for k in range(2)]
DECLARED = {
    name: families.certified(1.0) for name in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
}
FRAME = pd.DataFrame({"task": [0, 0, 1, 1], "x": [0.0, 1.0, 2.0, 3.0]})


@cache
def found() -> Estimate:
    """Return an estimate."""
    return import_module("empirics").estimate(model, **QUICK)


def of_theory(folder: Path) -> dict[str, Call]:
    """Return those of ``bounds``."""
    c, plan = things().constants, things().plan
    numbers = dict.fromkeys(("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"), 1.0)
    st = "sharp.plateau.upper"
    asked = {"constants": c, "epsilon": 2.0, "alpha": 0.1}
    sizes = {"step_factor": 0.1, "step_rule": plan.step_rule, "B": 2, "iterations": 3, "probe_length": 1.0}
    table = {**numbers, "epsilon": 2.0, "alpha": 0.1, "algorithm": "maml"}
    more = {"fixed": {"B": 2}, "step": "self-scaled", "depth": 0, "theory": "sharp", "inner_steps": 1}
    return {
        "Constants": Call(Constants, {**numbers, "standing": {"L": "declared"}, "observed": {"L": 0.5}}),
        "Constants.known_as": Call(c.known_as, {"standing": "declared"}),
        "Constants.confronted": Call(c.confronted, {"observed": {"L": 0.5}}),
        "StepRule": Call(StepRule, {"kind": "sampled", "smoothness": 1.0, "slope": 1.0}),
        "Plan": Call(
            Plan,
            {"algorithm": "maml", "theory": "sharp", **asked, "feasible": True, "reason": "", "binding": ""}
            | sizes,
        ),
        "Plan.with_": Call(plan.with_, {"B": 3}),
        "Cost": Call(Cost, {"inner": 1.0}),
        "recommend": Call(recommend, {**asked, "fixed": {"B": 2}, "depth": 0, "confidence": 0.5}),
        "recommend_table": Call(recommend_table, {"given": table, "fixed": {"B": 2}}),
        "halved": Call(halved, {"plan": plan}),
        "pareto": Call(pareto, {**asked, "rows": 2, **more}),
        "best_for_samples": Call(best_for_samples, {"constants": c, "samples": 1e6, "alpha": 0.1}),
        "best_for_batches": Call(best_for_batches, {"constants": c, "fixed": {"D_in": 5}, "alpha": 0.1}),
        "statement": Call(statement, {"name": st}),
        "statements": Call(statements, {}),
        "explain": Call(explain, {"name": st, "values": {"L": 1.0, "sigma": 1.0, "alpha": 0.1}}),
    }


def of_runs(folder: Path) -> dict[str, Call]:
    """Return those of ``empirics`` that run something, or read what was run."""
    rooms, p, plan = import_module("empirics"), things().problem, things().plan
    both = {"problem": p, "plan": plan}
    run = {"replicates": 2, "iterations": 1}
    cell = Cell("plateau", plan, **run)
    store = Store(folder / "store")
    at = {"w": torch.zeros(1), "direction": None, **both}
    sweep = {"suite": SWEEP, "out": folder / "sweep", "engine": "serial", "resume": True}
    if not (folder / "sweep").exists():
        rooms.run_sweep(SWEEP, folder / "sweep", engine="serial")
    return {
        "simulate": Call(rooms.simulate, {**both, **run}),
        "trajectory": Call(rooms.trajectory, {**both, **run}),
        "estimate_direction_moments": Call(rooms.estimate_direction_moments, {**at, "n": 2}),
        "measure_cost": Call(rooms.measure_cost, both),
        "seconds_per_iteration": Call(rooms.seconds_per_iteration, {**both, "iterations": 1, "repeats": 1}),
        "returned": Call(rooms.returned, {"problem": p, "plan": things().sure}),
        "algorithms.by_name": Call(rooms.algorithms.by_name, {"name": "maml", "plan": plan}),
        "algorithms.for_plan": Call(rooms.algorithms.for_plan, {"plan": plan}),
        "algorithms.hf_maml": Call(rooms.algorithms.hf_maml, {"probe_length": 0.1}),
        "Cell": Call(Cell, {"problem": "plateau", "plan": plan, **run}),
        "cells.plan_from_dict": Call(rooms.cells.plan_from_dict, {"data": plan.to_dict()}),
        "Store": Call(Store, {"path": folder / "store"}),
        "Store.get": Call(store.get, {"cell": cell}),
        "Store.put": Call(store.put, {"cell": cell, "frame": cell.frame([cell.compute(range(2))])}),
        "Store.failure": Call(store.failure, {"cell": cell}),
        "Store.provenance": Call(store.provenance, {"cell": cell}),
        "run_cells": Call(rooms.run_cells, {"cells": [cell], "engine": "serial"}),
        "run_sweep": Call(rooms.run_sweep, sweep),
        "read_sweep": Call(rooms.read_sweep, {"out": folder / "sweep"}),
        "empirics.sweeps.load": Call(load_sweep, {"source": SWEEP}),
        "SweepSuite": Call(SweepSuite, {"title": "a sweep", "data": SWEEP}),
    }


def of_models(folder: Path) -> dict[str, Call]:
    """Return those on a model of one's own."""
    rooms = import_module("empirics")
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    pairs = [(x, x) for (x,) in DATA]
    own = {"model": net, "loss": nn.functional.mse_loss, "tasks": pairs}
    plans = {"names": ["maml"], "inner_steps": 1, "step": "self-scaled", "fixed": {"B": 2}, "theory": "sharp"}
    few = {name: QUICK[name] for name in ("tasks", "seconds")}
    return {
        "own_model": Call(rooms.own_model, own),
        "estimate": Call(rooms.estimate, {"target": model, **QUICK}),
        "advise": Call(
            rooms.advise, {"found": found(), "prices": Prices(None, 2.0), "epsilon": 2.0, **plans}
        ),
        "advise_on": Call(
            rooms.advise_on,
            {"target": model, "epsilon": 2.0, "hessian_cost": 2.0, "names": ["maml"], "path": 1, **QUICK},
        ),
        "measure_gradient": Call(rooms.measure_gradient, {"target": model, **few}),
    }


def of_problems(folder: Path) -> dict[str, Call]:
    """Return those on problems: each family with its first parameters, and one's own."""
    own = {"loss": loss, "tasks": DATA, "start": [0.0, 0.0], "constants": DECLARED}
    p, few = things().problem, {"evaluations": 2, "seed": 1}
    framed = {**own, "frame": FRAME, "task": "task", "columns": ["x"], "start": [0.0]}
    drawn = {**own, "sampler": sampler, "n_tasks": 2, "points": 3}
    mean = {"problem": p, "w": torch.zeros(1), "alpha": 0.1, "algorithm": "maml", "D_in": 1}
    plain = {
        one.__name__: Call(one, {})
        for one in vars(families).values()
        if inspect.isclass(one) and issubclass(one, families.Problem) and one.__name__ not in NOT_CALLED
    }
    return {
        **plain,
        "Certificate": Call(families.Certificate, {"value": 1.0, "formula": "L", "attained": False}),
        "certified": Call(families.certified, {"value": 1.0}),
        "estimated": Call(families.estimated, {"value": 1.0}),
        "certify": Call(families.certify, {"problem": p, **few}),
        "check_problem": Call(families.check_problem, {"problem": p, **few}),
        "confronted": Call(
            families.confronted, {"problem": p, "constants": things().constants.known_as("declared")}
        ),
        "families": Call(families.families, {}),
        "from_spec": Call(families.from_spec, {"text": "plateau"}),
        "mean_direction": Call(families.mean_direction, mean),
        "own_problem": Call(families.own_problem, own),
        "own_problem_from_frame": Call(
            families.own_problem_from_frame, {k: v for k, v in framed.items() if k != "tasks"}
        ),
        "own_problem_from_sampler": Call(
            families.own_problem_from_sampler, {k: v for k, v in drawn.items() if k != "tasks"}
        ),
        "require_same": Call(families.require_same, {"spec": "plateau"}),
    }


def of_claims(folder: Path) -> dict[str, Call]:
    """Return those of ``validate`` and of ``figures``."""
    checked = {"problem": things().problem, "epsilon": 2.0, "claims": ["cost"], "replicates": 8}
    tables = (("convergence", {"problem": "plateau", "epsilon": 2.0}),)
    return {
        "check": Call(import_module("validate").check, {**checked, "engine": "serial"}),
        "audit": Call(audit, {"target": stepped}),
        "falsify": Call(import_module("validate").falsify, {"claim": CLAIM, "rounds": 1, "restarts": 2}),
        "Suite": Call(Suite, {"title": "a suite", "tables": tables}),
        "validate.suite.load": Call(load_suite, {"name": "quick"}),
    }


def of_figures(folder: Path) -> dict[str, Call]:
    """Return those of ``figures``."""
    figures = import_module("figures")
    drawn = {"only": "step-moments", "out": folder / "figures", "formats": ["svg"]}
    return {"make": Call(figures.make, drawn), "names": Call(figures.names, {})}


GROUPS = (of_theory, of_runs, of_models, of_problems, of_claims, of_figures)
"""Good calls of everything public; what one writes, it writes into the folder that it is given."""


def junk() -> dict[str, Any]:
    """Return things of many kinds, each under a name."""
    known = things()
    return {
        "nothing": None, "a word": "maml", "no word": "", "a number": 3.0, "below zero": -1,
        "a large one": 10**400, "no number": float("nan"), "a complex number": 1j, "true": True,
        "bytes": b"x", "an object": object(),
        "a list": [1, 2], "words": ["maml"], "an empty list": [], "a set": {1}, "a generator": (one for one in ()),
        "a mapping": {"L": 1.0}, "numbers": {1: 2}, "a frame": FRAME, "an array": np.ones(3),
        "complex numbers": np.array([1j]), "a tensor": torch.ones(2), "a function": unlike, "a class": dict,
        "a problem": known.problem, "a class of problems": families.Plateau, "constants": known.constants,
        "a bound method": known.problem.unturned, "a plan": known.plan,
    }  # fmt: skip


def public() -> Iterator[str]:
    """Yield every public name that can be called."""
    for room in map(import_module, ROOMS):
        yield from (name for name in room.__all__ if callable(getattr(room, name)))
