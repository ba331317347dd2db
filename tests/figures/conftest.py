"""Evidence that is quick to make: the figures' own experiments with few, short, small runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from browser import CHROMIUM, browsing

from empirics import Store, run_cells
from figures.evidence import collect
from figures.figure import figures
from validate.runner import as_cell

ITERATIONS, REPLICATES, TASKS = 24, 5, 6


def shortened(experiment):
    """Return the experiment with few iterations, replicates and tasks."""
    plan = experiment.plan.with_(B=min(experiment.plan.B or TASKS, TASKS))
    return replace(
        experiment, plan=plan, iterations=min(ITERATIONS, experiment.horizon), replicates=REPLICATES
    )


def made(names, path, cells):
    """Return the evidence of some figures, each experiment once; runs made already are in ``cells``.

    The short runs are made here: to start processes for them would take longer.
    """
    path.mkdir(exist_ok=True)
    (path / "cells").symlink_to(cells)
    needed = [shortened(e) for name in names for e in figures()[name].needed]
    unique = list({e.name: e for e in needed}.values())
    run_cells([as_cell(e) for e in unique], Store(path), engine="serial")
    return collect(unique, path)


@pytest.fixture(scope="session")
def cells(tmp_path_factory):
    """Where all runs of this session are kept."""
    return tmp_path_factory.mktemp("cells")


@pytest.fixture(scope="session")
def evidence(tmp_path_factory, cells, small_figures):
    """What all figures need."""
    return made(figures(), tmp_path_factory.mktemp("run"), cells)


def plan_anew():
    """Forget which experiments the figures need."""
    for figure in figures().values():
        vars(figure).pop("needed", None)


class Frames(dict):
    """The table of each figure, from what it alone needs, made when it is first asked for."""

    def __init__(self, folder, cells):
        self.folder, self.cells = folder, cells

    def __missing__(self, name):
        self[name] = figures()[name].data(made([name], self.folder / name, self.cells))
        return self[name]


@pytest.fixture(scope="session")
def frames(tmp_path_factory, cells, small_figures):
    return Frames(tmp_path_factory.mktemp("runs"), cells)


@pytest.fixture(scope="session", autouse=True)
def small_figures():
    """Fewer points where a figure computes more than it reads from runs."""
    from figures import cost, k_shot, plateau_map, samples, step_moments, which

    patch = pytest.MonkeyPatch()
    patch.setattr(cost, "DIMENSIONS", (16, 32, 64, 128))
    patch.setattr(cost, "REPEATS", 3)
    patch.setattr(cost, "SHORTEST", 0.002)
    patch.setattr(k_shot, "CURVE", k_shot.SHOTS)
    patch.setattr(step_moments, "DRAWS", 4000)
    patch.setattr(step_moments, "SIZES", (1, 8, 64))
    patch.setattr(plateau_map, "REACHES", (0.02, 0.1))
    patch.setattr(plateau_map, "CURVATURES", (1.0, 20.0))
    patch.setattr(samples, "EPSILONS", tuple(10 ** (-k / 2) for k in range(1, 6)))
    patch.setattr(samples, "TARGETS", (0.1, 0.01))
    patch.setattr(samples, "SMALLEST", 3)
    patch.setattr(which, "SPECS", ("plateau", "quadratic:dim=2,n_tasks=4"))
    plan_anew()
    yield
    patch.undo()
    plan_anew()


@pytest.fixture(scope="module")
def browser():
    """A browser for the tests of one file: while it is open, nothing else can run an event loop."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with browsing() as started:
        yield started
