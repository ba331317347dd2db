r"""The multilevel inner batch: mean, corrections, variance and cost at points, and the directions built on it.

What is run is :func:`empirics.multilevel.outer_gradient` on fresh batches of every task. Its values have weights
up to :math:`2^M/q` on rare draws, so that a sample says little about its own tails: means are judged by intervals
that rest on the theory's bound on the variance alone, and so hold for every law. Noise of mean zero is taken off
before: that of the outer batches, and :math:`-\alpha\nabla^2 f_i(w_i^+)\,n`, linear in the inner noise n.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from bounds.bound import Statement
from bounds.levels import inner_samples, outer_samples
from bounds.theory import multilevel as lemmas
from bounds.theory.algorithms import algorithm
from bounds.theory.one_step import DIRECTION
from empirics import algorithms, multilevel
from empirics.levels import FIRST, SECOND, SHARED, Levels, batches
from empirics.moments import sample_directions
from empirics.oracle import Cost, Oracle
from empirics.problems.mean_direction import GaussianInner, knows_mean, mean_direction
from empirics.streams import generator
from validate import design
from validate.claim import Claim, Kind, Table
from validate.claims.draws import Spot, mean_square_check, spot_check
from validate.claims.estimators import Inner, spread
from validate.claims.exact import exactly
from validate.claims.nothing import nothing
from validate.design import Setting
from validate.experiment import Experiment, Run
from validate.instances.points import Local
from validate.instances.starts import starts
from validate.judge import Check
from validate.schema import COUNT, DRAWS
from validate.statistics import Interval, bounded_variance_interval, mean_interval
from validate.tolerance import direction_round_off, gradient_scale, round_off

PLACE = 15
DRAWN, DEPTH, RATE, OUTER = 80_000, 2, 1.0, 1
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


@dataclass(frozen=True)
class Layers:
    """Batches of every task at a spot with the levels of a plan, or all with one level.

    Attributes
    ----------
    spot : Spot
    levels : Levels
    D_o : int
    only : int, optional
        The level of all tasks, where it is not drawn.
    """

    spot: Spot
    levels: Levels
    D_o: int
    only: int | None = None

    @cached_property
    def level(self) -> Tensor:
        """The level of each task, ``(n, n_tasks)``."""
        if self.only is not None:
            return torch.full_like(self.spot.tasks, self.only)
        return torch.from_numpy(self.levels.draw(self._rng("level"), tuple(self.spot.tasks.shape)))

    @cached_property
    def cost(self) -> Cost:
        """What was asked of the oracle."""
        return Cost()

    @cached_property
    def oracle(self) -> Oracle:
        """The oracle of all draws."""
        return Oracle(self.spot.problem, self.spot.tasks, self._batch, self.cost, lambda: self.level)

    @cached_property
    def outer(self) -> Tensor:
        """The multilevel outer gradients."""
        return multilevel.outer_gradient(self.oracle, self.spot.w, self.spot.local.alpha, self.levels.rate)

    @cached_property
    def plain(self) -> Tensor:
        """The plain ones of the same batches."""
        return self.oracle.gradient(self._adapted("in"), "out")

    @cached_property
    def corrections(self) -> Tensor:
        r"""The corrections, :math:`p_J(\hat v - v_0)`."""
        return (self.outer - self.plain) * self._probability

    @cached_property
    def quiet(self) -> Tensor:
        r"""The same mean as :math:`\hat v - \nabla f_i(w_i^+)`, with the noises of mean zero taken off."""
        local = self.spot.local
        noise = self._noise(self._adapted("in"), "out")
        inner = self.oracle.gradient(self.spot.w, "in") - local.g
        moved = local.points - local.alpha * local.g
        linear = -local.alpha * self.spot.problem.hessian_vector(self.spot.tasks, moved, inner)
        return self.plain - local.outer - noise - linear + self.added

    @cached_property
    def added(self) -> Tensor:
        r"""The same mean as :math:`\hat v - v_0`, with the noise of the shared batch taken off."""
        at = self._adapted
        ends = (self._noise(at(FIRST), SHARED) + self._noise(at(SECOND), SHARED)) / 2
        shared = self._noise((at(FIRST) + at(SECOND)) / 2, SHARED) - ends
        weighted = torch.where(self.level.unsqueeze(-1) > 0, shared / self._probability, 0.0)
        return self.outer - self.plain - weighted

    @property
    def _probability(self) -> Tensor:
        return self.levels.rate * 2.0 ** -self.level.unsqueeze(-1)

    def _adapted(self, split: str) -> Tensor:
        return self.spot.w - self.spot.local.alpha * self.oracle.gradient(self.spot.w, split)

    def _noise(self, w: Tensor, split: str) -> Tensor:
        return self.oracle.gradient(w, split) - self.spot.problem.gradient(self.spot.tasks, w)

    def _rng(self, stream: str) -> np.random.Generator:
        key = f"{self.spot.experiment.key}/levels/{self.spot.number}/{self.only}"
        return generator(self.spot.experiment.seed, key, 0, stream)

    def _batch(self, split: str) -> tuple[Tensor, Any]:
        tasks = self.spot.tasks.numpy()
        if split in (FIRST, SECOND, SHARED):
            sizes = self.levels.samples(split, self.level.numpy(), self.spot.D, self.D_o)
            drawn = batches(self.spot.problem, self._rng(split), tasks, sizes)
            return torch.from_numpy(drawn), torch.from_numpy(sizes)
        size = self.spot.D if split == "in" else self.D_o
        return torch.from_numpy(self.spot.problem.sample(self._rng(split), tasks, size)), size


def checks(experiment: Experiment, frame: pd.DataFrame, run: Run) -> list[Check]:
    """Compare the lemmas at points, and bias and spread of one algorithm's direction."""
    plan = experiment.plan
    if not plan.constants.sigma_tilde:
        reason = "sigma_tilde = 0: the inner batch adds no noise"
        return [nothing(experiment, "multilevel.bias", lemmas.BIAS_LEFT.name, reason, "all")]
    points = starts(experiment.problem, experiment.plan.alpha, np.random.default_rng(experiment.seed), POINTS)
    n = int(experiment.labels.get("draws", DRAWN))
    spots = [Spot(experiment, point, number, plan.D_in or 1, n) for number, point in enumerate(points)]
    rows = [check for spot in spots for check in _lemmas(spot)] if experiment.labels.get("lemmas") else []
    return rows + [check for spot in spots for check in _directions(spot)]


