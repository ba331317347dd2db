"""Whether a factory gives the same problem at every call, here and in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch

from bounds import arguments
from bounds.errors import InputError
from empirics.differentiation import differentiable
from empirics.digest import digest
from empirics.problems.base import Problem
from empirics.problems.spec import from_spec
from empirics.threads import one_thread

POINTS = 4
REMEDY = (
    "draw from a seeded generator, np.random.default_rng(0), inside the factory, and keep to an order that does "
    "not depend on sets or files"
)


def require_same(spec: str, *, elsewhere: bool = False) -> None:
    """Call a factory again, and with ``elsewhere`` in another process as well; refuse one that is not the same.

    Parameters
    ----------
    spec : str
        ``package.module:factory``; a family is the same by construction and is let through.
    elsewhere : bool
        Whether the problem will be built by other processes too.

    Raises
    ------
    InputError
        With what differs.
    """
    arguments.flag("elsewhere", elsewhere)
    arguments.text("spec", spec, "must be a specification: package.module:factory")
    if not spec.partition(":")[2].isidentifier():
        return
    first = traits_of(spec)
    _require(spec, first, traits_of(spec), "called twice")
    if elsewhere:
        _require(spec, first, _traits_elsewhere(spec), "called here and in another process")


def traits_of(spec: str) -> dict[str, str]:
    """Build a problem and return the digests of what it shows."""
    with one_thread(), differentiable():
        return {name: digest(value) for name, value in _traits(from_spec(spec))}


def _traits_elsewhere(spec: str) -> dict[str, str]:
    from empirics.engines.base import Failure
    from empirics.engines.local import LocalProcesses

    ((_, other),) = LocalProcesses(1).map(traits_of, [spec])
    if isinstance(other, Failure):
        raise InputError("problem", spec, "must be buildable in another process", other.reason)
    return dict(other)


def _require(spec: str, first: Mapping[str, str], second: Mapping[str, str], when: str) -> None:
    differs = [name for name, seen in first.items() if second.get(name) != seen]
    if differs:
        told = (
            f"must give the same problem at every call; {when}, it differs in its {' and its '.join(differs)}"
        )
        raise InputError("problem", spec, told, REMEDY)


def _traits(problem: Problem) -> Iterator[tuple[str, object]]:
    """Yield what a problem shows, causes first; values that follow from what differs already may differ too."""
    yield "size", (problem.dim, problem.n_tasks)
    yield "starting point", problem.start.numpy()
    constants = problem.certificates()
    yield "constants", sorted((name, c.value) for name, c in constants.items() if name != "Delta")
    rng, tasks = np.random.default_rng(0), torch.arange(problem.n_tasks)
    w = torch.from_numpy(rng.standard_normal((POINTS, 1, problem.dim)))
    batch = torch.from_numpy(problem.sample(np.random.default_rng(0), tasks.expand(POINTS, -1).numpy(), 2))
    losses, gradients = problem.loss(tasks, w), problem.gradient(tasks, w)
    yield "task losses", (losses.numpy(), gradients.numpy())
    noisy = problem.gradient(tasks, w, batch)
    yield "samples", (batch.numpy(), (noisy - gradients).numpy())
