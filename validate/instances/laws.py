"""The axioms, tried on random and on optimised instances: left side over right side."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
import torch

from bounds.derivation import axioms
from bounds.derivation.step import Axiom
from bounds.ledger import Worst
from bounds.theory.inner_steps.products import DISC
from validate.instances import chances, free, samples
from validate.instances.climbing import climb, share
from validate.instances.search import oriented

Pair = tuple[float, float]
Both = tuple[np.ndarray, np.ndarray]
FREE = free.size(2, 2)
CLIMBS, ROUNDS = 24, 36


@dataclass(frozen=True)
class Law:
    """An inequality ``left <= right`` that an axiom says, over instances made of ``size`` unconstrained numbers.

    ``sides`` takes a batch of them; an equality is stated as a ratio of one, or as an error beside round-off.
    """

    axiom: Axiom
    size: int
    sides: Callable[[np.ndarray], Both]

    def worst(self, seed: int = 0) -> Worst:
        """Return the worst ratio of the two sides that a search has seen."""
        rng = np.random.default_rng(seed)
        starts = rng.standard_normal((CLIMBS, self.size))
        _, ratios = climb(lambda points: oriented(*self.sides(points), r"\le"), starts, rng, ROUNDS)
        return Worst(float(ratios.max()), CLIMBS * (ROUNDS + 1))


def each(pair: Callable[[np.ndarray], Pair]) -> Callable[[np.ndarray], Both]:
    """Return what takes a batch, from what takes one instance."""

    def sides(points: np.ndarray) -> Both:
        rows = np.array([pair(point) for point in points])
        return rows[:, 0], rows[:, 1]

    return sides


# ---- laws of few values, vectors and matrices --------------------------------------------------------


def _law(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weights = np.exp(theta[:3])
    return weights / weights.sum(), theta[3:9].reshape(3, 2)


def _jensen(theta: np.ndarray) -> Pair:
    p, v = _law(theta)
    sizes = 0.1 + np.abs(v[:, 0])
    return 1 / float(p @ sizes), float(p @ (1 / sizes))


def _minkowski(theta: np.ndarray) -> Pair:
    p, v = _law(theta)
    u = theta[9:15].reshape(3, 2)

    def norm(a: np.ndarray) -> float:
        return float(np.sqrt(p @ (a**2).sum(1)))

    return norm(v + u), norm(v) + norm(u)


def _means(theta: np.ndarray) -> Pair:
    """Variance of the mean of two independent copies is half: equality, as a ratio of one."""
    p, v = _law(theta)
    centred = v[:, 0] - p @ v[:, 0]
    pairs = (centred[:, None] + centred[None, :]) / 2
    return float(p @ pairs**2 @ p), float(p @ centred**2) / 2 * (1 + 1e-12)


def _without_replacement(theta: np.ndarray) -> Pair:
    """Mean of B of five vectors, each with a noise of its own, over all sets of B: equality, as a ratio of one."""
    n, B = 5, 1 + int(abs(10 * theta[0])) % 5
    means, noise = theta[1:11].reshape(n, 2), theta[11:16] ** 2
    centred = means - means.mean(0)
    sets = [list(chosen) for chosen in combinations(range(n), B)]
    left = np.mean([(centred[s].mean(0) ** 2).sum() + noise[s].sum() / B**2 for s in sets])
    between = (centred**2).sum(1).mean()
    return float(left), float((n - B) / (n - 1) * between + noise.mean()) / B * (1 + 1e-12)


def _polarisation(theta: np.ndarray) -> Pair:
    a, b = theta[0:2], theta[2:4]
    return abs(float(a @ b - (a @ a + b @ b - (a - b) @ (a - b)) / 2)), 1e-12 * (1 + float(a @ a + b @ b))


def _between(theta: np.ndarray) -> Pair:
    p, v = _law(theta)
    z = v[:, 0]
    mean = float(p @ z)
    return float(p @ (z - mean) ** 2), float((z.max() - mean) * (mean - z.min())) + 1e-15


def _inner(theta: np.ndarray) -> Pair:
    a, b = (u / max(1.0, float(np.linalg.norm(u))) for u in (theta[0:2], theta[2:4]))
    return float(((a + b) / 2) @ ((a + b) / 2) + ((a - b) / 2) @ ((a - b) / 2)), 1.0


def _frobenius(theta: np.ndarray) -> Pair:
    a, b = theta[0:4].reshape(2, 2), theta[4:8].reshape(2, 2)
    signs = [(s, u) for s in (1, -1) for u in (1, -1)]
    pairs = [((s * a) + (u * b)) / 2 for s, u in signs]
    one = (np.linalg.norm(a) ** 2 + np.linalg.norm(b) ** 2) / 2
    return float(np.mean([np.linalg.norm(m, 2) ** 2 for m in pairs])), float(one / 2)


def _exchangeable(theta: np.ndarray) -> Pair:
    """Covariance of the first two of four draws without replacement, against the same for the last two."""
    orders = np.array([theta[list(order)] for order in permutations(range(4))])
    centred = orders - theta[:4].mean()
    first, last = (float(np.mean(centred[:, i] * centred[:, i + 1])) for i in (0, 2))
    return abs(first - last), 1e-12 * (1 + float(theta[:4] @ theta[:4]))


def _schatten(theta: np.ndarray) -> Pair:
    """``E||X + Y||_p^2`` for Y of two centred values, of unequal weights."""
    x, y = theta[0:9].reshape(3, 3), theta[9:18].reshape(3, 3)
    p, weight = 2 + 6 * abs(theta[18]), share(theta[19])
    values = ((weight, y * (1 - weight)), (1 - weight, -y * weight))

    def norm(a: np.ndarray) -> float:
        s = np.linalg.svd(a, compute_uv=False)
        return float(s[0] * ((s / s[0]) ** p).sum() ** (1 / p))

    left = sum(w * norm(x + v) ** 2 for w, v in values)
    return left, norm(x) ** 2 + (p - 1) * sum(w * norm(v) ** 2 for w, v in values)


def _recursion(theta: np.ndarray) -> Pair:
    """Second moment after many steps of ``a z + b`` with independent a and centred b, against its fixed point."""
    p, v = _law(theta)
    a, b = np.tanh(v[:, 0]) * 0.95, v[:, 1] - p @ v[:, 1]
    shrink, added, square = float(p @ a**2), float(p @ b**2), 0.0
    for _ in range(400):
        square = shrink * square + added
    return square, added / (1 - shrink) * (1 + 1e-9)


def _stopping(theta: np.ndarray) -> Pair:
    """Total of the falls up to the first visit, against what there is to fall: a walk with known mean fall."""
    steps = np.abs(theta[:6])
    before = steps[: max(1, int(np.argmax(steps > 1)) if (steps > 1).any() else 6)]
    return float(before.sum()), float(steps.sum()) + 1e-12


# ---- gradients, Hessians and mean Hessians of tasks --------------------------------------------------


def _product(points: np.ndarray) -> Both:
    t = free.decode(points, 2, 2, 1.0)
    x = t.alpha.flatten().numpy()
    return t.most(t.P @ t.Q - (1 + t.x**2) * t.identity), 2 * x * np.sqrt(1 + x**2)


def _norms(points: np.ndarray) -> Both:
    t = free.decode(points, 2, 2, 0.7)
    P, Q = (torch.linalg.matrix_norm(one[:, 0], ord=2).numpy() for one in (t.P, t.Q))
    return t.length(t.meta[:, 0]), P * Q * t.length(t.g[:, 0])


def _spectral(points: np.ndarray) -> Both:
    t = free.decode(points, 2, 2, 0.99)
    return 1 / (1 + t.alpha.flatten().numpy()), t.lowest(torch.linalg.inv(t.Q))


def _disc(points: np.ndarray) -> Both:
    """Three factors; the least ``Re z^3`` is looked for on the rim of the disc, to one part in a million."""
    t = free.decode(points, 3, 2, math.sin(math.pi / 3))
    rim = 1 + t.alpha.flatten().numpy()[:, None] * np.exp(1j * np.linspace(0, np.pi, 20_001))
    product = t.P[:, 0] @ t.P[:, 1] @ t.P[:, 2]
    return (rim**3).real.min(1) - 1e-6, t.lowest(product.unsqueeze(1))


# ---- losses on a line --------------------------------------------------------------------------------


def _nodes(count: int) -> list[tuple[float, float]]:
    """Return nodes in (-1, 1) and their weights, which add up to one."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return list(zip(nodes, weights / 2, strict=True))


