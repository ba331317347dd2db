"""Hyperparameters for a target epsilon, on the safe side."""

from bounds.recommendation.recommend import recommend

__all__ = ["recommend"]
