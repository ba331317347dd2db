"""Where directions are put to the test: large inner steps, tiny batches, correlated noise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bounds.plan import Algorithm
from empirics import problems
from empirics.algorithms import Direction
from validate import design
from validate.experiment import Experiment
from validate.power.parts import LENGTH

REACH = 0.4
BENCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "ripple:dim=2,n_tasks=6,sigma=1,sigma_tilde=1,sigma_H=2,rho=2,oracle=one-sided",
        {"B": 3, "D_in": 1, "D_o": 1, "D_h": 1},
    ),
    ("ripple:dim=3,n_tasks=5,sigma=0.5,sigma_tilde=0.5,seed=1", {"B": 4, "D_in": 2, "D_o": 16, "D_h": 4}),
)


def experiments(
    algorithm: Algorithm, direction: Direction | None = None, seed: int = 0, batches: int = 20_000
) -> Iterator[Experiment]:
    """Return the tests of one direction that claims to be an algorithm."""
    for number, (spec, sizes) in enumerate(BENCHES):
        problem = problems.from_spec(spec)
        setting = design.Setting(problem, REACH / problem.constants().L)
        plan = design.bare_plan(setting, algorithm, LENGTH, **sizes)
        yield Experiment(
            name=f"direction/{number}/{algorithm}",
            kind="direction",
            problem=problem,
            plan=plan,
            direction=direction,
            seed=seed,
            labels={"batches": batches},
        )
