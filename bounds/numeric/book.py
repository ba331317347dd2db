"""Which numeric test stands beside which statement."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from bounds.bound import Statement
from bounds.numeric import formulas, losses, plateaus, runs, sampling, tasks
from bounds.numeric.search import Probe, Worst, ratio, worst
from bounds.plan import ALGORITHMS
from bounds.theory import design, recorded

_PROBES: Mapping[str, Callable[[], Probe]] = MappingProxyType(
    {
        "sharp.matrix.product": lambda: tasks.matrices("product"),
        "sharp.matrix.product.line": lambda: tasks.matrices("line"),
        "sharp.matrix.inner": lambda: tasks.matrices("inner"),
        "sharp.matrix.upper": lambda: tasks.matrices("norm"),
        "sharp.matrix.lower": lambda: tasks.matrices("norm"),
        "paper.gradient-relation": tasks.relation,
        "sharp.gradient-relation": tasks.relation,
        "sharp.gradient-relation.line": lambda: tasks.relation(1, 1.0),
        "sharp.root-mean-square": tasks.root_mean_square,
        "paper.second-moment": lambda: tasks.second_moment(1, 0.14),
        "sharp.second-moment": tasks.second_moment,
        "sharp.second-moment.repaired": tasks.second_moment,
        "sharp.spread.meta-gradient": tasks.spread_meta,
        "sharp.spread.adapted": tasks.spread_adapted,
        "sharp.adapted.root-mean-square": tasks.adapted_rms,
        "sharp.plateau.upper": tasks.plateau,
        "paper.smoothness": losses.smoothness,
        "sharp.smoothness": losses.smoothness,
        "paper.quadratic-bound": losses.quadratic_bound,
        "sharp.quadratic-bound": losses.quadratic_bound,
        "paper.difference.bias": losses.difference_bias,
        "sharp.tasks.without-replacement": sampling.subsets,
        "sharp.matrix.mean": sampling.matrix_mean,
        "sharp.quadratic.stationary": lambda: sampling.stationary("maml"),
        "sharp.quadratic.stationary.fo-maml": lambda: sampling.stationary("fo-maml"),
        "sharp.plateau.k-shot": sampling.k_shot,
        "paper.inner.bias": losses.inner_bias,
        "sharp.inner.bias": losses.inner_bias,
        "sharp.inner.variance": losses.inner_variance,
        "paper.inner.second-moment": losses.inner_second_moment,
        "sharp.inner.second-moment.task": losses.inner_second_moment,
        "sharp.inner.second-moment": lambda: losses.inner_second_moment(False),
        "paper.test-adaptation": losses.test_adaptation,
        "sharp.test-adaptation": losses.test_adaptation,
        "sharp.difference.bias": losses.difference_bias,
        "sharp.difference.computed": losses.computed_difference,
        "sharp.difference.computed.best": lambda: losses.computed_difference(best=True),
        "sharp.difference.noise": losses.difference_noise,
        "sharp.difference.noise.independent": lambda: losses.difference_noise(False),
        "paper.step.mean": lambda: losses.step_moment(1, "paper"),
        "paper.step.square": lambda: losses.step_moment(2, "paper"),
        **{
            f"sharp.step{infix}.{which}": partial(losses.step_moment, power, rule)
            for infix, rule in (("", "sampled"), (".paper", "paper"))
            for which, power in (("mean", 1), ("mean.upper", 1), ("square", 2))
        },
        **{f"sharp.{a}.bias": partial(losses.direction_bias, a) for a in ALGORITHMS},
        **{f"sharp.{a}.spread": partial(losses.direction_spread, a) for a in ALGORITHMS},
        "sharp.descent.sampled": lambda: losses.descent("sampled"),
        "sharp.descent.paper-step": lambda: losses.descent("paper"),
        "sharp.descent.constant": lambda: losses.descent("constant"),
        "sharp.descent.self-scaled": losses.pathwise,
        "sharp.plateau.lower": plateaus.lower,
        "sharp.plateau.trapezoid": plateaus.trapezoid,
        "sharp.plateau.hf-maml": plateaus.difference,
        "sharp.plateau.shared-hessian": plateaus.shared,
    }
)


_SUFFICIENT: Mapping[str, Callable[[], Probe]] = MappingProxyType(
    {
        "sharp.plateau.hf-maml.repair": lambda: plateaus.difference(True),
        "sharp.hf-maml.hessian-batch": losses.hessian_batch,
        "sharp.plateau.k-shot.samples": sampling.crossing,
    }
)
"""Statements that give a size that is enough: what is needed over what they give."""


def _inverse(value: float) -> float:
    return 1 / value if 0 < value < math.inf else -math.inf


def measured(st: Statement, seed: int = 0, effort: float = 1.0) -> Worst | None:
    """Return the worst ratio of left to right side over instances, or None where there is nothing to measure."""
    if st.name in _PROBES:
        return worst(_PROBES[st.name](), lambda found: ratio(st, found), seed, effort)
    if st.name in _SUFFICIENT:
        return worst(_SUFFICIENT[st.name](), lambda found: _inverse(ratio(st, found)), seed, effort)
    seen = st.case is not None and not st.case.multilevel
    run = _OF_A_CASE.get(st.case.quantity) if seen and st.case is not None else None
    return None if run is None or st.standing.kind == "refuted" else run(st, seed)


_OF_A_CASE: Mapping[str, Callable[[Statement, int], Worst]] = MappingProxyType(
    {
        **dict.fromkeys(("guarantee", "floor", "iterations"), runs.theorem),
        **dict.fromkeys((recorded.TASKS, recorded.INNER, recorded.OUTER), formulas.corollary),
        **dict.fromkeys((f"design {what}" for what in design.GROWING), lambda st, seed: formulas.order(st)),
        "constant": formulas.constant,
        "accuracy": runs.recorded_accuracy,
        "step-factor": sampling.step_factor,
    }
)
"""How what is said of several algorithms or designs is tried."""
