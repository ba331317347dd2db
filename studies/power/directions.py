"""Sabotaged algorithms: each wrong in one way that has been seen, or could be, in an implementation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from empirics.algorithms import Direction
from studies.power import elsewhere, fo_maml, hf_maml, maml, reuse, subtle

SABOTAGES: Mapping[str, tuple[Direction, ...]] = MappingProxyType(
    {
        "maml": (
            maml.fo_as_maml,
            maml.hf_as_maml,
            maml.outer_sign,
            maml.inner_sign,
            maml.both_signs,
            maml.hessian_without_alpha,
            maml.hessian_alpha_squared,
            maml.inner_without_alpha,
            maml.inner_half,
            maml.inner_double,
            maml.hessian_at_adapted,
            maml.hessian_on_inner_gradient,
            maml.no_adaptation,
            maml.extra_inner_step,
            maml.inner_batch_as_outer,
            maml.hessian_batch_as_outer,
            maml.inner_batch_as_hessian,
            maml.one_batch_for_all,
            maml.sum_over_tasks,
            maml.mean_twice,
            maml.sum_over_samples,
            maml.noise_not_averaged,
            maml.shared_noise,
            maml.previous_task,
            maml.common_adaptation,
            maml.biased_tasks,
            maml.same_task,
            maml.dropped_task,
            maml.update_at_adapted,
            maml.squared_factor,
            maml.identity_missing,
            maml.diagonal_hessian,
            maml.clipped,
            maml.normalised,
            maml.weight_decay,
            maml.reptile,
            *subtle.SABOTAGES["maml"],
            *reuse.SABOTAGES["maml"],
            *elsewhere.SABOTAGES["maml"],
        ),
        "fo-maml": (
            fo_maml.maml_as_fo,
            fo_maml.fo_sign,
            fo_maml.fo_no_adaptation,
            fo_maml.fo_reused,
            fo_maml.fo_extra_step,
            fo_maml.fo_half,
            fo_maml.fo_sum,
            fo_maml.fo_previous_task,
            fo_maml.fo_shared_noise,
            *subtle.SABOTAGES["fo-maml"],
            *reuse.SABOTAGES["fo-maml"],
            *elsewhere.SABOTAGES["fo-maml"],
        ),
        "hf-maml": (
            hf_maml.hf_half_missing,
            hf_maml.hf_sign,
            hf_maml.hf_second_from_first,
            hf_maml.hf_one_probe,
            hf_maml.hf_at_adapted,
            hf_maml.hf_fresh_probes,
            hf_maml.hf_coordinate_delta,
            hf_maml.hf_delta_not_normalised,
            hf_maml.hf_long_probe,
            hf_maml.hf_on_inner_gradient,
            hf_maml.hf_without_difference,
            hf_maml.hf_reused,
            *subtle.SABOTAGES["hf-maml"],
            *reuse.SABOTAGES["hf-maml"],
            *elsewhere.SABOTAGES["hf-maml"],
        ),
    }
)
"""Sabotaged directions by the name they claim."""
