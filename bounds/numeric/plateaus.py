"""The families on which FO-MAML and HF-MAML stop, iterated without noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bounds.numeric.search import Measured, Probe, logistic

Function = Callable[[float], float]


def _root(map_: Function, low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(map_, low, high, xtol=1e-15, rtol=1e-15))


def _fixed(map_: Function, start: float, steps: int = 4000, beta: float = 0.9) -> float:
    w = start
    for _ in range(steps):
        move = beta * map_(w)
        w -= move
        if abs(move) < 1e-15:
            break
    return w


def _two_tasks(
    alpha: float, m: float, start: float, r: Function, slope: Function
) -> tuple[Function, Function]:
    """Mean adapted gradient and meta-gradient of ``m/2 (w-ws)^2 +- R(w)`` with R' = r."""

    def adapted(w: float, sign: int) -> float:
        inner = w - alpha * (m * (w - start) + sign * r(w))
        return m * (inner - start) + sign * r(inner)

    def mean(w: float) -> float:
        return (adapted(w, 1) + adapted(w, -1)) / 2

    def meta(w: float) -> float:
        return sum((1 - alpha * (m + sign * slope(w))) * adapted(w, sign) for sign in (1, -1)) / 2

    return mean, meta


def lower() -> Probe:
    """Take the cosine family, m = 1/8: |grad F| at FO-MAML's fixed point."""

    def measure(theta: np.ndarray) -> Measured:
        alpha, k = 0.1 * logistic(theta[0]), 7 / 8
        mean, meta = _two_tasks(
            alpha, 1 / 8, -0.95 / k, lambda w: np.cos(k * w), lambda w: -k * np.sin(k * w)
        )
        return Measured(abs(meta(_root(mean, -0.95 / k, 0.0))), {"L": 1.0, "sigma": 1.0, "alpha": alpha})

    return Probe(1, measure)


def trapezoid() -> Probe:
    """Take the tuned trapezoid: p rises with slope lam, then flattens; sigma = L = 1."""

    def measure(theta: np.ndarray) -> Measured:
        alpha, ratio = 0.95 * logistic(theta[0]), 1.5 + abs(theta[1]) * 5
        roots = np.roots([alpha + alpha / 2, -2 * alpha - 0.5, alpha])
        m = float(min(z.real for z in roots if 0 < z.real < 1))
        lam, rho = 1 - m, ratio
        width = (1 - lam**2 / (2 * rho)) / lam
        mean, meta = _two_tasks(alpha, m, 0.5 * _top(alpha, lam, rho), *_ramp(lam, rho, width))
        top = _top(alpha, lam, rho)
        left = abs(meta(_root(mean, 0.5 * top, 1.01 * top)))
        return Measured(left, {"L": 1.0, "sigma": 1.0, "alpha": alpha, "R": ratio, "m": m})

    return Probe(2, measure)


def _top(alpha: float, lam: float, rho: float) -> float:
    return (1 - lam**2 / (2 * rho)) / (1 + alpha * lam) / lam


def _ramp(lam: float, rho: float, width: float) -> tuple[Function, Function]:
    def slope(w: float) -> float:
        return float(np.clip(lam - rho * (abs(w) - width), 0.0, lam))

    def value(w: float) -> float:
        u = min(abs(w), width + lam / rho)
        over = max(u - width, 0.0)
        return float(np.sign(w) * (lam * u - rho * over**2 / 2))

    return value, slope


def difference(repaired: bool = False) -> Probe:
    """HF-MAML's fixed point on the cosine family; repaired: rho alpha l is what the statement gives."""

    def measure(theta: np.ndarray) -> Measured | None:
        alpha, m = 0.02 + 0.15 * logistic(theta[0]), 0.02 + 0.6 * logistic(theta[1])
        k, gamma = 1 - m, 2 * logistic(theta[2]) * min(1.0, 4 * alpha)
        start, length = -1.3 + 0.3 * theta[3], gamma / ((1 - m) ** 2 * alpha)
        mean, meta = _two_tasks(alpha, m, start, lambda w: np.cos(k * w), lambda w: -k * np.sin(k * w))
        stop = _fixed(_difference_map(alpha, m, start, k, length), start, beta=0.5)
        y = abs(meta(stop))
        del mean
        values = {"L": 1.0, "sigma": 1.0, "alpha": alpha, "rho": k**2, "probe_length": length, "epsilon": y}
        if not repaired:
            return Measured(y, values)
        return Measured(gamma, values) if gamma / 2 <= 2 * alpha and y > 1e-9 else None

    return Probe(4, measure)


def _difference_map(alpha: float, m: float, start: float, k: float, length: float) -> Function:
    def g(w: float, sign: int) -> float:
        return float(m * (w - start) + sign * np.cos(k * w))

    def direction(w: float) -> float:
        total = 0.0
        for sign in (1, -1):
            v = g(w - alpha * g(w, sign), sign)
            total += v - alpha * v * (g(w + length, sign) - g(w - length, sign)) / (2 * length)
        return total / 2

    return direction


def shared() -> Probe:
    """Tasks ``s(w) + b_i w``: FO-MAML stops where grad F = 0."""

    def measure(theta: np.ndarray) -> Measured:
        alpha, b = 0.5 * logistic(theta[0]), theta[1:3]

        def g(w: float, i: int) -> float:
            return float(0.3 * w + b[i] + 0.5 * np.cos(w))

        def adapted(w: float) -> float:
            return sum(g(w - alpha * g(w, i), i) for i in (0, 1)) / 2

        stop = _root(adapted, -1e3, 1e3)
        return Measured(abs((1 - alpha * (0.3 - 0.5 * np.sin(stop))) * adapted(stop)), {})

    return Probe(4, measure)