def _lemmas(spot: Spot) -> list[Check]:
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
    silent = known(spot.experiment) | given | {"sigma_H": 0.0}
    size = lemmas.CORRECTION_SIZE(**silent)
    added = made.levels.depth / made.levels.rate * size / spot.problem.n_tasks
    values, more = ((one * along).sum(-1).mean(1).numpy() for one in (made.quiet, made.added))
    left = partial(_away, values, added + 4 * size / spot.problem.n_tasks)
    biased = f"mean along the plain bias over all tasks, {words}"
    room = direction_round_off(_scale(spot))
    rows = [spot_check(spot, lemmas.BIAS_LEFT.name, left, given, biased, margin=room)]
    if isinstance(spot.problem, GaussianInner):
        deepest, before, plain = (
            _exact(spot, along, depth) for depth in (given["depth"], given["depth"] - 1, 0)
        )
        shifted = partial(_around, more - (deepest - plain), added)
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


def _around(values: np.ndarray, variance: float, error: float) -> Interval:
    return bounded_variance_interval(values, variance, error)


def _away(values: np.ndarray, variance: float, error: float) -> Interval:
    """Interval for the absolute value of the mean."""
    made = bounded_variance_interval(values, variance, error)
    ends = sorted((abs(made.lower), abs(made.upper)))
    low = 0.0 if made.lower <= 0 <= made.upper else ends[0]
    return replace(made, estimate=abs(made.estimate), lower=low, upper=ends[1])


def _smooth(spot: Spot, D_o: int) -> Check:
    """Look at the noise of one batch at the spot and at a point nearby."""
    constants = spot.experiment.plan.constants
    distance = FAR * (constants.L / constants.rho if constants.rho else 1.0)
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
    check = spot_check(spot, lemmas.COST.name, lambda error: measure(error), given, words)
    return replace(check, side="==", margin=SAME_COST * expected, n=len(sizes))


