"""What a name of the user's stands for: the files behind it, and what they make."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from bounds.plan import Plan
from empirics import algorithms, problems
from empirics.digest import digest
from empirics.importing import require_unedited, sources_behind, split
from empirics.problems.base import Problem
from empirics.problems.spec import found

FEW = 64
"""Tasks whose derivatives are looked at."""


@lru_cache(maxsize=16)
def made(spec: str) -> tuple[Problem, str | None]:
    """Build a problem, once in a process, and tell what it is by the digest of what it is made of.

    The digest of a problem of the user covers its data, its constants, its start, the code of its functions
    with what they close over, and, to six digits, the values of its loss, its derivatives and its noise at
    fixed points. A built-in family is told by its specification, and has None.
    """
    problem = problems.from_spec(spec)
    return problem, None if _module(spec) is None else digest([_parts(problem), list(_probes(problem))])


def problem_identity(spec: str) -> dict[str, Any] | None:
    """Return what stands behind the name of a problem; None for a built-in family."""
    module = _module(spec)
    return None if module is None else {"files": sources_behind(module), "digest": made(spec)[1]}


def _module(spec: str) -> str | None:
    """Return the module of a factory, or of a family of the user's; None for a built-in family."""
    named = split(spec)
    if named is not None:
        return named[0]
    family = found().get(spec.partition(":")[0])
    ours = family is None or family.__module__.startswith(f"{problems.__name__}.")
    return None if ours else family.__module__


def direction_identity(name: str, plan: Plan) -> dict[str, Any] | None:
    """Return what stands behind the name of a direction; None for a built-in one."""
    named = split(algorithms.behind(name))
    if named is None:
        return None
    return {"files": sources_behind(named[0]), "digest": digest(algorithms.by_name(name, plan))}


def require_as_imported(problem: str, direction: str) -> None:
    """Refuse to compute with modules that were edited since this process imported them; raise InputError."""
    require_unedited("problem", problem)
    require_unedited("direction", algorithms.behind(direction))


def _parts(problem: Problem) -> Any:
    """Return the problem if its fields define it; of one that keeps its state itself, what it shows."""
    if hasattr(problem, "__dataclass_fields__"):
        return problem
    return {name: value for name, value in vars(problem).items() if not name.startswith("_")}


def _probes(problem: Problem) -> Iterator[str]:
    """Look at the problem from outside, whatever it is made of."""
    yield from (f"{name} {constant.value!r}" for name, constant in sorted(problem.certificates().items()))
    rng = np.random.default_rng(0)
    numbers = np.unique(np.linspace(0, problem.n_tasks - 1, min(FEW, problem.n_tasks)).astype(int))
    tasks, weights = torch.from_numpy(numbers), torch.from_numpy(rng.uniform(1, 2, len(numbers)))
    start = problem.start.double().cpu()
    for distance in (0.0, 1.0):
        w = (start + distance * torch.from_numpy(rng.standard_normal(problem.dim))).unsqueeze(0)
        batch = torch.from_numpy(np.asarray(problem.sample(np.random.default_rng(1), numbers, 2)))
        slope = problem.gradient(tasks, w)
        for seen in (
            problem.loss(tasks, w),
            slope.norm(dim=-1),
            problem.gradient(tasks, w, batch).norm(dim=-1),
            problem.hessian_vector(tasks, w, torch.ones_like(slope)).norm(dim=-1),
        ):
            yield f"{float((weights * seen.double().cpu()).sum()):.6g}"
