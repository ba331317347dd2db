"""Steps along an algorithm's direction, each times a positive number of its own: they scale themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from validate.audit.defects import Defect, defect
from validate.audit.fitting import EXACT, Answers, Fit, Scaled
from validate.tolerance import norm

LEAST = 3
"""Questions below which a number for each says nothing."""
EVEN = 1e-3
"""Relative spread within which numbers are one."""
CUT_EVENLY = 0.02
"""The same for the lengths of steps that are cut: libraries add to a norm before they divide by it."""
CUT = "outer-gradient-clipped"


def scaled(answers: Answers) -> Scaled | None:
    """Return answers of which the directions alone count; None where there is but one dimension."""
    dims = answers.mask.sum() if isinstance(answers.mask, Tensor) else answers.G.shape[-1]
    if not answers.linear or not dims > 1 or len(answers.G) < LEAST or not bool(answers.G.any(-1).all()):
        return None
    return Scaled(answers.sheet, answers.G, answers.unit, answers.mask)


@dataclass(frozen=True)
class Sizes:
    """How many times its direction each step is.

    Attributes
    ----------
    factors, lengths : Tensor, shape (Q,)
        The number, and the length of the step over beta.
    alphas : Tensor, shape (Q,)
    """

    factors: Tensor
    lengths: Tensor
    alphas: Tensor

    @classmethod
    def of(cls, answers: Scaled, fit: Fit) -> Sizes:
        """Read them off the answers on one task each."""
        predicted = fit.each(answers.sheet, fit.probe).mean(1) * answers.mask
        return cls(answers.factors(predicted), norm(answers.G), answers.sheet.alpha)

    @property
    def by_alpha(self) -> dict[float, float] | None:
        """The number at each alpha, where it depends on nothing else."""
        found = {float(a): self.factors[self.alphas == a] for a in self.alphas.unique()}
        if len(found) == len(self.alphas) or not all(_even(each, EXACT) for each in found.values()):
            return None
        return {alpha: float(each.mean()) for alpha, each in found.items()}

    @property
    def cut_at(self) -> float | None:
        """The length at which steps are cut that are whole where they are shorter."""
        cut = self.factors < 1 - EVEN
        whole = (self.factors - 1).abs() <= EVEN
        if not bool((cut | whole).all()) or not bool(cut.any()) or not bool(whole.any()):
            return None
        most = float(self.lengths[cut].mean())
        longest = float(self.lengths[whole].max())
        return most if _even(self.lengths[cut], CUT_EVENLY) and longest <= most * (1 + CUT_EVENLY) else None

    def defects(self) -> Iterator[Defect]:
        """Say where the number is no size of a step: a known cut, or one by alpha."""
        if self.by_alpha is not None:
            each = ", ".join(f"{c:.4g} at alpha = {alpha:.4g}" for alpha, c in self.by_alpha.items())
            yield defect(
                "outer-scale", f"on one task the direction is so many times what it should be: {each}"
            )
        elif self.cut_at is not None:
            told = f"steps longer than {self.cut_at:.4g} beta are cut to that, shorter ones are whole"
            yield defect(CUT, told)

    def note(self) -> str:
        """Say what the steps are, and what is compared."""
        low, high = float(self.factors.min()), float(self.factors.max())
        if _even(self.lengths, EVEN):
            length = float(self.lengths.mean())
            told = f"every step is {length:.4g} beta long: the direction is divided by its norm"
        else:
            told = f"its step size depends on the gradients: {low:.3g} to {high:.3g} beta times the direction"
        return (
            f"{told}; table and defects speak of the direction alone. To have constant steps compared, "
            "hand over the direction: adapters.meta_gradient"
        )


def _even(values: Tensor, within: float) -> bool:
    return bool(torch.isfinite(values).all()) and float(values.max() - values.min()) <= within * float(
        values.max()
    )
