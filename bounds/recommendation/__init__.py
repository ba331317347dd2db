"""Hyperparameters for a target epsilon, on the safe side, and the questions around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bounds.lazily import offered

if TYPE_CHECKING:
    from bounds.recommendation.halving import halved
    from bounds.recommendation.model import Cost
    from bounds.recommendation.planning import recommend
    from bounds.recommendation.studies import best_for_batches, best_for_samples, pareto
    from bounds.recommendation.table import recommend_table

__all__ = ["recommend", "recommend_table", "Cost", "halved", "pareto", "best_for_samples", "best_for_batches"]

_HOME = {
    "recommend": "bounds.recommendation.planning",
    "recommend_table": "bounds.recommendation.table",
    "Cost": "bounds.recommendation.model",
    "halved": "bounds.recommendation.halving",
    "pareto": "bounds.recommendation.studies",
    "best_for_samples": "bounds.recommendation.studies",
    "best_for_batches": "bounds.recommendation.studies",
}

__getattr__, __dir__ = offered(__name__, _HOME)
