"""Real tasks as factories: ``sinusoid``, and ``digits`` (with scikit-learn, extra ``tasks``)."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch
from torch import nn

from bounds.errors import InputError
from empirics.estimation.model import OwnModel, own_model

WIDTH, HIDDEN = 40, 32
AMPLITUDES, PHASES, INPUTS = (0.1, 5.0), (0.0, math.pi), (-5.0, 5.0)
WAYS, CLASSES = 5, 10


def sinusoid() -> OwnModel:
    """Return the regression of sine waves with the classic network, 1-40-40-1, tanh.

    A task is a wave of an amplitude in [0.1, 5] and a phase in [0, pi], x uniform in [-5, 5] (C. Finn, P. Abbeel
    and S. Levine, "Model-agnostic meta-learning", ICML 2017, who use ReLU, which has no rho).
    """
    layers = (nn.Linear(1, WIDTH), nn.Tanh(), nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, 1))
    return own_model(_seeded(*layers), nn.functional.mse_loss, waves)


def waves(rng: np.random.Generator, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a wave, and so many points of it."""
    amplitude, phase = rng.uniform(*AMPLITUDES), rng.uniform(*PHASES)
    x = rng.uniform(*INPUTS, (points, 1))
    return x, amplitude * np.sin(x + phase)


def digits() -> OwnModel:
    """Return five-way classification of handwritten digits, 8 by 8: a task is five of the ten in random order.

    There are 30,240 such tasks, so that a new one is new in its order; the digits are the same.
    """
    layers = (nn.Linear(64, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, WAYS))
    return own_model(_seeded(*layers), nn.functional.cross_entropy, images)


def images(rng: np.random.Generator, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a task, five digits with labels 0 to 4 in random order, and so many images, about equally of each."""
    pictures, places, counts = _digits()
    chosen = rng.permutation(CLASSES)[:WAYS]
    labels = rng.permutation(np.arange(points) % WAYS)
    shown = chosen[labels]
    return pictures[places[shown, (rng.random(points) * counts[shown]).astype(int)]], labels


@cache
def _digits() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the images, where those of each digit are (a row a digit, padded), and how many there are."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        remedy = 'install it: pip install "fosp[tasks]"'
        raise InputError("tasks", "digits", "needs scikit-learn, which has the images", remedy) from error
    found = load_digits()
    own = [np.flatnonzero(found.target == digit) for digit in range(CLASSES)]
    counts = np.array([len(one) for one in own])
    places = np.stack([np.pad(one, (0, counts.max() - len(one))) for one in own])
    return found.data / 16.0 - 0.3, places, counts


def _seeded(*layers: nn.Module) -> nn.Sequential:
    """Return a network whose first weights are the same at every call."""
    rng = torch.Generator().manual_seed(0)
    net = nn.Sequential(*layers)
    for parameter in net.parameters():
        fan = parameter.shape[-1] if parameter.ndim > 1 else parameter.numel()
        bound = 1 / math.sqrt(fan)
        with torch.no_grad():
            parameter.uniform_(-bound, bound, generator=rng)
    return net
