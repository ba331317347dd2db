"""The lemmas on the multilevel outer gradient at one point: mean, corrections, spread and cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bounds.levels import inner_samples, outer_samples
from bounds.theory import multilevel as lemmas
from empirics.levels import Levels
from empirics.problems.mean_direction import GaussianInner
from empirics.streams import generator
from validate.claims.draws import Spot, mean_square_check, spot_check
from validate.claims.estimators import Inner, spread
from validate.claims.extremes import known_values
from validate.claims.multilevel.layers import Layers
from validate.instances.points import scale
from validate.judge import Check
from validate.statistics import Interval, bounded_variance_interval, mean_interval
from validate.tolerance import direction_round_off

RATE, OUTER = 1.0, 1
POINTS = 2
CHUNKS = 400
"""Groups in which the samples of the tasks are counted."""
SAME_COST = 0.03
"""By how much the mean count may differ from the expected one."""
FAR = 1.0
"""Distance of the two points of the noise, in units of L/rho."""
FEWER = 4
"""How many times fewer draws than for the mean are enough for mean squares."""
USUAL = 1e-4
"""Error at which it is asked whether so many draws can tell a depth from the one before."""
TOO_FEW = "these draws cannot tell the depth from the one before: the inner batch adds too little bias"


def of_lemmas(spot: Spot) -> list[Check]:
    """Compare every lemma at the spot, with the levels of the plan."""
    plan = spot.experiment.plan
    levels = Levels(plan.depth, plan.rate or RATE)
    made = Layers(spot, levels, plan.D_o or OUTER)
    fewer = replace(spot, n=max(100, spot.n // FEWER))
    some = replace(made, spot=fewer)
    given = {"D_in": spot.D, "D_o": made.D_o, "depth": levels.depth, "rate": levels.rate}
    words = f"depth {levels.depth}, rate {levels.rate:g}, D_in = {spot.D}, D_o = {made.D_o}"
    of_level = [(level, replace(some, only=level)) for level in range(1, levels.depth + 1)]
    return [
        _smooth(fewer, made.D_o),
        *_means(spot, made, given, words),
        *(
            mean_square_check(
                fewer,
                lemmas.CORRECTION_SIZE.name,
                2.0**level * one.corrections[:, spot.task].square().sum(-1).numpy(),
                given,
                f"level {level}, {words}",
            )
            for level, one in of_level
        ),
        mean_square_check(fewer, lemmas.SPREAD_LEFT.name, spread(some.outer[:, spot.task]), given, words),
        _cost(fewer, some, given, words),
    ]


def _means(spot: Spot, made: Layers, given: dict[str, Any], words: str) -> list[Check]:
    """Look along the bias of the plain outer gradient, estimated from other batches, which the levels remove."""
    ahead = Inner(spot).bias.mean(0)
    along = torch.nn.functional.normalize(ahead, dim=-1)
    silent = known_values(spot.experiment) | given | {"sigma_H": 0.0}
    size = lemmas.CORRECTION_SIZE(**silent)
    added = made.levels.depth / made.levels.rate * size / spot.problem.n_tasks
    values, more = ((one * along).sum(-1).mean(1).numpy() for one in (made.quiet, made.added))
    left = partial(_away, values, added + 4 * size / spot.problem.n_tasks)
    biased = f"mean along the plain bias over all tasks, {words}"
    room = direction_round_off(spot.scale)
    rows = [spot_check(spot, lemmas.BIAS_LEFT.name, left, given, biased, margin=room)]
    if isinstance(spot.problem, GaussianInner):
        deepest, before, plain = (
            _exact(spot, along, depth) for depth in (given["depth"], given["depth"] - 1, 0)
        )
        shifted = partial(bounded_variance_interval, more - (deepest - plain), added)
        told = f"mean less that of {spot.D * 2**made.levels.depth} samples, {words}"
        zone = abs(before - deepest) / 2 + room
        made_of = spot_check(spot, lemmas.MEAN.name, shifted, given, told, bound=0.0, margin=zone)
        blind = "" if shifted(USUAL).width < 2 * zone else TOO_FEW
        rows.append(replace(made_of, side="==", undecided=blind))
    return rows


def _exact(spot: Spot, along: Tensor, depth: int) -> float:
    """Return the exact bias of a plain batch as deep, along the given directions."""
    problem: Any = spot.problem
    local = spot.local
    mean = problem.adapted_gradient(local.tasks, local.points, local.alpha, float(spot.D * 2**depth))
    return float(((mean - local.outer)[0] * along).sum(-1).mean())


def _away(values: np.ndarray, variance: float, error: float) -> Interval:
    """Interval for the absolute value of the mean."""
    made = bounded_variance_interval(values, variance, error)
    ends = sorted((abs(made.lower), abs(made.upper)))
    low = 0.0 if made.lower <= 0 <= made.upper else ends[0]
    return replace(made, estimate=abs(made.estimate), lower=low, upper=ends[1])


def _smooth(spot: Spot, D_o: int) -> Check:
    """Look at the noise of one batch at the spot and at a point nearby."""
    constants = spot.experiment.plan.constants
    distance = FAR * scale(constants)
    rng = generator(spot.experiment.seed, f"{spot.experiment.key}/nearby/{spot.number}", 0, "in")
    step = torch.from_numpy(rng.standard_normal(spot.problem.dim))
    other = spot.w + distance * step / step.norm()
    batch = spot.batch("out", D_o)
    tasks, gradient = spot.tasks, spot.problem.gradient
    change = gradient(tasks, other, batch) - gradient(tasks, spot.w, batch)
    exact = gradient(tasks, other) - gradient(tasks, spot.w)
    values = (change - exact)[:, spot.task].square().sum(-1) / distance**2
    words = f"two points {distance:.3g} apart, D_o = {D_o}"
    return mean_square_check(spot, lemmas.SMOOTHNESS.name, values.numpy(), {"D_o": D_o}, words)


def _cost(spot: Spot, made: Layers, given: dict[str, Any], words: str) -> Check:
    """Count the samples that the oracle handed out, group by group; no task can take more than the deepest."""
    sizes = [_counted(replace(made, spot=part)) for part in _groups(spot)]
    least, most = spot.D + made.D_o, spot.D * (1 + 2**made.levels.depth) + 2 * made.D_o
    expected = inner_samples(spot.D, made.levels.depth, made.levels.rate)
    expected += outer_samples(made.D_o, made.levels.depth, made.levels.rate)
    support = (float(min(least, *sizes)), float(max(most, *sizes)))
    measure = partial(mean_interval, np.array(sizes), support=support)
    check = spot_check(spot, lemmas.COST.name, measure, given, words)
    return replace(check, side="==", margin=SAME_COST * expected, n=len(sizes))


def _groups(spot: Spot) -> Iterator[Spot]:
    width = max(1, spot.n // CHUNKS)
    for number in range(spot.n // width):
        yield replace(spot, n=width, number=spot.number + POINTS * (number + 1))


def _counted(made: Layers) -> float:
    _ = made.outer
    return made.cost.samples / made.spot.tasks.numel()
