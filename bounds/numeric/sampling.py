"""Means of tasks without replacement and of random matrices, and two closed forms: by exact enumeration."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from scipy.optimize import brentq

from bounds.bound import Statement
from bounds.errors import DomainError
from bounds.numeric.losses import SIGNS, SIZE, Losses
from bounds.numeric.search import Measured, Probe, Worst, logistic
from bounds.standing import Case
from bounds.theory import complexity
from bounds.theory.algorithms import algorithms
from bounds.theory.step_rules import RULE

TASKS = 5
MANY = 10_000
REACH = 20.0


def subsets() -> Probe:
    """Variance of the mean over all subsets of B out of five tasks; B is 1 to 5."""

    def measure(theta: np.ndarray) -> Measured:
        values = theta[1:].reshape(TASKS, 2)
        B = 1 + int(TASKS * 0.999 * logistic(theta[0]))
        means = np.array([values[list(chosen)].mean(0) for chosen in combinations(range(TASKS), B)])
        centre = values.mean(0)
        left, spread = (float(((v - centre) ** 2).sum(1).mean()) for v in (means, values))
        return Measured(left, {"n_tasks": float(TASKS), "B": float(B), "variance": spread})

    return Probe(1 + 2 * TASKS, measure)


def matrix_mean(dim: int = 3, samples: int = 2) -> Probe:
    """Spectral norm of the mean of ``samples`` matrices, each one of four with a random sign."""

    def measure(theta: np.ndarray) -> Measured:
        laws = theta.reshape(4, dim, dim)
        laws = (
            laws + laws.transpose(0, 2, 1) + 4 * np.eye(dim) * np.sign(np.einsum("kii->ki", laws))[:, None, :]
        )
        values = np.concatenate([laws, -laws])
        size = float(np.mean(np.linalg.norm(values, 2, axis=(1, 2)) ** 2))
        means = np.array([np.mean(values[list(c)], 0) for c in product(range(8), repeat=samples)])
        left = float(np.mean(np.linalg.norm(means, 2, axis=(1, 2)) ** 2))
        return Measured(left, {"d": float(dim), "D_h": float(samples), "sigma_H": size**0.5})

    return Probe(4 * dim * dim, measure)


def stationary(algorithm: str) -> Probe:
    """Mean square of grad F on a quadratic, from the second moment iterated over all draws of one step."""

    def measure(theta: np.ndarray) -> Measured | None:
        f = Losses(theta, 0.99)
        beta, c, s, noise = f.c, f.b[0], f.s, f.s * f.nu
        factor = 0.0 if algorithm == "fo-maml" else 1.0
        draws = np.array(list(product(SIGNS, repeat=4)))
        task, inner, outer, hessian = draws.T
        P = 1 - factor * f.alpha * (f.L + noise * hessian)
        a = P * f.L * (1 - f.x)
        b = P * (s * outer - f.x * s * inner - f.L * (1 - f.x) * c * task)
        shrink, added = float(((1 - beta * a) ** 2).mean()), beta**2 * float((b**2).mean())
        if not shrink < 0.99:
            return None
        square = 0.0
        for _ in range(MANY):
            square, last = shrink * square + added, square
            if square == last:
                break
        left = ((1 - f.x) ** 2 * f.L) ** 2 * square
        return Measured(left, {**f.values, "sigma": abs(f.L * c), "sigma_H": noise, "beta": beta})

    return Probe(SIZE, measure)


def k_shot() -> Probe:
    """Gradient of F at a zero of MAML's mean direction, one sample in every batch."""

    def measure(theta: np.ndarray) -> Measured | None:
        f = Losses(theta, 0.5)

        def field(w: float) -> float:
            f.w = w
            return float(f.directions("maml").mean())

        if not field(-REACH) < 0 < field(REACH):
            return None
        f.w = float(brentq(field, -REACH, REACH, xtol=1e-14))
        return Measured(float(abs(f.meta_gradient(f.w).mean())), {**f.values, "D": 1.0})

    return Probe(SIZE, measure)


def crossing() -> Probe:
    """Return the samples at which the two bounds on the bias of the inner batch are equal."""

    def measure(theta: np.ndarray) -> Measured:
        f = Losses(theta)
        first, second = f.x * f.s, f.rho * f.alpha**2 * f.s**2 / 2
        return Measured((second / first) ** 2, f.values)

    return Probe(SIZE, measure)


def step_factor(st: Statement, seed: int = 0) -> Worst:
    """Bound on the iterations at the stated step factor, over the least one at many others."""
    case = st.case or Case("step-factor")
    bound = complexity.theorem("iterations", algorithms()[case.algorithm], RULE[case.rule])
    rng, worst = np.random.default_rng(seed), 0.0
    for _ in range(100):
        values = {
            n: float(np.exp(rng.normal())) for n in ("L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta")
        }
        values |= {"alpha": 0.2 * rng.random() / values["L"], "epsilon": 20 * values["sigma"], "theta": 1.0}
        values |= {
            "M": 1.0,
            "probe_length": 0.01,
            **dict.fromkeys(("B_prime", "D_beta", "B", "D_in", "D_o", "D_h"), 50.0),
        }
        values["B"] = float(2 + int(50 * rng.random()))
        try:
            best = float(st(**values))
            own = float(bound(**values, c=best))
        except DomainError:
            continue
        worst = max(
            worst, *(own / _at(bound, values, best * k) for k in (*np.geomspace(1e-3, 10, 40), 0.99, 1.01))
        )
    return Worst(worst, 100)


def _at(bound: Statement, values: dict[str, float], c: float) -> float:
    value, outside = bound.at(values | {"c": c})
    return float("inf") if outside else value
