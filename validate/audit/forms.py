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
from validate.directions.pairs import norm

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

    def terms(self, sheet: Sheet, probe: Probe | None = None, start: Tensor | None = None) -> list[Tensor]:
        """Return the terms, each (Q, B, d)."""
        if start is not None:
            return self._terms(sheet, probe, walk(sheet, self.inner, start))
        path = sheet.once(self.inner, lambda: walk(sheet, self.inner))
        return self._terms(sheet, probe, path, lambda key, make: sheet.once(key, make))

    def _terms(self, sheet: Sheet, probe: Probe | None, path: Path, once: Once = _anew) -> list[Tensor]:
        if self.goes:
            way = path[0] - path[-1]
            return [way if self.at == WAYS[0] else way / sheet.steps]
        known = (self.inner, self.outer, self.at, self.cut("outer"))
        v = once(known, lambda: outer_gradient(sheet, self, path))
        found = [v]
        if self.hessian == "difference" and probe is not None:
            key: tuple[object, ...] = (*known, probe.key, self.hess, self.cut("probe"))
            found.append(once(key, lambda: difference(sheet, probe, path, v, self.hess, self.cut("probe"))))
        elif self.hessian:
            key = (*known, self.hessian, self.hess)
            found.append(once(key, lambda: TERMS[self.hessian](sheet, path, v, self)))
        if self.extra:
            key = (self.inner, self.extra, self.outer)
            found.append(once(key, lambda: EXTRAS[self.extra](sheet, path, self)))
        return found


def outer_gradient(sheet: Sheet, form: Form, path: Path) -> Tensor:
    """Return v."""
    place = {"adapted": path[-1], "start": path[0], "before": path[-2] if len(path) > 1 else path[0]}
    return clip(sheet.gradient(place[form.at], form.outer), form.cut("outer"))


def _through(sheet: Sheet, form: Form, z: Tensor, points: Path) -> Tensor:
    r"""Return :math:`\prod(I - s H(p))z` over points, the last first, s the inner step."""
    step = form.inner.step(sheet.steps) * form.inner.mask(sheet)
    for point in reversed(points):
        z = z - sheet.hessian_vector(point, step * z, form.hess)
    return z


def _plainly(sheet: Sheet, form: Form, z: Tensor, points: Path) -> Tensor:
    for point in reversed(points):
        z = z - sheet.steps * sheet.hessian_vector(point, z, form.hess)
    return z


def _whole(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, path[:-1] if len(path) > 1 else path) - v


def _differentiated(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _through(sheet, form, v, path[:-1]) - v


def _adapted(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, path[1:]) - v


def _first(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, path[:1]) - v


def _last(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, path[-2:-1]) - v


def _but_first(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, path[1:-1]) - v


def _start(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, [path[0]] * (len(path) - 1)) - v


def _middle(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, [(path[0] + path[-1]) / 2]) - v


def _no_alpha(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return -sheet.hessian_vector(path[0], v, form.hess)


def _alpha_squared(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return -(sheet.steps**2) * sheet.hessian_vector(path[0], v, form.hess)


def _of_inner(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    g = sheet.gradient(path[0], form.inner.split)
    return -sheet.steps * sheet.hessian_vector(path[0], g, form.hess)


def _of_outer(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    g = sheet.gradient(path[0], form.outer)
    return -sheet.steps * sheet.hessian_vector(path[0], g, form.hess)


def _of_unit(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    unit = v / norm(v).unsqueeze(-1).clamp(min=1e-200)
    return -sheet.steps * sheet.hessian_vector(path[0], unit, form.hess)


def _twice(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    return _plainly(sheet, form, v, [path[0]] * 2) - v


def _diagonal(sheet: Sheet, path: Path, v: Tensor, form: Form) -> Tensor:
    each = []
    for j in range(v.shape[-1]):
        unit = torch.zeros_like(v)
        unit[..., j] = 1
        each.append(sheet.hessian_vector(path[0], unit, form.hess)[..., j])
    return -sheet.steps * torch.stack(each, -1) * v


TERMS: dict[str, Callable[[Sheet, Path, Tensor, Form], Tensor]] = {
    "hessian": _whole,
    "differentiated": _differentiated,
    "at-adapted": _adapted,
    "first": _first,
    "last": _last,
    "but-first": _but_first,
    "at-start": _start,
    "at-middle": _middle,
    "no-alpha": _no_alpha,
    "alpha-squared": _alpha_squared,
    "of-inner": _of_inner,
    "of-outer": _of_outer,
    "of-unit": _of_unit,
    "twice": _twice,
    "diagonal": _diagonal,
}
"""What may stand for the Hessian term (J - I)v."""


def _path_gradients(sheet: Sheet, path: Path, form: Form) -> Tensor:
    each = [sheet.gradient(p, form.inner.split) for p in path[:-1]]
    return torch.stack(each).sum(0) if each else torch.zeros_like(path[0])


def _on_the_way(sheet: Sheet, path: Path, form: Form) -> Tensor:
    each = [sheet.gradient(p, form.outer) for p in path[1:-1]]
    return torch.stack(each).sum(0) if each else torch.zeros_like(path[0])


EXTRAS: dict[str, Callable[[Sheet, Path, Any], Tensor]] = {
    "inner-gradients": _path_gradients,
    "outer-on-the-way": _on_the_way,
    "outer-at-start": lambda sheet, path, form: sheet.gradient(path[0], form.outer),
    "inner-at-adapted": lambda sheet, path, form: sheet.gradient(path[-1], form.inner.split),
    "weights": lambda sheet, path, form: path[0],
    "adapted-weights": lambda sheet, path, form: path[-1],
}
"""What may be added to the direction."""