def _curvature(f: samples.Sampled, at: torch.Tensor) -> torch.Tensor:
    return f.problem.hessian_vector(f.tasks, at, torch.ones(1, dtype=torch.float64))


def _segment(points: np.ndarray) -> Both:
    f = samples.decode(points, 0.5)
    way = f.alpha * f.g
    mean = sum(weight * _curvature(f, f.points - (t + 1) / 2 * way) for t, weight in _nodes(40))
    largest = f.g.abs().amax((1, 2)).numpy()
    error = (f.outer - (1 - f.alpha * mean) * f.g).abs().amax((1, 2)).numpy()
    near = f.problem.k[:, 0].numpy() * f.alpha.flatten().numpy() * largest <= 10
    return np.where(near, error, 0.0), 1e-9 * (1 + largest)


def _taylor(points: np.ndarray) -> Both:
    f = samples.decode(points, 0.5)
    h = f.other.unsqueeze(1)
    rest = f.problem.gradient(f.tasks, f.points + h) - f.g - _curvature(f, f.points) * h
    return rest.abs().amax((1, 2)).numpy(), (f.problem.rho * f.other**2 / 2).flatten().numpy() + 1e-14


def _descent(points: np.ndarray) -> Both:
    f = samples.decode(points, 0.5)
    h, x, rho = (one.flatten().numpy() for one in (f.other, f.x, f.problem.rho))
    smooth = (1 + x) ** 2 + (1 + x) * rho * x * f.values["mean_norm"]
    ahead, here = (f.problem.objective(w, f.alpha).numpy() for w in (f.w + f.other, f.w))
    return abs(ahead - here - f.meta.mean((1, 2)).numpy() * h), smooth * h * h / 2 + 1e-14


