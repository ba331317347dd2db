"""Randomness by name: one stream per seed, experiment, replicate and purpose."""

from __future__ import annotations

import hashlib
import struct
from functools import lru_cache

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


def generator(seed: int, experiment: str, replicate: int, stream: str, part: int = 0) -> np.random.Generator:
    """Return the generator of one stream, a pure function of its names.

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
    part : {0, 1}
        Which part of a batch the numbers are for, where it is drawn in two.
    """
    own = (part,) if part else ()
    return np.random.Generator(np.random.SFC64(_sequence(seed, experiment, replicate, stream, *own)))


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
    words = _words(experiment)
    purpose, _, step = stream.partition(".")
    key = (*words, replicate, STREAMS.index(purpose), *((int(step),) if step else ()))
    return np.random.SeedSequence(seed, spawn_key=(*key, len(STREAMS), *part) if part else key)


@lru_cache(maxsize=256)
def _words(experiment: str) -> tuple[int, ...]:
    return struct.unpack("<2I", hashlib.sha256(experiment.encode()).digest()[:8])
