"""Random settings of every family, for tests that want more than the defaults."""

from __future__ import annotations

import numpy as np

from bounds.errors import InputError
from empirics import problems
from empirics.problems import spec

FAMILIES = {family.name: family for family in problems.families()}
RANGES = {
    "dim": lambda rng: int(rng.integers(1, 6)),
    "n_tasks": lambda rng: int(2 * rng.integers(2, 6)),
    "seed": lambda rng: int(rng.integers(1000)),
    "L": lambda rng: float(10 ** rng.uniform(-1, 1)),
    "rho": lambda rng: float(10 ** rng.uniform(-1, 1.5)),
    "sigma": lambda rng: float(10 ** rng.uniform(-1, 1)),
    "sigma_tilde": lambda rng: float(10 ** rng.uniform(-1, 1)),
    "sigma_H": lambda rng: None if rng.random() < 0.5 else float(10 ** rng.uniform(-1, 1)),
    "oracle": lambda rng: str(rng.choice(["pair", "one-sided"])),
    "share": lambda rng: float(rng.uniform(0.1, 1)),
    "m_share": lambda rng: float(rng.uniform(0.02, 0.45)),
    "offset": lambda rng: float(rng.uniform(-2, 2)),
    "R": lambda rng: float(10 ** rng.uniform(0, 2)),
    "theta": lambda rng: float(rng.uniform(0.3, 0.95)),
    "epsilon": lambda rng: float(10 ** rng.uniform(-2, 0)),
    "Delta": lambda rng: float(10 ** rng.uniform(0, 1)),
    "spread": lambda rng: float(rng.uniform(0, 3)),
    "points": lambda rng: int(rng.integers(3, 20)),
    "loss_name": lambda rng: str(rng.choice(["welsch", "cauchy", "geman-mcclure"])),
    "level": lambda rng: float(10 ** rng.uniform(-2, 0)),
    "label_noise": lambda rng: float(rng.choice([0.0, rng.uniform(0, 1)])),
    "teachers": lambda rng: float(rng.uniform(0, 1)),
}


def random_setting(name: str, seed: int) -> problems.Problem:
    """Draw parameters until the family accepts them."""
    rng = np.random.default_rng([seed, *name.encode()])
    parameters = [p.name for p in FAMILIES[name].parameters if p.name in RANGES]
    for _ in range(1000):
        chosen = [p for p in parameters if p in ("dim", "n_tasks", "seed", "L") or rng.random() < 0.7]
        given = ",".join(f"{p}={spec._show(RANGES[p](rng))}" for p in chosen)
        try:
            return problems.from_spec(f"{name}:{given}")
        except InputError:
            continue
    raise AssertionError(f"no setting of {name} found")