def _difference(points: np.ndarray) -> Both:
    f = samples.decode(points, 0.5)
    h = 0.05 + torch.tanh(f.other).abs().unsqueeze(1)
    mean = sum(weight * _curvature(f, f.points + t * h) for t, weight in _nodes(24))
    ahead, behind = (f.problem.gradient(f.tasks, f.points + side * h) for side in (1, -1))
    error = ((ahead - behind) / 2 - mean * h).abs().amax((1, 2))
    return error.numpy(), 1e-9 * (1 + h.flatten().numpy())


def _monotone(points: np.ndarray) -> Both:
    """``beta phi(w)`` moves no more than w between neighbours, for phi with Lipschitz constant 1/beta."""
    f = samples.decode(points, 0.5)
    grid = f.points + torch.linspace(-1, 1, 200, dtype=torch.float64).view(1, -1, 1)
    tasks, w = f.tasks.unsqueeze(1), grid.unsqueeze(-2)
    alpha = f.alpha.unsqueeze(-1)
    phi = f.problem.gradient(tasks, w - alpha * f.problem.gradient(tasks, w)).mean((2, 3))
    steepest = phi.diff(dim=1).amax(1, keepdim=True) / (1 + f.alpha[:, 0])
    return steepest.flatten().numpy(), np.full(len(points), 2 / 199 * (1 + 1e-9))


LAWS = (
    Law(axioms.JENSEN, 9, each(_jensen)),
    Law(axioms.MINKOWSKI, 15, each(_minkowski)),
    Law(axioms.INDEPENDENCE, 9, each(_means)),
    Law(axioms.WITHOUT_REPLACEMENT, 16, each(_without_replacement)),
    Law(axioms.POLARISATION, 4, each(_polarisation)),
    Law(axioms.BETWEEN, 9, each(_between)),
    Law(axioms.FUNDAMENTAL, samples.SIZE, _segment),
    Law(axioms.TAYLOR, samples.SIZE, _taylor),
    Law(axioms.DESCENT, samples.SIZE, _descent),
    Law(axioms.SEGMENT_MEAN, samples.SIZE, _difference),
    Law(axioms.EXTREME_POINTS, FREE, _product),
    Law(axioms.PARALLELOGRAM, 4, each(_inner)),
    Law(axioms.NORMS, FREE, _norms),
    Law(DISC, free.size(3, 2), _disc),
    Law(axioms.SPECTRAL, FREE, _spectral),
    Law(axioms.FROBENIUS, 8, each(_frobenius)),
    Law(axioms.SCHATTEN, 20, each(_schatten)),
    Law(axioms.EXCHANGEABLE, 4, each(_exchangeable)),
    Law(axioms.RECURSION, 9, each(_recursion)),
    Law(axioms.MONOTONE_CONVERGENCE, 6, each(_stopping)),
    Law(axioms.CONTRACTION, samples.SIZE, _monotone),
    Law(axioms.MARKOV, 7, each(chances.markov)),
    Law(axioms.INDEPENDENT_EVENTS, 2, each(chances.all_events)),
    Law(axioms.MEDIAN, 9, each(chances.median)),
)


def tried(axiom: Axiom) -> Worst | None:
    """Return the worst ratio of an axiom's two sides; None where no law tries it."""
    return next((law.worst() for law in LAWS if law.axiom == axiom), None)
