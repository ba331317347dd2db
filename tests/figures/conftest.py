"""Evidence that is quick to make: the figures' own experiments with few, short, small runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from figures import build
from figures.evidence import collect

ITERATIONS, REPLICATES, TASKS = 24, 5, 6


def shortened(experiment):
    """Return the experiment with few iterations, replicates and tasks."""
    plan = experiment.plan.with_(B=min(experiment.plan.B or TASKS, TASKS))
    return replace(
        experiment, plan=plan, iterations=min(ITERATIONS, experiment.horizon), replicates=REPLICATES
    )


def needed(name):
    return getattr(build.module_of(name), "experiments", list)()


@pytest.fixture(scope="session")
def evidence(tmp_path_factory, small_figures):
    path = tmp_path_factory.mktemp("run")
    experiments = [shortened(e) for name in build.names() if name != "table1" for e in needed(name)]
    return collect(experiments, path)


@pytest.fixture(scope="session")
def frames(evidence):
    return {name: build.module_of(name).data(evidence) for name in build.names()}


@pytest.fixture(scope="session", autouse=True)
def small_figures():
    """Fewer points where a figure computes more than it reads from runs."""
    from figures import cost, plateau_map, samples, step_moments

    patch = pytest.MonkeyPatch()
    patch.setattr(cost, "DIMENSIONS", (16, 32, 64, 128))
    patch.setattr(cost, "REPEATS", 3)
    patch.setattr(step_moments, "DRAWS", 4000)
    patch.setattr(step_moments, "SIZES", (1, 8, 64))
    patch.setattr(plateau_map, "REACHES", (0.02, 0.1))
    patch.setattr(plateau_map, "CURVATURES", (1.0, 20.0))
    patch.setattr(samples, "EPSILONS", tuple(10 ** (-k / 2) for k in range(1, 8)))
    patch.setattr(samples, "SMALLEST", 3)
    yield
    patch.undo()