def _groups(spot: Spot) -> Iterator[Spot]:
    width = max(1, spot.n // CHUNKS)
    for number in range(spot.n // width):
        yield replace(spot, n=width, number=spot.number + POINTS * (number + 1))


def _counted(made: Layers) -> float:
    _ = made.outer
    return made.cost.samples / made.spot.tasks.numel()


def _directions(spot: Spot) -> list[Check]:
    """Compare the spread of the algorithm's direction, and its mean where that is known exactly."""
    experiment, plan = spot.experiment, spot.experiment.plan
    here = Local(spot.problem, spot.point[None], plan.alpha).values
    values = plan.problem_values() | {key: float(value[0]) for key, value in here.items()}
    drawn = sample_directions(
        spot.problem,
        algorithms.for_plan(plan),
        spot.point,
        plan,
        n=max(100, spot.n // FEWER),
        seed=experiment.seed,
        experiment=f"{experiment.key}/directions/{spot.number}",
    )
    squares = spread(torch.from_numpy(drawn))
    rows = [_of_direction(spot, values, "spread", partial(_root, squares), len(squares))]
    if knows_mean(spot.problem, plan.algorithm):
        rows.append(_of_direction(spot, values, "bias", exactly(*_exact_bias(spot)), 1))
    return rows


def _exact_bias(spot: Spot) -> tuple[float, float]:
    """Return the distance of the exact mean of the direction from grad F, and its round-off."""
    plan, point = spot.experiment.plan, spot.point
    samples = float((plan.D_in or 1) * 2**plan.depth)
    mean = mean_direction(spot.problem, point, plan.alpha, plan.algorithm, samples, plan.probe_length)
    size = float((mean - spot.problem.meta_gradient(point, plan.alpha)).norm())
    return size, round_off(_scale(spot))


def _scale(spot: Spot) -> float:
    size = float(spot.local.values["mean_norm"][0])
    return gradient_scale(size, spot.experiment.plan.constants.L, float(spot.point.norm()))


def _of_direction(spot: Spot, values: dict[str, Any], quantity: str, measure: Any, n: int) -> Check:
    plan = spot.experiment.plan
    st = DIRECTION[quantity](algorithm(plan.algorithm), True)
    words = {"bias": "exact mean against grad F", "spread": "standard deviation of one task's direction"}
    return spot.experiment.check(
        f"multilevel.{quantity}",
        st.name,
        float(st(**values)),
        measure,
        n=n,
        margin=direction_round_off(_scale(spot)) if quantity == "bias" else 0.0,
        detail=f"point {spot.number}, depth {plan.depth}, rate {plan.rate:g}, {words[quantity]}",
    )


def _root(squares: np.ndarray, error: float) -> Interval:
    made = mean_interval(squares, error, (0.0, np.inf))
    ends = [float(np.sqrt(max(end, 0.0))) for end in (made.estimate, made.lower, made.upper)]
    return replace(made, estimate=ends[0], lower=ends[1], upper=ends[2])


def known(experiment: Experiment) -> dict[str, Any]:
    """Return constants and inner step under their names in the statements."""
    return experiment.plan.constants.values() | {"alpha": experiment.plan.alpha}


def _experiments(setting: Setting, table: Table) -> Iterator[Experiment]:
    own = {"depth": table.get("depth", DEPTH), "rate": table.get("rate", RATE)}
    lemmas_too = True
    for name in setting.algorithms:
        if not algorithm(name).layered or name in setting.directions:
            continue
        length = 0.05 * setting.constants.L / setting.constants.rho if setting.constants.rho else 1.0
        plan = design.bare_plan(setting, name, length).with_(**own)
        labels = {"draws": table.get("draws", DRAWN), "lemmas": lemmas_too}
        lemmas_too = False
        yield setting.experiment("multilevel", plan, "levels", labels=labels)


def _about(st: Statement) -> bool:
    return st.case is not None and st.case.multilevel and st.case.quantity in DIRECTION


TOO_FEW = "these draws cannot tell the depth from the one before: the inner batch adds too little bias"
RATES = {"type": "number", "exclusiveMinimum": 0, "maximum": 2}
KIND = Kind("multilevel", _experiments, {"draws": DRAWS, "depth": COUNT, "rate": RATES})
CLAIM = Claim("multilevel", ("multilevel",), checks, lemmas.STATEMENTS, where=_about)
