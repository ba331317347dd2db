r"""A multilevel inner batch: the bias of a batch of 2^M D_in samples at a cost that grows like M.

.. math:: \hat v = v_0 + \Delta_J/p_J, \qquad
          \Delta_j = \tilde g(\tfrac{p'+p''}2;O) - \tfrac12[\tilde g(p';O) + \tilde g(p'';O)],

with :math:`v_0 = \tilde g_i(w - \alpha\tilde g_i(w, D_{in}), D_o)`; p' and p'' are adapted with independent inner
batches of :math:`2^{j-1}D_{in}` samples, the outer batch O of D_o samples is fresh and shared by the three, and
each task draws its own level J: j = 1..M with probability :math:`p_j = q2^{-j}`, none with :math:`p_0`, where the
correction is 0. M is the depth, q the rate. The sum over the levels telescopes: :math:`\hat v` has the mean that
:math:`2^MD_{in}` samples give.  The random choice of one level is after Rhee & Glynn (2015) and Blanchet & Glynn
(2015), the pair of batches that share their mean after Giles & Szpruch (2014); the constants are derived here.

A direction is then an algorithm with :math:`\hat v` in place of the outer gradient: of all its parts only b and T
change.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy import Integer

from bounds.bound import Condition, Definition, Statement
from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.generic import at
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, identity, var
from bounds.levels import chance, inner_samples, outer_samples
from bounds.stating import GRADIENT, GRADIENT_SQUARED, PURE, derived
from bounds.symbols import D_in, D_o, L, alpha, defined, depth, rate, sigma_H, sigma_tilde
from bounds.theory import estimators, matrices
from bounds.theory.estimators import T, b
from bounds.theory.matrices import x
from bounds.units import unit

PLACE = 46

deepest, S = map(defined, ("D_M", "S"))
square, apart, curved, noise, outer = map(
    var, ("correction_squared", "apart_squared", "curved", "noise", "v_0")
)
doublings, inner = var("two_to_the_j"), var("inner_noise")
level = var("one_level")


def _doubled(e: sp.Expr, st: Statement) -> Items:
    """Each level doubles the batch, from D_in on."""
    return (
        identity("the first batch", e.subs(depth, 0), D_in),
        identity("a level more is twice the batch", e.subs(depth, depth + 1), 2 * e),
    )


def _one_level(e: sp.Expr, st: Statement) -> Items:
    """Bound ``2^j E||Delta_j||^2``: curvature of grad f_i over p'-p'', and a noise that hardly differs there.

    p' and p'' are half of ||p'-p''|| from their middle, and ``E||p'-p''||^2 = 2 alpha^2 sigma_tilde^2/D_(j-1)``.
    """
    size = doublings * D_in
    given = (
        le(apart, 2 * alpha**2 * sigma_tilde**2 / (size / 2)),
        le(curved, (L / 2) ** 2 * apart),
        le(noise, sigma_H**2 * apart / 4 / D_o),
        le(square, curved + noise),
    )
    points = ({**at(L, alpha, sigma_tilde, sigma_H, D_in, D_o), doublings: Integer(4)},)
    claim = le(doublings * square, e.subs(x, alpha * L))
    step = Step("a correction halves from level to level", claim, given, points=points)
    return (axioms.SEGMENT_MEAN, axioms.MINKOWSKI, axioms.INDEPENDENCE, step)


def _all_levels(e: sp.Expr, st: Statement) -> Items:
    """``sum_j p_j E||Delta_j||^2/p_j^2``, a term S/q each; independent of v_0 given the task."""
    one = (le(square, S / doublings),)
    given = (
        le(noise, sigma_tilde**2 / D_o),
        le(inner, sigma_tilde**2 / D_in),
        le(outer, noise + x**2 * inner),
        le(level, S / rate),
    )
    numbers = {depth: Integer(3), rate: sp.Rational(3, 4), S: Integer(2)}
    points = ({**at(x, sigma_tilde, D_in, D_o), **numbers},)
    return (
        axioms.INDEPENDENCE,
        Step("a level over its probability", le(square / (rate / doublings), S / rate), one),
        Step("M levels, and the plain outer gradient", le(outer + depth * level, e), given, points=points),
    )


DEEPEST = Definition(
    deepest, 2**depth * D_in, "samples of the inner batch whose bias is left", r"D_M", why=_doubled
)
CORRECTION = Definition(
    S,
    x**2 * sigma_tilde**2 / D_in * (1 + sigma_H**2 / (L**2 * D_o)),
    "what 2^j E||Delta_j||^2 is at most",
    why=_one_level,
)
BIAS = estimators.bias(
    b, deepest, "bias of grad f_i at the adapted point that the deepest inner batch leaves"
)
VARIANCE = Definition(
    T,
    sigma_tilde**2 * (1 / D_o + x**2 / D_in) + depth / rate * S,
    "variance of the multilevel outer gradient",
    why=_all_levels,
)
OWN = (DEEPEST, CORRECTION, BIAS, VARIANCE)
CHANCE = Condition("chance of a level", chance(depth, rate), Integer(1))


def applies(parts: Iterable[Definition]) -> bool:
    """Tell whether a direction sees its inner batch through the bias b and the variance T alone."""
    return {estimators.BIAS, estimators.VARIANCE} <= set(parts)


def deeper(parts: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """Return the parts of a direction with the multilevel outer gradient in place of the plain one."""
    new: dict[sp.Symbol, tuple[Definition, ...]] = {b: (DEEPEST, BIAS), T: (CORRECTION, VARIANCE)}
    return tuple(part for old in parts for part in new.get(old.symbol, (old,)))


def _share(st: Statement) -> Items:
    """Average the noise of the Hessian along the segment."""
    move = var("move")
    given = (le(square, (sigma_H * move) ** 2 / D_o),)
    claim = le(square / move**2, st.expression)
    points = ({**at(sigma_H, D_o), move: Integer(3)},)
    return (
        axioms.SEGMENT_MEAN,
        axioms.MINKOWSKI,
        axioms.INDEPENDENCE,
        Step("Minkowski along the segment", claim, given, points=points),
    )


def _telescoped(st: Statement) -> Items:
    """Level j adds m_j - m_(j-1): the middle is adapted with D_j samples, each end with half of them."""
    means, last, before = (sp.Function("m"), sp.Symbol("M", positive=True), sp.Symbol("j", positive=True))
    chosen = rate / 2**before
    added = chosen * (means(before) - (means(before - 1) + means(before - 1)) / 2) / chosen
    whole = means(last - 1) + added.subs(before, last)
    return (
        axioms.INDEPENDENCE,
        identity("a level over its probability, on average", added, means(before) - means(before - 1)),
        identity("what is left of the sum", whole - means(last), st.expression),
    )


def _priced(st: Statement) -> Items:
    """Sum ``p_j (2 D_(j-1) + D_o)``, a level at a time: level M adds ``q D_in + q 2^-M D_o``."""
    e = st.expression
    added = rate * 2**-depth * (2 * 2 ** (depth - 1) * D_in + D_o)
    return (
        identity("without levels", e.subs(depth, 0), D_in + D_o),
        identity("what level M adds", sp.simplify(e - e.subs(depth, depth - 1)), sp.simplify(added)),
    )


_LEVELS = "a sum over levels that telescopes; one level is drawn"
WHERE = (matrices.X, *OWN)
STATEMENTS = (
    derived(
        "multilevel.smoothness",
        "the noise of a batch's gradient is mean-square smooth: at two points, over their squared distance",
        r"E\|n(w)-n(u)\|^2/\|w-u\|^2",
        sigma_H**2 / D_o,
        unit(2, -4),
        "the noise of the Hessian along the segment; Minkowski",
        note="n = g~_i(., D_o) - grad f_i with the same samples at both points; assumption 5 on the whole segment",
        proof=_share,
    ),
    derived(
        "multilevel.bias",
        "bias of the multilevel outer gradient: that of an inner batch of 2^M D_in samples",
        r"\|E[\hat v_i\mid i]-\nabla f_i(w_i^+)\|",
        b,
        GRADIENT,
        _LEVELS,
        where=WHERE,
        domain=(CHANCE,),
        proof=lambda st: (identity("the statement is its last part", st.expression, b),),
    ),
    derived(
        "multilevel.mean",
        "the multilevel outer gradient has the mean that an inner batch of 2^M D_in samples gives",
        r"\|E[\hat v_i\mid i]-E[v_i(2^MD_{in})\mid i]\|",
        Integer(0),
        GRADIENT,
        _LEVELS,
        relation="=",
        domain=(CHANCE,),
        proof=_telescoped,
    ),
    derived(
        "multilevel.correction",
        "second moment of the correction of level j, times 2^j",
        r"2^j E\|\Delta_j\|^2",
        S,
        GRADIENT_SQUARED,
        "gradient at a middle against the mean of the ends; noise that is mean-square smooth",
        where=WHERE,
        proof=lambda st: (identity("the statement is its last part", st.expression, S),),
    ),
    derived(
        "multilevel.variance",
        "variance of the multilevel outer gradient",
        r"E\|\hat v_i-E[\hat v_i\mid i]\|^2",
        T,
        GRADIENT_SQUARED,
        _LEVELS,
        where=WHERE,
        domain=(CHANCE,),
        note="second moments only: a level of probability q 2^-j enters with the weight 2^j/q, so that fourth "
        "moments grow with M",
        proof=lambda st: (identity("the statement is its last part", st.expression, T),),
    ),
    derived(
        "multilevel.cost",
        "expected samples of the multilevel outer gradient of one task",
        r"E\,\mathrm{samples}",
        inner_samples(D_in, depth, rate) + outer_samples(D_o, depth, rate),
        PURE,
        "probabilities of the levels times their batches",
        relation="=",
        domain=(CHANCE,),
        note="each sample of the shared outer batch is looked at at three points",
        proof=_priced,
    ),
)
SMOOTHNESS, BIAS_LEFT, MEAN, CORRECTION_SIZE, SPREAD_LEFT, COST = STATEMENTS
