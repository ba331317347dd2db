"""Hyperparameters for a target epsilon, on the safe side."""

from bounds.recommendation.planning import recommend

__all__ = ["recommend"]
