"""One-dimensional losses with exact constants, and exact expectations over two-valued noise.

``f_i(w) = m_i w^2/2 + b_i w + a_i cos(k w + p_i)``; the gradient noise of one sample is
``s (t cos(nu w) - t' sin(nu w))`` with independent signs t, t', so sigma_tilde = s and sigma_H = s nu exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from bounds.numeric.search import Measured, Probe, logistic

SIGNS = (1.0, -1.0)
SIZE = 16


class Losses:
    """Two tasks on a line, with everything that the theory names."""

    def __init__(self, theta: np.ndarray, reach: float = 0.5) -> None:
        bend, wave, shift = theta[0:2], np.abs(theta[2:4]) + 0.05, theta[4:6]
        self.k = 0.3 + abs(theta[6])
        size = np.max(np.abs(bend) + wave * self.k**2)
        self.m, self.a, self.p, self.b = bend / size, wave / size, shift, theta[7:9]
        self.w, self.x = float(theta[9]), reach * logistic(theta[10])
        self.alpha, self.L = self.x, 1.0
        self.rho = float(np.max(self.a) * self.k**3)
        self.s, self.nu = 1e-6 + abs(theta[11]), 0.2 + abs(theta[12])
        self.c, self.size = logistic(theta[13]), 2 * logistic(theta[14])
        self.length = self.size / (self.rho * self.alpha)
        self.other = float(theta[15])

    def gradient(self, w: Any) -> np.ndarray:
        """Both tasks' gradients."""
        return self.m * w + self.b - self.a * self.k * np.sin(self.k * w + self.p)

    def hessian(self, w: Any) -> np.ndarray:
        """Both tasks' Hessians."""
        return self.m - self.a * self.k**2 * np.cos(self.k * w + self.p)

    def value(self, w: Any) -> np.ndarray:
        """Both tasks' losses."""
        return self.m * w * w / 2 + self.b * w + self.a * np.cos(self.k * w + self.p)

    def meta_gradient(self, w: float) -> np.ndarray:
        """Both tasks' meta-gradients."""
        return (1 - self.alpha * self.hessian(w)) * self.gradient(w - self.alpha * self.gradient(w))

    def objective(self, w: float) -> float:
        """F(w)."""
        return float(self.value(w - self.alpha * self.gradient(w)).mean())

    def noise(self, w: Any, t: Any, u: Any) -> np.ndarray:
        """Gradient noise of one sample."""
        return self.s * (t * np.cos(self.nu * w) - u * np.sin(self.nu * w))

    def noise_slope(self, w: Any, t: Any, u: Any) -> np.ndarray:
        """Hessian noise of one sample."""
        return -self.s * self.nu * (t * np.sin(self.nu * w) + u * np.cos(self.nu * w))

    @property
    def values(self) -> dict[str, float]:
        """The values of the theory's symbols at w; every batch has one sample."""
        g = self.gradient(self.w)
        one = dict.fromkeys(("B", "D_in", "D_o", "D_h", "D_test", "B_prime", "D_beta", "theta"), 1.0)
        own = {"L": self.L, "rho": self.rho, "alpha": self.alpha, "sigma_tilde": self.s, "c": self.c}
        return {
            **one,
            **own,
            "sigma": float(g.std()),
            "sigma_H": self.s * self.nu,
            "probe_length": self.length,
            "mean_norm": float(np.abs(g).mean()),
            "gradient": float(abs(g.mean())),
            "y": float(abs(self.meta_gradient(self.w).mean())),
        }

    def samples(self) -> np.ndarray:
        """All equally likely pairs of signs of one sample."""
        return np.array(list(product(SIGNS, SIGNS)))

    def adapted(self) -> np.ndarray:
        """``w - alpha g~_i(w)`` for each task (rows) and inner sample (columns)."""
        noises = np.array([self.noise(self.w, t, u) for t, u in self.samples()])
        return np.asarray(self.w - self.alpha * (self.gradient(self.w)[:, None] + noises[None, :]))

    def outer(self) -> np.ndarray:
        """``v = g~_i(w_i^+, D_o)`` for task, inner sample, outer sample."""
        points = self.adapted()
        exact = np.stack([self._own(points[i], i) for i in (0, 1)])
        noises = np.stack([self.noise(points, t, u) for t, u in self.samples()], axis=-1)
        return np.asarray(exact[:, :, None] + noises)

    def _own(self, points: np.ndarray, task: int) -> np.ndarray:
        a, k, p = self.a[task], self.k, self.p[task]
        return np.asarray(self.m[task] * points + self.b[task] - a * k * np.sin(k * points + p))

    def directions(self, algorithm: str) -> np.ndarray:
        """All equally likely values of G_i: task, inner, outer (and Hessian) sample."""
        v = self.outer()
        if algorithm == "fo-maml":
            return v[..., None]
        slopes = self._products(v, algorithm)
        return np.asarray(v[..., None] - self.alpha * slopes)

    def _products(self, v: np.ndarray, algorithm: str) -> np.ndarray:
        out = []
        for t, u in self.samples():
            if algorithm == "maml":
                out.append((self.hessian(self.w)[:, None, None] + self.noise_slope(self.w, t, u)) * v)
                continue
            up, down = self.w + self.length, self.w - self.length
            change = self.gradient(up) - self.gradient(down)
            noisy = self.noise(up, t, u) - self.noise(down, t, u)
            out.append((change[:, None, None] + noisy) / (2 * self.length) * v)
        return np.stack(out, axis=-1)


