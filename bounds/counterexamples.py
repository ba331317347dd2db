r"""The counterexamples of the errata, evaluated at exact parameters with outward rounding."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext
from sympy import Rational

from bounds.bound import Statement
from bounds.evidence import Enclosure, Evidence
from bounds.symbols import QUANTITIES
from bounds.theory import gradients
from bounds.theory import recorded as record
from bounds.theory.algorithms.hf_maml import HF_MAML
from bounds.theory.algorithms.maml import MAML
from bounds.theory.matrices import x
from bounds.units import UnitError


@cache
def _context() -> Any:
    context = MPIntervalContext()
    context.prec = 120
    return context


def _exact(value: sp.Rational) -> Any:
    context = _context()
    return context.mpf(value.p) / context.mpf(value.q)


def _ends(value: Any) -> Enclosure:
    import math

    low, high = float(value.a.mid), float(value.b.mid)
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)


def _at(st: Statement, values: dict[str, sp.Rational]) -> Enclosure:
    """Enclose a statement's right-hand side at exact values that the float arguments enclose."""
    exact = sp.sympify(st.expression)
    for definition in reversed(st.where):
        exact = exact.subs(definition.symbol, definition.expression)
    number = exact.subs({QUANTITIES[n].symbol: v for n, v in values.items()})
    value = sp.N(number, 40)
    radius = sp.Abs(value) * Rational(1, 10**30)
    return _round(value - radius, -1), _round(value + radius, 1)


def _round(value: sp.Expr, direction: int) -> float:
    import math

    return math.nextafter(float(value), direction * math.inf)


def second_moment() -> Evidence:
    """E1: ``f_{1,2}(w) = (L/k^2) cos(k w) +- s w`` at w = 0, where grad F = 0 by symmetry."""
    L, k, alpha, s = Rational(1), Rational(3, 10), Rational(1, 10), Rational(1)
    context = _context()
    angle = _exact(k * alpha * s)
    outer = _exact(s) + _exact(L / k) * context.sin(angle)
    measured = _ends((_exact(1 + alpha * L) * outer) ** 2)
    recorded = _at(gradients.RECORDED_MOMENT, {"L": L, "alpha": alpha, "sigma": s, "y": sp.S.Zero})
    w = sp.Symbol("w", real=True)
    first, second = (L / k**2 * sp.cos(k * w) + sign * s * w for sign in (1, -1))
    mean = sp.diff(first + second, w) / 2
    checks = {
        "grad F(0) = 0": _meta(first, alpha, w) + _meta(second, alpha, w) == 0,
        "|f_i''| <= L": sp.simplify(sp.diff(first, w, 2) + L * sp.cos(k * w)) == 0,
        "E||grad f_i - grad f||^2 = s^2 for all w": sp.simplify((sp.diff(first, w) - mean) ** 2 - s**2) == 0,
        "false for all x below the root": _root_of_e1() > Rational(1, 8),
    }
    instance = {"f_i": "(L/k^2) cos(k w) +- s w", "L": "1", "k": "3/10", "alpha": "1/10", "s": "1", "w": "0"}
    return Evidence(instance, measured, recorded, measured[0] > recorded[1], checks)


def _meta(f: sp.Expr, alpha: sp.Rational, w: sp.Symbol) -> sp.Expr:
    slope = sp.diff(f, w)
    return ((1 - alpha * sp.diff(slope, w)) * slope.subs(w, w - alpha * slope)).subs(w, 0)


def _root_of_e1() -> sp.Expr:
    """Return the x below which ``(1+x)^4 sigma^2`` exceeds the recorded bound at y = 0 (k -> 0)."""
    factor = next(d.expression for d in gradients.RECORD if d.symbol.name == "C2_paper")
    numerator = sp.numer(sp.together((1 + x) ** 2 - 2 * factor**2 - 1))
    roots = [root for root in sp.Poly(numerator, x).real_roots() if root > 0]
    return min(roots)


def hessian_batch() -> Evidence:
    """E2: the same problem in other units (w -> 10 w) asks for another D_h; the homogeneous form does not."""
    base = {"alpha": Rational(1, 10), "rho": Rational(2), "sigma_tilde": Rational(3), "sigma_H": Rational(3)}
    scale = Rational(10)
    scaled = {n: v * scale ** QUANTITIES[n].unit.W for n, v in base.items()}
    as_recorded = HF_MAML.more["hessian-batch"]
    form = sp.sympify(record.accuracy(HF_MAML).domain[-1].left)
    values = [form.subs({QUANTITIES[n].symbol: v for n, v in at.items()}) for at in (base, scaled)]
    checks = {
        "the unit check refuses the recorded form": _refused(as_recorded),
        "the unit check refuses the form with sigma_H": _refused(HF_MAML.more["hessian-batch.sigma-H"]),
        "the homogeneous form is the same in both units": bool(values[0] == values[1]),
    }
    first, second = _at(as_recorded, base), _at(as_recorded, scaled)
    instance = {n: f"{v} (then {scaled[n]})" for n, v in base.items()}
    return Evidence(instance, second, first, second[0] > first[1] or second[1] < first[0], checks)


