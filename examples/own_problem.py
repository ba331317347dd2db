"""Five sensors, each with a dead zone of its own: robust calibration as a meta-learning problem."""

import numpy as np
import torch

from empirics import problems


def loss(w, x, y):
    """Cauchy loss of one reading x (three channels) against its reference y."""
    return torch.log1p((x @ w - y) ** 2) / 2


def sensors():
    """One task per sensor: its readings and the references, the same at every call."""
    rng = np.random.default_rng(0)
    for gain in np.linspace(0.5, 1.5, 5):
        x = rng.uniform(-1, 1, (40, 3))
        yield x, x @ [gain, -1.0, 0.5] + 0.1 * rng.standard_normal(40)


def make():
    """Return the problem; `fosp constants own_problem:make` checks it."""
    tasks = list(sensors())
    size = max(np.linalg.norm(x, axis=1).max() for x, _ in tasks)
    top = max(np.linalg.norm(x, 2) ** 2 / len(x) for x, _ in tasks)
    constants = {
        "L": problems.certified(top, "max_i lam_max(X'X)/n, since |psi''| <= 1"),
        "rho": problems.certified(1.4572 * top * size, "sup|psi'''| L max|x|"),
        "sigma": problems.certified(top**0.5 / 2, "sup|psi'| sqrt(L), sup|psi'| = 1/2"),
        "sigma_tilde": problems.certified(size / 2, "sup|psi'| max|x|"),
        "sigma_H": problems.estimated(size**2),
    }
    return problems.own_problem(loss, tasks, start=[0, 0, 0], constants=constants, infimum=0.0)
