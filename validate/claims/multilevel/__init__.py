r"""The multilevel inner batch: mean, corrections, variance and cost at points, and the directions built on it.

What is run is :func:`empirics.multilevel.outer_gradient` on fresh batches of every task. Its values have weights
up to :math:`2^M/q` on rare draws, so that a sample says little about its own tails: means are judged by intervals
that rest on the theory's bound on the variance alone, and so hold for every law. Noise of mean zero is taken off
before: that of the outer batches, and :math:`-\alpha\nabla^2 f_i(w_i^+)\,n`, linear in the inner noise n.
"""
