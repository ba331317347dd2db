"""One algorithm under one step rule as a cost to minimise: iterations and samples for given batch sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from bounds import arguments, kit
from bounds.arithmetic import Formula
from bounds.constants import Constants
from bounds.errors import InputError
from bounds.holding import ROUNDING
from bounds.kit.facts import Subject, Way
from bounds.levels import hessian_samples, inner_samples, outer_samples

DEAREST = 1e6
BATCHES = ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta")
Values = dict[str, float]


@dataclass(frozen=True)
class Cost:
    """Price of one sample by its use, in units of a gradient sample.

    Raises
    ------
    InputError
        When a price is not a number from 0 to a million.
    """

    inner: float = 1.0
    outer: float = 1.0
    hessian: float = 1.0
    step: float = 1.0

    def __post_init__(self) -> None:
        for name, price in vars(self).items():
            if arguments.real(price) is None:
                raise InputError(name, price, "must be a number", "a gradient sample costs 1")
            if not 0 <= price <= DEAREST:
                allowed = f"must be a number from 0 to {DEAREST:g}"
                raise InputError(f"{name}-cost", price, allowed, "a gradient sample costs 1")

    def per_iteration(self, v: Mapping[str, float]) -> float:
        """Price of one iteration at the batch sizes: every inner step has batches of its own.

        Where levels are drawn it is the expected one.
        """
        inner, outer, steps = v["D_in"], v["D_o"], v.get("inner_steps", 1.0)
        bent = steps * v["D_h"]
        if v.get("depth"):
            levels = v["depth"], v["rate"]
            inner, outer = inner_samples(inner, *levels), outer_samples(outer, *levels)
            bent = hessian_samples(v["D_h"], *levels, steps)
        each = self.inner * steps * inner + self.hessian * bent + self.outer * outer
        tasks = v["B"] * each
        return tasks + self.step * v["B_prime"] * v["D_beta"]


@dataclass(frozen=True)
class Model:
    """What the theory says about one algorithm with one step rule, compiled for a search."""

    algorithm: str
    rule_name: str
    constants: Constants
    alpha: float
    epsilon: float
    n_tasks: int | None = None
    """Number of tasks, out of which B different ones are drawn; None: they are drawn with replacement."""
    inner_steps: int = 1
    levels: bool = False
    """Whether the inner batch is a multilevel one."""

    @cached_property
    def subject(self) -> Subject:
        """The algorithm, with its number of inner steps."""
        return kit.subject(self.algorithm, self.inner_steps)

    @cached_property
    def way(self) -> Way:
        """The sharp theorem on its complexity."""
        return self.subject.way(self.rule_name, self.n_tasks is not None, self.levels)

    @cached_property
    def batches(self) -> tuple[str, ...]:
        """The batch sizes that this algorithm and step rule use."""
        used = self.way.names
        hessians = self.subject.takes_hessians
        return tuple(name for name in BATCHES if name in used or (name == "D_h" and hessians))

    @cached_property
    def knobs(self) -> tuple[str, ...]:
        """The continuous parameters that it uses, besides the step factor."""
        used = self.way.names
        return tuple(name for name in ("theta", "damping", "probe_length", "rate", "depth") if name in used)

    @cached_property
    def base(self) -> Values:
        """Constants, alpha, epsilon, and the batch sizes that are not used, at zero."""
        c = self.constants
        base = {"L": c.L, "rho": c.rho, "sigma": c.sigma, "sigma_tilde": c.sigma_tilde, "sigma_H": c.sigma_H}
        own = {"Delta": c.Delta, "M": c.M or 0.0, "alpha": self.alpha, "epsilon": self.epsilon}
        own |= {"depth": 0.0, "rate": 1.0}
        known = {} if self.n_tasks is None else {"n_tasks": float(self.n_tasks)}
        known["inner_steps"] = float(self.inner_steps)
        return base | own | known | {name: 0.0 for name in BATCHES if name not in self.batches}

    @cached_property
    def _compiled(self) -> Callable[[Mapping[str, float]], float]:
        return _of_mapping(self.way.iterations)

    @cached_property
    def _step_limit(self) -> Callable[[Mapping[str, float]], list[float]] | None:
        return None if self.way.limit is None else _of_mapping(self.way.limit)

    def largest_step_factor(self, v: Mapping[str, float]) -> float:
        """Return the largest step factor c that the rule allows (its condition is linear in c)."""
        if self._step_limit is None:
            return 1.0
        left, right = self._step_limit({**v, "c": 1.0})
        return right / left * (1 - 4 * ROUNDING) if left != right else 1.0

    def iterations(self, v: Mapping[str, float]) -> float:
        """Return K(epsilon), at least 1; infinity outside the domain of the theorem."""
        try:
            K = self._compiled(v)
        except (ZeroDivisionError, OverflowError, ValueError):
            return math.inf
        return max(1.0, K) if K == K else math.inf


def _of_mapping(formula: Formula) -> Callable[[Mapping[str, float]], Any]:
    compiled, pick = formula.function, itemgetter(*formula.names)
    return lambda values: compiled(*pick(values))
