"""Hyperparameters for a target epsilon, on the safe side, and the questions around them."""

from bounds.recommendation.halving import halved
from bounds.recommendation.model import Cost
from bounds.recommendation.planning import recommend
from bounds.recommendation.studies import best_for_batches, best_for_samples, pareto
from bounds.recommendation.table import recommend_table

__all__ = ["recommend", "recommend_table", "Cost", "halved", "pareto", "best_for_samples", "best_for_batches"]
