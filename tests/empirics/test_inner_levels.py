"""A multilevel batch with several inner steps: its mean, its corrections level by level, its cost."""

import math

import numpy as np
import pytest
import torch
from fewer import every

from bounds.evaluation import scalars
from bounds.theory.algorithms import algorithm
from bounds.theory.inner_steps import layers
from empirics import multilevel, problems
from empirics.levels import CURVED, FIRST, SECOND, SHARED, Levels, batches
from empirics.moments import estimate_direction_moments, measure_cost
from empirics.oracle import Cost, Oracle
from empirics.problems import several
from validate.design import Setting, bare_plan
from validate.instances.points import Local

LINE = problems.from_spec("plateau:dim=1,sigma_tilde=3")
BENT = problems.from_spec("ripple:dim=2,n_tasks=4,sigma_tilde=1,sigma_H=3,rho=2,oracle=one-sided")
N_DRAWS = 20_000


def plan(problem, name, steps, reach, **sizes):
    setting = Setting(problem, reach / problem.constants().L, inner_steps=steps)
    return bare_plan(setting, name).with_(**{"depth": 2, "rate": 1.0} | sizes)


@pytest.mark.parametrize(
    ("name", "hessians"), [("maml", True), pytest.param("fo-maml", False, marks=pytest.mark.slow)]
)
def test_the_mean_is_that_of_the_deepest_batch(name, hessians):
    made = plan(LINE, name, 2, 0.25, B=4, rate=0.4)
    found = estimate_direction_moments(LINE, None, LINE.start[None], made, n=40_000)
    plain, deep = (
        float(several.mean_direction(LINE, LINE.start[None], made.alpha, D, hessians)) for D in (1.0, 4.0)
    )
    error = float(found.mean_se[0, 0])
    assert abs(float(found.mean[0, 0]) - deep) < 4 * error
    assert abs(plain - deep) > 5 * error


def at_level(problem, made, level):
    """Return the points of a level's paths, and its corrections, for many draws of every task."""
    rng = np.random.default_rng((7, level))
    tasks = np.tile(np.arange(problem.n_tasks), (N_DRAWS, 1))
    levels, drawn = Levels(level, 1.0), np.full(tasks.shape, level)

    def batch(split):
        name = split.partition(".")[0]
        if name not in (FIRST, SHARED, CURVED, SECOND):
            return torch.from_numpy(problem.sample(rng, tasks, 1)), 1
        size = levels.samples(name, drawn, made.D_in, made.D_o, made.D_h)
        return torch.from_numpy(batches(problem, rng, tasks, size)), torch.from_numpy(size)

    oracle = Oracle(problem, torch.from_numpy(tasks), batch, Cost(), lambda: torch.from_numpy(drawn))
    w, hessians = problem.start.expand(N_DRAWS, -1).unsqueeze(1), made.algorithm == "maml"
    paths = multilevel.coupled(oracle, w, made.alpha, made.inner_steps)
    ends = [multilevel.along(oracle, path, made.alpha, SHARED, CURVED if hessians else "") for path in paths]
    return paths, ends[0] - (ends[1] + ends[2]) / 2


def parts(made, *names):
    """Return parts of the theory at a plan, at the start of its problem."""
    st = algorithm(made.algorithm, made.inner_steps)
    values = made.problem_values()
    found = scalars(st.deep, tuple(values), names)
    return found(*values.values())


def largest(made, problem):
    """Return what 2^(j/2) times the root mean square of a correction is at most."""
    if made.algorithm != "maml":
        distance, c = parts(made, layers.d_c)[0], made.constants
        return distance * math.sqrt(1 + (c.sigma_H / c.L) ** 2 / made.D_o)
    zero, slope = parts(made, layers.S0, layers.S1)
    y = float(Local(problem, problem.start[None], made.alpha).after(made.inner_steps).y[0])
    return zero + slope * y


@pytest.mark.parametrize("case", every(3, [(3, 1), (2, 1), (2, 3), (2, 6), (3, 3), (3, 6)]), ids=str)
def test_paths_and_corrections_halve_from_level_to_level(case):
    steps, level = case
    made = plan(BENT, "maml", steps, 0.15)
    paths, corrections = at_level(BENT, made, level)
    (distance,) = parts(made, layers.d_c)
    apart = (paths[0][-1] - paths[1][-1]).square().sum(-1).mean(0).max()
    assert 0.3 * distance < made.constants.L * math.sqrt(2**level * float(apart)) <= 1.02 * distance
    for name in ("maml", "fo-maml"):
        own = made.with_(algorithm=name)
        corrections = at_level(BENT, own, level)[1]
        size = math.sqrt(2**level * float(corrections.square().sum(-1).mean(0).max()))
        assert size <= 1.02 * largest(own, BENT)


def test_the_samples_are_those_of_the_plan():
    made = plan(BENT, "maml", 3, 0.1, D_in=2, D_h=3, D_o=2, depth=3, rate=0.9, B=1)
    counted = measure_cost(BENT, made.with_(B=20_000)).samples / 20_000
    assert counted == pytest.approx(made.samples_per_iteration, rel=0.03)


def test_without_noise_nothing_is_added():
    quiet = problems.from_spec("ripple:dim=2,n_tasks=4,sigma_tilde=0,sigma_H=0")
    w = quiet.start[None, None]
    made = plan(quiet, "maml", 2, 0.1)
    tasks = torch.arange(4)[None]
    oracle = Oracle(quiet, tasks, lambda split: (None, 0), Cost(), lambda: torch.ones_like(tasks))
    found = multilevel.several_maml(1.0, 2)(oracle, w, made.alpha).mean(-2)
    torch.testing.assert_close(found, several.meta_gradient(quiet, quiet.start[None], made.alpha, 2))