def _refused(st: Statement) -> bool:
    try:
        st.check_units()
    except UnitError:
        return True
    return False


def difference_plateau() -> Evidence:
    r"""E3: two cosine tasks, L = sigma = 1; exact expectations, so B = D = infinity.

    ``f_{1,2} = m/2 (w - w_s)^2 +- sin(k w)/k``, k = 1 - m, rho = k^2; the probe length is 1/(6 rho alpha).
    The mean direction changes sign on the bracket, so HF-MAML stops inside; grad F is enclosed there.
    """
    alpha, m, start = Rational(1, 20), Rational(1, 20), Rational(-13238, 10000)
    low, high = Rational(-90006, 100000), Rational(-90005, 100000)
    family = _Cosine(alpha, m, start)
    left, right = family.direction(_exact(low)), family.direction(_exact(high))
    context = _context()
    bracket = context.mpf([_exact(low).a, _exact(high).b])
    slope = family.meta_gradient(bracket)
    measured = tuple(sorted(abs(end) for end in _ends(slope)))
    tasks = Rational(10**6)
    rich = {"D_in": Rational(10**15), "D_o": Rational(10**15), "B": tasks, "epsilon": Rational(1, 10**6)}
    k = 1 - m
    own = {"L": Rational(1), "rho": k**2, "sigma": Rational(1), "sigma_tilde": Rational(1), "alpha": alpha}
    recorded = _at(record.accuracy(HF_MAML), own | rich)
    checks = {
        "the mean direction changes sign on the bracket": bool((left.b < 0) and (right.a > 0)),
        "alpha <= 1/(6L) and B >= 20": bool(alpha <= Rational(1, 6)),
    }
    instance = {"f_i": "m/2 (w - w_s)^2 +- sin(k w)/k", "alpha": "1/20", "m": "1/20", "w_s": str(start)}
    instance |= {"B": "10^6", "bracket of w*": f"[{low}, {high}]"}
    found = (measured[0], measured[1])
    return Evidence(instance, found, recorded, found[0] > recorded[1], checks)


class _Cosine:
    """The two-task cosine family in interval arithmetic."""

    def __init__(self, alpha: sp.Rational, m: sp.Rational, start: sp.Rational) -> None:
        self.context = _context()
        self.alpha, self.m, self.start = _exact(alpha), _exact(m), _exact(start)
        k = 1 - m
        self.k, self.length = _exact(k), _exact(1 / (6 * k**2 * alpha))

    def gradient(self, w: Any, sign: int) -> Any:
        return self.m * (w - self.start) + sign * self.context.cos(self.k * w)

    def hessian(self, w: Any, sign: int) -> Any:
        return self.m - sign * self.k * self.context.sin(self.k * w)

    def adapted(self, w: Any, sign: int) -> Any:
        return self.gradient(w - self.alpha * self.gradient(w, sign), sign)

    def direction(self, w: Any) -> Any:
        """Return the mean HF-MAML direction: the probe has a fixed length, whatever v."""
        total = self.context.mpf(0)
        for sign in (1, -1):
            v = self.adapted(w, sign)
            change = self.gradient(w + self.length, sign) - self.gradient(w - self.length, sign)
            total += v - self.alpha * v * change / (2 * self.length)
        return total / 2

    def meta_gradient(self, w: Any) -> Any:
        total = self.context.mpf(0)
        for sign in (1, -1):
            total += (1 - self.alpha * self.hessian(w, sign)) * self.adapted(w, sign)
        return total / 2


def iterations() -> Evidence:
    """E4: with all three noises equal the sum is nine times what is enough; without limit as sigma -> 0."""
    tasks = Rational(20)
    own = {
        "L": sp.S.One,
        "rho": sp.S.One,
        "alpha": Rational(1, 10),
        "sigma": sp.S.One,
        "sigma_tilde": sp.S.One,
    }
    rest = {"B": tasks, "D_in": tasks, "D_o": sp.S.One, "epsilon": Rational(1, 10**6), "Delta": sp.S.One}
    recorded = _at(record.iterations(MAML), own | rest)
    accuracy = record.accuracy(MAML)
    level = accuracy.where[0].expression.subs({QUANTITIES[n].symbol: v for n, v in (own | rest).items()})
    enough = own["L"] * rest["Delta"] / level
    measured = (_round(enough, -1), _round(enough, 1))
    checks = {"sum = 9 L Delta/N here": bool(sp.nsimplify(recorded[0] / measured[0]).round(6) == 9)}
    instance = {n: str(v) for n, v in (own | rest).items()}
    return Evidence(instance, measured, recorded, measured[1] < recorded[0], checks)
