"""What a plan asserts of the point that is returned, with a probability, and what has to be done for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assurance:
    r"""With probability ``confidence`` at least the point that is returned has :math:`\|\nabla F\|\le` ``bound``.

    The plan is run ``runs`` times, independently; in each run one iterate is drawn, uniformly. Of several iterates
    the one is returned whose mean direction is the shortest: the median of its length over ``groups`` groups of
    ``B`` fresh tasks each, with batches of ``D_in``, ``D_o`` and ``D_h`` samples. All of the drawn ones miss
    ``best`` with probability ``chance**runs`` at most, and the choice goes wrong with probability ``runs * lapse``
    at most.

    Attributes
    ----------
    confidence, epsilon : float
        What was asked for: with which probability, and how small :math:`\|\nabla F\|`. Unit of epsilon F/W.
    runs : int
    chance, lapse : float
        Probability that one iterate misses ``best``, and that one of them is measured too badly; at most. The
        second is 0 where one run is enough and nothing is chosen.
    best, bound : float
        What bounds the best of the iterates, and the one that is returned, <= epsilon. Unit F/W.
    statements : tuple of str
        Names of the statements on the two.
    of_group : float
        Probability that one group's mean direction is too far off, at most: what makes ``lapse``.
    groups, B, D_in, D_o, D_h : int
        Groups of tasks and batches of the choice, for each iterate; 0 where nothing is chosen.
    samples : float
        Samples of all runs and of the choice; where levels are drawn, their expected number.
    """

    confidence: float
    epsilon: float
    runs: int
    chance: float
    lapse: float
    best: float
    bound: float
    statements: tuple[str, ...]
    groups: int
    of_group: float
    B: int
    D_in: int
    D_o: int
    D_h: int
    samples: float