def probe(quantity: Callable[[Losses], Measured | float | None], reach: float = 0.5) -> Probe:
    """Turn a quantity of the losses into a family of instances."""

    def measure(theta: np.ndarray) -> Measured | None:
        losses = Losses(theta, reach)
        found = quantity(losses)
        if found is None or isinstance(found, Measured):
            return found
        return Measured(float(found), losses.values)

    return Probe(SIZE, measure)


def smoothness(reach: float = 0.9) -> Probe:
    """Change of grad F per distance; both ends count."""

    def quantity(f: Losses) -> float:
        u = f.w + 0.3 * f.other
        return float(abs(f.meta_gradient(f.w).mean() - f.meta_gradient(u).mean()) / max(abs(u - f.w), 1e-9))

    return probe(quantity, reach)


def quadratic_bound(reach: float = 0.9) -> Probe:
    """Distance of F from its tangent, over the squared distance of the points."""

    def quantity(f: Losses) -> float:
        h = 0.05 + abs(0.3 * f.other)
        rest = f.objective(f.w + h) - f.objective(f.w) - float(f.meta_gradient(f.w).mean()) * h
        return abs(rest) / h**2

    return probe(quantity, reach)


def inner_bias() -> Probe:
    """Bias of one task's outer gradient."""
    return probe(lambda f: abs(f.outer()[0].mean() - f.gradient(f.w - f.alpha * f.gradient(f.w))[0]), 0.99)


def inner_variance() -> Probe:
    """Variance of one task's outer gradient."""
    return probe(lambda f: f.outer()[0].var(), 0.99)


def inner_second_moment(per_task: bool = True) -> Probe:
    """Second moment of the outer gradient, of one task or over both."""

    def quantity(f: Losses) -> Measured:
        v = f.outer()
        exact = float(abs(f.gradient(f.w - f.alpha * f.gradient(f.w))[0]))
        own = {"outer_norm": exact, "phi": max(exact / max(f.x * f.s, 1e-9), 1e-9)}
        return Measured(float(((v[0] if per_task else v) ** 2).mean()), {**f.values, **own})

    return probe(quantity, 0.99)


def test_adaptation() -> Probe:
    """Grad F^ against grad F for one task: the same sample in the step and in its derivative."""

    def quantity(f: Losses) -> float:
        total = 0.0
        for t, u in f.samples():
            noisy = f.gradient(f.w)[0] + f.noise(f.w, t, u)
            factor = 1 - f.alpha * (f.hessian(f.w)[0] + f.noise_slope(f.w, t, u))
            total += float(factor * f.gradient(f.w - f.alpha * noisy)[0]) / 4
        return abs(total - float(f.meta_gradient(f.w)[0]))

    return probe(quantity, 0.99)


def difference_bias() -> Probe:
    """Error of the central difference."""

    def quantity(f: Losses) -> Measured:
        delta, v = 0.1 + abs(f.other), 0.5 + f.size
        change = (f.gradient(f.w + delta * v) - f.gradient(f.w - delta * v))[0] / (2 * delta)
        error = abs(float(change - f.hessian(f.w)[0] * v))
        return Measured(error, {**f.values, "delta": delta, "probe_norm": v})

    return probe(quantity)


def computed_difference(best: bool = False) -> Probe:
    """Error of a central difference whose points and gradients are off by a relative error u, at worst.

    With ``best`` u is the one for which the step is the best one.
    """

    def quantity(f: Losses) -> Measured:
        delta, v = 0.1 + abs(f.other), 0.5 + f.size
        up, down = (float(f.gradient(f.w + sign * delta * v)[0]) for sign in SIGNS)
        largest = max(abs(up), abs(down))
        far = abs(f.w) + 2 * delta * v
        u = f.rho * (delta * v) ** 2 / (2 * (largest + f.L * far)) if best else f.c
        exact = float(f.hessian(f.w)[0]) * v
        error = max(abs(_rounded(f, delta * v, u, far, sign) / (2 * delta) - exact) for sign in SIGNS)
        largest = max(largest, *(abs(g) for side in SIGNS for g in _moved(f, side * delta * v, u * far)))
        known = {"delta": delta, "probe_norm": v, "probe_gradient": largest, "rounding": u, "point_norm": far}
        return Measured(error, {**f.values, **known})

    return probe(quantity)


