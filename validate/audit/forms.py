r"""What a step on one task may compute: an inner loop, an outer gradient, and what is done about the Hessian.

A form gives terms, and the direction is a combination of them. MAML is the combination of
:math:`v = \nabla f(w^+)` and :math:`(J - I)v` with both coefficients 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from bounds.theory.algorithm import Curvature
from validate.audit.clipping import Clip, clip
from validate.audit.probes import Probe, difference
from validate.audit.sheet import Sheet
from validate.audit.walking import Inner, walk
from validate.tolerance import norm

Path = list[Tensor]
WAYS = ("way", "way/alpha")
"""Where Reptile's direction is: not a gradient, but how far the inner loop went, or that over alpha."""
Once = Callable[[Any, Callable[[], Any]], Any]


def _anew(key: Any, make: Callable[[], Any]) -> Any:
    return make()


@dataclass(frozen=True)
class Form:
    """One hypothesis about the code.

    Attributes
    ----------
    inner : Inner
    outer : str
        The batch of the outer gradient.
    at : {"adapted", "start", "before"}
        Where it is taken: after the inner loop, at w, or one step before the end; or one of :data:`WAYS`.
    hessian : str
        What stands for the Hessian term: a name of :data:`TERMS`, "difference", or "" for nothing.
    hess : str
        The batch of the Hessian.
    extra : str
        One more term: a name of :data:`EXTRAS`.
    clips : tuple of (place, Clip)
        Cuts, at "outer", "probe" or "end".
    departs : tuple of str
        What is wrong with it, in no order; empty for right code.
    """

    inner: Inner = field(default_factory=Inner)
    outer: str = "out"
    at: str = "adapted"
    hessian: str = ""
    hess: str = "hess"
    extra: str = ""
    clips: tuple[tuple[str, Clip], ...] = ()
    departs: tuple[str, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether its direction is the way of the inner loop."""
        return self.at in WAYS

    @property
    def curvature(self) -> Curvature:
        """What it does about the Hessian."""
        if self.hessian == "difference":
            return "difference"
        return "product" if self.hessian else "none"

    @property
    def reading(self) -> tuple[str, ...]:
        """The batches that it reads: inner, outer, Hessian."""
        own = (self.inner.split, self.outer)
        return (*own, self.hess) if self.hessian else own

    def cut(self, place: str) -> Clip | None:
        """Return the cut at a place."""
        return dict(self.clips).get(place)

    def terms(self, sheet: Sheet, probe: Probe | None = None, path: Path | None = None) -> list[Tensor]:
        """Return the terms, each (Q, B, d), where the inner loop went along a path; by default along its own."""
        once: Once = sheet.once if path is None else _anew
        went: Path = sheet.once(self.inner, lambda: walk(sheet, self.inner)) if path is None else path
        if self.goes:
            way = went[0] - went[-1]
            return [way if self.at == WAYS[0] else way / sheet.steps]
        known = (self.inner, self.outer, self.at, self.cut("outer"))
        v = once(known, lambda: outer_gradient(sheet, self, went))
        found = [v]
        if self.hessian == "difference" and probe is not None:
            key: tuple[object, ...] = (*known, probe.key, self.hess, self.cut("probe"))
            found.append(once(key, lambda: difference(sheet, probe, went, v, self.hess, self.cut("probe"))))
        elif self.hessian:
            key = (*known, self.hessian, self.hess)
            found.append(once(key, lambda: TERMS[self.hessian].made(sheet, went, v, self)))
        if self.extra:
            key = (self.inner, self.extra, self.outer)
            found.append(once(key, lambda: EXTRAS[self.extra][1](sheet, went, self)))
        return found


def outer_gradient(sheet: Sheet, form: Form, path: Path) -> Tensor:
    """Return v."""
    place = {"adapted": path[-1], "start": path[0], "before": path[-2] if len(path) > 1 else path[0]}
    return clip(sheet.gradient(place[form.at], form.outer), form.cut("outer"))


def _through(sheet: Sheet, form: Form, v: Tensor, points: Path) -> Tensor:
    r"""Return :math:`\prod(I - \alpha H(p))v - v` over points, the last first."""
    z = v
    for point in reversed(points):
        z = z - sheet.steps * sheet.hessian_vector(point, z, form.hess)
    return z - v


def _differentiated(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    """Return the same over the points of the inner loop, with its own step and the tensors that it moves."""
    step, z = form.inner.step(sheet.steps) * form.inner.mask(sheet), v
    for point in reversed(path[:-1]):
        z = z - sheet.hessian_vector(point, step * z, form.hess)
    return z - v


def _diagonal(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    each = []
    for j in range(v.shape[-1]):
        unit = torch.zeros_like(v)
        unit[..., j] = 1
        each.append(sheet.hessian_vector(path[0], unit, form.hess)[..., j])
    return -sheet.steps * torch.stack(each, -1) * v


Made = Callable[[Sheet, Path, Tensor, Form], Tensor]


def _over(points: Callable[[Path], Path]) -> Made:
    """Return the term with a factor I - alpha H at each of these points of the inner loop."""
    return lambda sheet, path, v, form: _through(sheet, form, v, points(path))


def _at_start(vector: Made) -> Made:
    """Return the term -alpha H(w)u with another vector u than v."""

    def term(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
        return -sheet.steps * sheet.hessian_vector(path[0], vector(sheet, path, v, form), form.hess)

    return term


def _times(factor: Callable[[Tensor], Tensor]) -> Made:
    """Return the term -c H(w)v with a factor c of alpha."""
    return lambda sheet, path, v, form: -factor(sheet.steps) * sheet.hessian_vector(path[0], v, form.hess)


@dataclass(frozen=True)
class Term:
    """What may stand for the Hessian term (J - I)v.

    Attributes
    ----------
    made : callable
        From the sheet, the points of the inner loop, v and the form.
    defect : str
        What is wrong with it; empty for right code.
    told : str
        What it is the Hessian term of, in words.
    several : bool
        Whether it is another one only where there are several inner steps.
    """

    made: Made
    defect: str = ""
    told: str = ""
    several: bool = False


TERMS: dict[str, Term] = {
    "hessian": Term(_over(lambda path: path[:-1] or path)),
    "differentiated": Term(_differentiated),
    "at-adapted": Term(_over(lambda path: path[1:]), "hessian-at-adapted", "the adapted weights"),
    "at-middle": Term(
        _over(lambda path: [(path[0] + path[-1]) / 2]), "hessian-at-middle", "half way to the adapted weights"
    ),
    "first": Term(_over(lambda path: path[:1]), "first-step-only", "the first inner step alone", True),
    "last": Term(_over(lambda path: path[-2:-1]), "last-step-only", "the last inner step alone", True),
    "but-first": Term(
        _over(lambda path: path[1:-1]), "first-step-detached", "every inner step but the first", True
    ),
    "at-start": Term(
        _over(lambda path: path[:1] * (len(path) - 1)), "hessian-at-start", "w at every inner step", True
    ),
    "no-alpha": Term(_times(torch.ones_like), "hessian-without-alpha", "a factor without alpha"),
    "alpha-squared": Term(_times(lambda a: a**2), "hessian-alpha-squared", "a factor alpha^2"),
    "of-inner": Term(
        _at_start(lambda sheet, path, v, form: sheet.gradient(path[0], form.inner.split)),
        "hessian-of-inner-gradient",
        "the inner gradient",
    ),
    "of-outer": Term(
        _at_start(lambda sheet, path, v, form: sheet.gradient(path[0], form.outer)),
        "hessian-of-start-gradient",
        "the outer loss's gradient at w",
    ),
    "of-unit": Term(
        _at_start(lambda sheet, path, v, form: v / norm(v).unsqueeze(-1).clamp(min=1e-200)),
        "hessian-of-unit-vector",
        "v over its norm",
    ),
    "twice": Term(_over(lambda path: path[:1] * 2), "hessian-applied-twice", "(I - alpha H)^2"),
    "diagonal": Term(_diagonal, "hessian-diagonal", "the diagonal of H"),
}
CORRECTIONS = {name: term for name, term in TERMS.items() if term.defect}
"""What may stand there by mistake."""


def _summed(sheet: Sheet, points: Path, split: str) -> Tensor:
    """Return the sum of the gradients of one batch at points; 0 for none."""
    each = [sheet.gradient(p, split) for p in points]
    return torch.stack(each).sum(0) if each else torch.zeros_like(sheet.start)


EXTRAS: dict[str, tuple[str, Callable[[Sheet, Path, Any], Tensor]]] = {
    "inner-gradients": (
        "gradients-accumulated",
        lambda sheet, path, form: _summed(sheet, path[:-1], form.inner.split),
    ),
    "outer-on-the-way": (
        "extra-loss-term",
        lambda sheet, path, form: _summed(sheet, path[1:-1], form.outer),
    ),
    "outer-at-start": ("extra-loss-term", lambda sheet, path, form: sheet.gradient(path[0], form.outer)),
    "inner-at-adapted": (
        "extra-loss-term",
        lambda sheet, path, form: sheet.gradient(path[-1], form.inner.split),
    ),
    "weights": ("weight-decay", lambda sheet, path, form: path[0]),
    "adapted-weights": ("weight-decay", lambda sheet, path, form: path[-1]),
}
"""What may be added to the direction, and what is wrong then."""
