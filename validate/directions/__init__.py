"""Judging a direction: whether a function of (oracle, w, alpha) is the algorithm that it says it is.

Draw by draw first, on the same tasks and samples as the algorithm as the paper has it; where the two differ,
what the direction read, then exact derivatives, then the law of its draws. Any algorithm can be claimed.
"""