def _moved(f: Losses, probe: float, shift: float) -> list[float]:
    """Gradients at a probe that rounding has moved by as much as it can, to either side."""
    return [float(f.gradient(f.w + probe + sign * shift)[0]) for sign in SIGNS]


def _rounded(f: Losses, probe: float, u: float, far: float, sign: float) -> float:
    """Largest (or, with the other sign, smallest) computed change between the two probes."""
    total = 0.0
    for side in (sign, -sign):
        total += max(side * g + u * abs(g) for g in _moved(f, sign * side * probe, u * far))
    return sign * total


def difference_noise(same: bool = True) -> Probe:
    """Noise of the central difference."""

    def quantity(f: Losses) -> Measured:
        delta, v = 0.05 + abs(f.other), 0.5 + f.size
        up = np.array([f.noise(f.w + delta * v, t, u) for t, u in f.samples()])
        down = np.array([f.noise(f.w - delta * v, t, u) for t, u in f.samples()])
        square = ((up - down) ** 2).mean() if same else (up**2).mean() + (down**2).mean()
        return Measured(float(square / (2 * delta) ** 2), {**f.values, "delta": delta, "probe_norm": v})

    return probe(quantity)


def hessian_batch() -> Probe:
    """Return samples with which the noise of the difference is exactly ||v||."""

    def quantity(f: Losses) -> Measured:
        up = np.array([f.noise(f.w + f.length, t, u) for t, u in f.samples()])
        down = np.array([f.noise(f.w - f.length, t, u) for t, u in f.samples()])
        return Measured(float((f.alpha**2 * (up - down) ** 2).mean() / (2 * f.length) ** 2), f.values)

    return probe(quantity)


def direction_bias(algorithm: str) -> Probe:
    """||E G - grad F||."""
    return probe(lambda f: abs(f.directions(algorithm).mean() - f.meta_gradient(f.w).mean()))


def direction_spread(algorithm: str) -> Probe:
    """Return the standard deviation of G_i."""
    return probe(lambda f: float(f.directions(algorithm).std()))


def step_moment(power: int, rule: str) -> Probe:
    """Moments of the random step size, one task and one sample."""

    def quantity(f: Losses) -> Measured:
        noises = np.array([f.noise(f.w, t, u) for t, u in f.samples()])
        norms = np.abs(f.gradient(f.w)[:, None] + noises[None, :])
        k, slope = ((1 + f.x) ** 2, 1 + f.x) if rule == "sampled" else (4.0, 2.0)
        sizes = k * f.L + slope * f.rho * f.alpha * norms
        return Measured(float((sizes**-power).mean()), f.values)

    return probe(quantity, 0.99)


def descent(rule: str) -> Probe:
    """Mean fall of F in one FO-MAML step with B = 1 (any direction would do)."""

    def quantity(f: Losses) -> Measured:
        g = f.directions("fo-maml")
        v = f.values
        bound = float(np.abs(f.gradient(f.w)).mean())
        sizes, fall = _sizes(f, rule, g), []
        for step in sizes:
            points = f.w - step * g
            fall.append(np.mean([f.objective(float(p)) for p in points.ravel()]))
        exact = float(f.meta_gradient(f.w).mean())
        own = {"bias": abs(float(g.mean()) - exact), "variance": float(g.var()), "M": bound}
        return Measured(
            float(np.mean(fall)) - f.objective(f.w), {**v, **own, "theta": 0.2 + 0.8 * logistic(f.other)}
        )

    return probe(quantity)


def pathwise() -> Probe:
    """Fall of F along one arbitrary direction with the self-scaled step."""

    def quantity(f: Losses) -> Measured:
        from bounds.evaluation import scalars
        from bounds.theory.gradients import RELATION
        from bounds.theory.step_rules import SELF_SCALED

        v = f.values
        names = ("L", "rho", "sigma", "alpha")
        compiled = scalars(RELATION, names, (SELF_SCALED.smoothness, SELF_SCALED.slope))
        l0, l1 = compiled(*(v[n] for n in names))
        exact = float(f.meta_gradient(f.w).mean())
        g = exact * (1 + f.other)
        after = f.objective(f.w - f.c * g / (l0 + l1 * abs(g)))
        return Measured(after - f.objective(f.w), {**v, "error": abs(g - exact), "theta": logistic(f.nu - 1)})

    return probe(quantity)


def _sizes(f: Losses, rule: str, g: np.ndarray) -> list[float]:
    norms = np.abs(f.gradient(f.w)[:, None] + np.array([f.noise(f.w, t, u) for t, u in f.samples()])[None, :])
    x, base = f.x, f.rho * f.alpha
    if rule == "constant":
        return [f.c / ((1 + x) ** 2 * f.L + (1 + x) * base * float(np.abs(f.gradient(f.w)).mean()))]
    k, slope = ((1 + x) ** 2, 1 + x) if rule == "sampled" else (4.0, 2.0)
    return [float(f.c / (k * f.L + slope * base * n)) for n in norms.ravel()]
