"""Plans with a probability: the fewest samples after which the point that is returned is an epsilon-FOSP.

One run misses what its plan guarantees by a factor 1/p with probability at most p, so a single one would have to
be planned for epsilon times the chance that is left. Of several runs only one must succeed, and which one did is
measured. How many are the cheapest is searched; the runs' plans are those of :func:`~bounds.recommend`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from bounds import kit
from bounds.assurance import Assurance
from bounds.errors import InputError
from bounds.kit.facts import Bound
from bounds.plan import Plan
from bounds.reading import finite
from bounds.recommendation.choosing import SIZES, Choice, below, choice
from bounds.recommendation.request import Request

CHOICE = 0.25
"""Part of the chance of a failure that is left to the choice."""
ROOM = (1.25, 1.1, 1.05, 1.6, 2.5, 6.0, 30.0)
"""Epsilon over the bound on the best of the candidates; the first is for the search for the number of runs."""
MOST_RUNS = 4096
FARTHEST, RESOLUTION = 1e6, 1.01
CAUTION = 1 - 1e-9
Planned = Callable[[Request], Plan | None]
"""The planner of one run: a feasible plan, or None."""


def require_confidence(confidence: float) -> None:
    """Raise InputError unless the confidence is a probability below one that a float can be told from one."""
    number = finite(confidence)
    if number is None or not 0 < number <= 1 - 1e-12:
        raise InputError(
            "confidence", confidence, "must be a number > 0 and at most 1 - 1e-12", "such as 0.99"
        )


@dataclass(frozen=True)
class Asked:
    """A request with a confidence, and the planner of one run."""

    request: Request
    confidence: float
    planned: Planned

    @cached_property
    def failure(self) -> Fraction:
        """The chance of a failure that is left, exactly."""
        return 1 - Fraction(self.confidence)

    @cached_property
    def _known(self) -> dict[tuple[int, float], Plan | None]:
        return {}

    def best(self) -> Plan | None:
        """Return the cheapest plan that was found, with its assurance; None where there is none."""
        runs, room = self._start()
        if runs:
            runs = self._cheapest_runs(runs, room)
            room = min(ROOM, key=lambda one: _samples(self.at(runs, one)))
            self._cheapest_runs(runs, room)
        self.at(1, 1.0)
        return min(filter(None, self._known.values()), key=_samples, default=None)

    def _start(self) -> tuple[int, float]:
        """Return the fewest runs, a power of two, for which some room is enough; 0 where the most are too few."""
        if not self.within_reach():
            return 0, 1.0
        powers = (2**k for k in range(1, int(math.log2(MOST_RUNS)) + 1))
        return next(((m, room) for m in powers for room in ROOM if self.at(m, room)), (0, 1.0))

    def within_reach(self) -> bool:
        """Whether some room is enough with the most runs."""
        return any(self.at(MOST_RUNS, room) for room in ROOM)

    def _cheapest_runs(self, m: int, room: float) -> int:
        """Double the number of runs while that pays, then halve the distance to its neighbours."""
        while m < MOST_RUNS and _samples(self.at(2 * m, room)) < _samples(self.at(m, room)):
            m *= 2
        step = max(1, m // 2)
        while step:
            near = (n for n in (m, m - step, m + step) if n >= 2)
            m = min(near, key=lambda n: _samples(self.at(n, room)))
            step //= 2
        return m

    def at(self, runs: int, room: float) -> Plan | None:
        """Return the cheapest plan for so many runs, the best of which is planned for epsilon over the room."""
        if (runs, room) not in self._known:
            found = filter(None, (self._run(runs, room, *way) for way in self._ways()))
            self._known[runs, room] = min(found, key=_samples, default=None)
        return self._known[runs, room]

    def _ways(self) -> Iterator[tuple[Bound, Request]]:
        """Yield the statements on one iterate, with a request for runs that they hold for."""
        promised = kit.promised()
        yield promised["any"], self.request
        if "constant" in self.request.steps and self.request.theory == "sharp":
            yield promised["constant"], replace(self.request, step="constant")

    def _run(self, runs: int, room: float, st: Bound, request: Request) -> Plan | None:
        chance, lapse = self._chances(runs)
        aim = request.epsilon / room
        share = aim / float(st(guarantee=1.0, chance=chance)) * CAUTION
        try:
            plan = self.planned(replace(request, epsilon=share))
        except InputError:
            return None
        if plan is None or plan.guarantee is None:
            return None
        known = {"guarantee": plan.guarantee, "chance": chance}
        reached = max(float(st(**known)), st.enclose(**known)[1])
        made = None if runs == 1 else choice(plan, request, lapse, reached, request.epsilon)
        if made is None and not (runs == 1 and reached <= request.epsilon):
            return None
        return self._assured(plan, st, runs, (chance, lapse), reached, made)

    def _chances(self, runs: int) -> tuple[float, float]:
        """Return the chance that one run may miss, and that of a lapse, on the safe side of the whole."""
        if runs == 1:
            return below(float(self.failure), lambda p: Fraction(p) <= self.failure), 0.0
        lapse = below(CHOICE * float(self.failure) / runs, lambda one: runs * Fraction(one) < self.failure)
        left = self.failure - runs * Fraction(lapse)
        chance = below(float(left) ** (1 / runs), lambda p: Fraction(p) ** runs <= left)
        return chance, lapse

    def _assured(
        self,
        plan: Plan,
        st: Bound,
        runs: int,
        chances: tuple[float, float],
        best: float,
        made: Choice | None,
    ) -> Plan:
        sizes = dict.fromkeys(("groups", "of_group", "B", "D_in", "D_o", "D_h"), 0)
        if made is not None:
            sizes = {name: getattr(made, name) for name in sizes}
        batches = {name: sizes[name] for name in SIZES} | {
            "B_prime": 0,
            "D_beta": 0,
            "depth": 0,
            "rate": None,
        }
        each = plan.with_(B=sizes["groups"] * sizes["B"], **batches).samples_per_iteration or 0
        names = (st.name,) if made is None else (st.name, kit.of(plan).choosing.bound.name)
        assurance = Assurance(
            self.confidence,
            self.request.epsilon,
            runs,
            *chances,
            best=best,
            bound=best if made is None else made.bound,
            statements=names,
            samples=runs * ((plan.total_samples or 0) + each),
            **sizes,
        )
        return plan.with_(assurance=assurance)


def _samples(plan: Plan | None) -> float:
    return plan.assurance.samples if plan and plan.assurance else math.inf


def confident(request: Request, confidence: float, planned: Planned) -> Plan:
    """Return the plan whose runs return an epsilon-FOSP with a probability; infeasible where there is none.

    Raises
    ------
    InputError
        When the confidence is no probability below one.
    """
    require_confidence(confidence)
    found = Asked(request, confidence, planned).best()
    if found is not None:
        return found
    return _out_of_reach(request, confidence, planned)


def _out_of_reach(request: Request, confidence: float, planned: Planned) -> Plan:
    """Return the plan that says why there is none, and an epsilon that is reached, almost the smallest."""
    words = f"epsilon = {request.epsilon:.6g} is out of reach with probability {confidence:g}"
    obstacle = "a random iterate, and the choice among several, are off by the direction's bias"
    smallest = _smallest(request, confidence, planned)
    reachable = "none is reachable, take a smaller alpha"
    if smallest is not None:
        reachable = f"the smallest reachable epsilon is {smallest:.6g}, to one per cent"
    own = ("algorithm", "theory", "constants", "epsilon", "alpha", "n_tasks", "inner_steps")
    return Plan(
        **{name: getattr(request, name) for name in own},
        feasible=False,
        reason=f"{words}: {obstacle}; {reachable}",
        binding=obstacle,
        smallest_epsilon=smallest,
    )


def _smallest(request: Request, confidence: float, planned: Planned) -> float | None:
    """Return almost the smallest epsilon within reach, where the request's own is not."""

    def reached(epsilon: float) -> bool:
        return Asked(replace(request, epsilon=epsilon), confidence, planned).within_reach()

    low, high = request.epsilon, 4 * request.epsilon
    while not reached(high):
        low, high = high, 4 * high
        if not high <= FARTHEST * request.epsilon:
            return None
    while high / low > RESOLUTION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
