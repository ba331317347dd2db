"""Randomness by name: one stream per seed, experiment, replicate and purpose."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import torch

STREAMS = (
    "tasks",
    "in",
    "out",
    "hess",
    "step-tasks",
    "step",
    "level",
    "first",
    "second",
    "shared",
    "iterate",
    "curved",
)
"""In this order for ever: its place is what a stream is known by."""


def generator(seed: int, experiment: str, replicate: int, stream: str) -> np.random.Generator:
    """Return the generator of one stream, a pure function of its four names.

    Parameters
    ----------
    seed : int
        Seed of the whole study, >= 0.
    experiment : str
        Name of the experiment; two experiments of one seed are independent.
    replicate : int
        Number of the replicate, >= 0.
    stream : one of STREAMS
        What the numbers are for; ``in.1`` is the batch of the second inner step, and so on. Streams are
        independent of each other, so that an algorithm which does not look at a batch changes nothing in the
        others.
    """
    return np.random.Generator(np.random.SFC64(_sequence(seed, experiment, replicate, stream)))


def device_generator(
    seed: int, experiment: str, first: int, stream: str, part: int, device: str
) -> torch.Generator:
    """Return the generator of one stream of a block of replicates, for drawing on a device.

    Parameters
    ----------
    seed, experiment, stream
        As above.
    first : int
        Number of the block's first replicate.
    part : int
        Which part of a batch the numbers are for.
    device : str
        Where; each kind of device has numbers of its own.
    """
    state = _sequence(seed, experiment, first, stream, part).generate_state(1, np.uint64)
    return torch.Generator(device).manual_seed(int(state[0] >> np.uint64(1)))


def _sequence(seed: int, experiment: str, replicate: int, stream: str, *part: int) -> np.random.SeedSequence:
    words = struct.unpack("<2I", hashlib.sha256(experiment.encode()).digest()[:8])
    purpose, _, step = stream.partition(".")
    key = (*words, replicate, STREAMS.index(purpose), *((int(step),) if step else ()))
    return np.random.SeedSequence(seed, spawn_key=(*key, len(STREAMS), *part) if part else key)
