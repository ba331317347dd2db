"""The axioms, tried on random and on optimised instances: left side over right side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations, permutations
from types import MappingProxyType

import numpy as np

from bounds.numeric.losses import SIZE, Losses
from bounds.numeric.search import Measured, Probe, Worst, logistic, worst
from bounds.numeric.tasks import Tasks, _count

Pair = tuple[float, float]


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


def _segment(theta: np.ndarray) -> Pair:
    f = Losses(theta)
    g = f.gradient(f.w)
    if f.k * f.alpha * float(np.max(np.abs(g))) > 10:
        return 0.0, 1.0
    nodes, weights = np.polynomial.legendre.leggauss(40)
    pairs = zip(nodes, weights, strict=True)
    mean = sum(w * f.hessian(f.w - (t + 1) / 2 * f.alpha * g) for t, w in pairs) / 2
    error = np.abs(f.gradient(f.w - f.alpha * g) - (1 - f.alpha * mean) * g)
    return float(np.max(error)), 1e-9 * (1 + float(np.max(np.abs(g))))


def _taylor(theta: np.ndarray) -> Pair:
    f = Losses(theta)
    h = f.other
    left = np.abs(f.gradient(f.w + h) - f.gradient(f.w) - f.hessian(f.w) * h)
    return float(left.max()), f.rho * h * h / 2 + 1e-14


def _descent(theta: np.ndarray) -> Pair:
    f = Losses(theta)
    h, x = f.other, f.x
    smooth = (1 + x) ** 2 * f.L + (1 + x) * f.rho * f.alpha * float(np.abs(f.gradient(f.w)).mean())
    left = abs(f.objective(f.w + h) - f.objective(f.w) - float(f.meta_gradient(f.w).mean()) * h)
    return left, smooth * h * h / 2 + 1e-14


def _difference(theta: np.ndarray) -> Pair:
    f = Losses(theta)
    h = 0.05 + abs(np.tanh(f.other))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    mean = sum(w * f.hessian(f.w + t * h) for t, w in zip(nodes, weights, strict=True)) / 2
    change = (f.gradient(f.w + h) - f.gradient(f.w - h)) / 2
    return float(np.max(np.abs(change - mean * h))), 1e-9 * (1 + h)


def _product(theta: np.ndarray) -> Pair:
    t = Tasks(theta, reach=1.0)
    x = t.alpha
    return float(np.linalg.norm(t.P[0] @ t.Q[0] - (1 + x * x) * np.eye(2), 2)), 2 * x * float(
        np.sqrt(1 + x * x)
    )


def _inner(theta: np.ndarray) -> Pair:
    a, b = (u / max(1.0, float(np.linalg.norm(u))) for u in (theta[0:2], theta[2:4]))
    return float(((a + b) / 2) @ ((a + b) / 2) + ((a - b) / 2) @ ((a - b) / 2)), 1.0


def _norms(theta: np.ndarray) -> Pair:
    t = Tasks(theta)
    v = t.gradients[0]
    product = np.linalg.norm(t.P[0], 2) * np.linalg.norm(t.Q[0], 2) * np.linalg.norm(v)
    return float(np.linalg.norm(t.P[0] @ t.Q[0] @ v)), float(product)


def _spectral(theta: np.ndarray) -> Pair:
    t = Tasks(theta, reach=0.99)
    least = np.linalg.eigvalsh(np.linalg.inv(t.Q[0])).min()
    return 1 / (1 + t.alpha), float(least)


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
    p, weight = 2 + 6 * abs(theta[18]), logistic(theta[19])
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


def _monotone(theta: np.ndarray) -> Pair:
    """``beta phi(w)`` moves no more than w between neighbours, for phi with Lipschitz constant 1/beta."""
    f = Losses(theta)
    beta = 1 / (1 + f.x)
    points = np.linspace(f.w - 1, f.w + 1, 200)
    phi = np.array([f.gradient(w - f.alpha * f.gradient(w)).mean() for w in points])
    return float(np.max(beta * np.diff(phi))), float(points[1] - points[0]) * (1 + 1e-9)


_TESTS: Mapping[str, tuple[int, Callable[[np.ndarray], Pair]]] = MappingProxyType(
    {
        "laws.jensen": (9, _jensen),
        "laws.minkowski": (15, _minkowski),
        "laws.means": (9, _means),
        "laws.without_replacement": (16, _without_replacement),
        "laws.polarisation": (4, _polarisation),
        "laws.between": (9, _between),
        "losses.segment": (SIZE, _segment),
        "losses.taylor": (SIZE, _taylor),
        "losses.descent": (SIZE, _descent),
        "losses.difference": (SIZE, _difference),
        "matrices.product": (_count(2), _product),
        "matrices.inner": (4, _inner),
        "matrices.norms": (_count(2), _norms),
        "matrices.plateau": (_count(2), _spectral),
        "matrices.frobenius": (8, _frobenius),
        "matrices.schatten": (20, _schatten),
        "laws.exchangeable": (4, _exchangeable),
        "laws.recursion": (9, _recursion),
        "runs.stopping": (6, _stopping),
        "runs.plateau": (SIZE, _monotone),
    }
)


def axiom(test: str, seed: int = 0, effort: float = 1.0) -> Worst:
    """Return the worst ratio of an axiom's two sides."""
    size, pair = _TESTS[test]

    def measure(theta: np.ndarray) -> Measured:
        left, right = pair(theta)
        return Measured(left / right if right > 0 else np.inf, {})

    return worst(Probe(size, measure), lambda found: found.left if found else -np.inf, seed, effort)
