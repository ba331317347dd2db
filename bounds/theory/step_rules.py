r"""The step rules, each as the five things that the complexity theorem needs of it, and the step's moments.

Besides its weights m1, m1u, m2 a rule has the curve ``ell <= Lambda(w) <= a0 + b0 y``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import Integer, Rational

from bounds import evaluation
from bounds.bound import Condition, Definition, Statement
from bounds.derivation.claim import le
from bounds.derivation.step import Step
from bounds.derivation.tools import Items, hypotheses, identity
from bounds.given import NEUTRAL
from bounds.standing import SAMPLES as OF_SAMPLES
from bounds.standing import Case, Left
from bounds.stating import NOTES, PURE, derived, recorded
from bounds.symbols import (
    B_prime,
    D_beta,
    L,
    M,
    alpha,
    c,
    damping,
    mean_norm,
    rho,
    sigma,
    sigma_tilde,
    theta,
    y,
)
from bounds.theory import on_average, smoothness, weights
from bounds.theory.gradients import RELATION, q
from bounds.theory.matrices import C1, UPPER
from bounds.theory.on_average import a0, b0, ell
from bounds.theory.step_size import moments, mu1, mu1u, mu2
from bounds.theory.weights import m2
from bounds.units import unit

if TYPE_CHECKING:
    from bounds.plan import StepKind


PLACE = 33

UNIT_STEP = Condition("step factor", c, 1)
SHARE = Condition("share", theta, 1)
DAMPED = Condition("damping", sp.S.One, damping)
TIGHT = ({damping: Integer(1)},)
"""Where Lambda is the smoothness itself."""
OF_STEP = ("L", "rho", "sigma", "M", "alpha", "damping")
_ABSENT = {"M": 0.0, **NEUTRAL}


@dataclass(frozen=True, eq=False)
class Rule:
    """A step rule: its definitions, the conditions on c, and how the step is formed in a run."""

    name: str
    kind: StepKind
    title: str
    where: tuple[Definition, ...]
    domain: tuple[Condition, ...]
    smoothness: sp.Expr
    slope: sp.Expr
    rest: tuple[sp.Expr, sp.Expr] = (sp.S.Zero, sp.S.Zero)
    """What the noise costs besides its weight: the factors of y and of y^2."""

    @property
    def curve(self) -> sp.Expr:
        """Lambda(w): the constant part and the slope times E||g_i||."""
        return self.smoothness + self.slope * mean_norm

    def step_curve(self, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return smoothness and slope of the step, numbers or arrays: ``beta = c / (smoothness + slope u)``."""
        chosen = [values[name] if name in values else _ABSENT[name] for name in OF_STEP]
        several = any(getattr(value, "ndim", 0) for value in chosen)
        compiled = evaluation.arrays if several else evaluation.scalars
        smoothness, slope = compiled(self.where, OF_STEP, (self.smoothness, self.slope))(*chosen)
        return smoothness, slope


def _curve(
    values: tuple[object, object, object], least: sp.Expr, whole: sp.Expr, required: sp.Expr | None = None
) -> tuple[Definition, ...]:
    """Return ell, a0 and b0: Lambda at its least, at ``E||g_i|| = C1 y + q sigma`` with y = 0, and its slope.

    With ``required``, Lambda is larger than the smoothness of F, whose constant part that is.
    """

    def part(index: int, symbol: sp.Symbol, meaning: str, latex: str) -> Definition:
        def why(e: sp.Expr, st: Statement) -> Items:
            expected = (least, whole.subs(y, 0), sp.diff(whole, y))[index]
            same = identity(f"{symbol} from Lambda", e, expected)
            return (same, *_covers(st, required, e)) if symbol == a0 and required is not None else (same,)

        return Definition(symbol, sp.sympify(values[index]), meaning, latex, why=why)

    return (
        part(0, ell, "smallest value of Lambda(w)", r"\ell"),
        part(1, a0, "Lambda(w) <= a0 + b0 y", "a_0"),
        part(2, b0, "growth of Lambda(w) with y", "b_0"),
    )


def _covers(st: Statement, required: sp.Expr, constant: sp.Expr) -> Items:
    claim = le(required, constant)
    return (Step("Lambda is at least the smoothness of F", claim, hypotheses(st, "damping"), points=TIGHT),)


@dataclass(frozen=True)
class Curve:
    """Smoothness of F: ``k L + k' rho alpha E||g_i||``, how it is written, and the relation of ||grad f|| to y."""

    k: sp.Expr
    slope: sp.Expr
    words: tuple[str, str]
    relation: tuple[Definition, ...]

    def at(self, size: sp.Expr) -> sp.Expr:
        """Return the smoothness at a value of E||g_i||, or of a bound on it."""
        return self.k * L + self.slope * rho * alpha * size


def _sampled(
    name: str, title: str, curve_of: Curve, kappa: sp.Expr, smooth: sp.Expr = smoothness.CURVE
) -> Rule:
    """``beta = c / L~``, ``L~ = k L + k' rho alpha mean_j ||g~_j||`` over fresh B' tasks with D_beta samples."""
    k = curve_of.k
    scale, smallest = curve_of.slope * rho * alpha, k * L
    curve = smallest + scale * mean_norm
    where = (
        *curve_of.relation,
        *moments(k, scale),
        *weights.sampled(mu1, mu1u, kappa * mu2, (mu2, curve, ()), smooth),
        *_curve(
            (smallest, smallest + scale * sigma * q, scale * C1),
            curve.subs(mean_norm, 0),
            curve.subs(mean_norm, C1 * y + q * sigma),
        ),
    )
    domain = (Condition("step factor", c * kappa * mu2, mu1), SHARE)
    return Rule(name, "sampled", title, where, domain, smallest, scale)


def _self_scaled(curve: Curve) -> Rule:
    """``c / (l0 + l1 ||G||)``: l1 is the least that smoothness asks for, l0 ``damping`` times the least."""
    required, slope = curve.k * L + curve.slope * rho * alpha * q * sigma, curve.slope * rho * alpha * C1
    smooth = curve.at(mean_norm).subs(mean_norm, C1 * y + q * sigma)
    spare, least = (damping - 1) * smooth.subs(y, 0), damping * required
    where = (
        *curve.relation,
        *weights.SELF_SCALED,
        *_curve((least, least, slope), damping * smooth.subs(y, 0), smooth + spare, required),
    )
    title = "step c / (l0 + l1 ||G||): no batch of its own"
    return Rule("self-scaled", "self-scaled", title, where, (UNIT_STEP, SHARE, DAMPED), least, slope)


def _constant(curve: Curve) -> Rule:
    one, largest, (k, slope) = Integer(1), curve.at(M), curve.words
    bounded = (one, largest, (le(mean_norm, M),))
    where = (
        *curve.relation,
        *weights.sampled(one, one, one, bounded, curve.at(mean_norm)),
        *_curve((largest, largest, 0), largest, largest),
    )
    title = f"constant step c / ({k} L + {slope} rho alpha M) when E_i||grad f_i|| <= M"
    return Rule("constant", "constant", title, where, (UNIT_STEP, SHARE), largest, Integer(0))


def _on_average(curve: Curve, pathwise: Rule) -> Rule:
    """Return the rule whose step is the self-scaled one, with the noise that is left on average."""
    own = tuple(part for part in pathwise.where if part.symbol != m2)
    return Rule(
        "self-scaled-mean",
        "self-scaled",
        "step c / (l0 + l1 ||G||), on average over the noise of G",
        (*own, *on_average.THEOREM),
        (*pathwise.domain, on_average.BIASED_LESS),
        pathwise.smoothness,
        pathwise.slope,
        on_average.REST,
    )


def sharp(curve: Curve) -> tuple[Rule, Rule, Rule, Rule]:
    """Return the step rules for an F of this smoothness, the self-scaled one pathwise and on average."""
    k, slope = curve.words
    title = f"sampled step size, L~ = {k} L + {slope} rho alpha mean||g~_j||"
    sampled = _sampled("sampled", title, curve, Integer(1), curve.at(mean_norm))
    pathwise = _self_scaled(curve)
    return sampled, pathwise, _on_average(curve, pathwise), _constant(curve)


PAPER = _sampled(
    "paper-step",
    "the paper's step size, L~ = 4L + 2 rho alpha mean||g~_j||",
    Curve(Integer(4), Integer(2), ("4", "2"), RELATION),
    UPPER / 2,
)
SAMPLED, SELF_SCALED, ON_AVERAGE, CONSTANT = sharp(Curve(UPPER**2, UPPER, ("(1+x)^2", "(1+x)"), RELATION))

RULES = (PAPER, SAMPLED, SELF_SCALED, ON_AVERAGE, CONSTANT)
RULE = MappingProxyType({rule.name: rule for rule in RULES})

_DESIGN = "a condition on a plan: its consequence, the accuracy at that plan, is what is measured"
TASKS = (rho * alpha * sigma / L) ** 2 / 2
SAMPLES = (2 * rho * alpha * sigma_tilde / L) ** 2
_ENOUGH = (Condition("step-size tasks", TASKS, B_prime), Condition("step-size samples", SAMPLES, D_beta))
_MEAN, _SQUARE = r"E\tilde\beta(w)", r"E\tilde\beta(w)^2"


def _of_moment(rule: Rule, power: int) -> Left:
    return Left(lambda p: (p.steps(rule) ** power).mean(1).numpy(), of=OF_SAMPLES)


def _recorded_moment(what: str, title: str, subject: str, expression: sp.Expr, relation: str) -> Statement:
    power = 2 if what == "square" else 1
    return recorded(
        f"step.{what}",
        title,
        subject,
        expression / smoothness.RECORDED_CURVE**power,
        unit(-power, 2 * power),
        "lemma on the step size",
        marks=(NOTES,),
        domain=_ENOUGH,
        relation=relation,
        case=Case("moment", rule=PAPER.name),
        left=_of_moment(PAPER, power),
    )


def _size(what: str, title: str, subject: str, expression: sp.Expr) -> Statement:
    return recorded(
        f"step.{what}",
        title,
        subject,
        expression,
        PURE,
        "lemma on the step size",
        marks=(NOTES,),
        relation=r"\ge",
        note="remark in the record: this size stays the same as epsilon falls",
        unmeasured=_DESIGN,
    )


RECORDED_MEAN = _recorded_moment("mean", "mean of the random step size", _MEAN, Rational(4, 5), r"\ge")
RECORDED_SQUARE = _recorded_moment(
    "square", "second moment of the random step size", _SQUARE, Rational(25, 8), r"\le"
)
RECORDED = (
    RECORDED_MEAN,
    RECORDED_SQUARE,
    _size("tasks", "tasks of the step-size batch", "B'", TASKS),
    _size("samples", "samples per task of the step-size batch", r"D_\beta", SAMPLES),
)
_TWO_POINTS = "a quadratic above 1/z or 1/z^2 that touches it; attained by two values"
_DRAWN = (Condition("tasks", 1, B_prime), Condition("samples", 1, D_beta))


def _moment(
    rule: Rule, name: str, words: str, weight: sp.Symbol, sharpens: Statement | None, **rest: str
) -> Statement:
    power = 2 if weight == mu2 else 1
    return derived(
        name,
        f"{words} of {rule.title}",
        _SQUARE if power == 2 else _MEAN,
        weight / rule.curve**power,
        unit(-power, 2 * power),
        where=rule.where,
        domain=_DRAWN,
        proof=lambda st: (identity("over Lambda", st.expression * rule.curve**power, weight),),
        sharpens=sharpens,
        case=Case("moment", rule=rule.name),
        left=_of_moment(rule, power),
        **rest,
    )


def _moments(
    rule: Rule, prefix: str, mean: Statement | None = None, square: Statement | None = None
) -> tuple[Statement, ...]:
    return (
        _moment(rule, f"{prefix}.mean", "least mean", mu1, mean, source="Jensen for 1/z", relation=r"\ge"),
        _moment(rule, f"{prefix}.mean.upper", "largest mean", mu1u, None, source=_TWO_POINTS),
        _moment(rule, f"{prefix}.square", "largest second moment", mu2, square, source=_TWO_POINTS),
    )


STATEMENTS = (
    *_moments(SAMPLED, "step"),
    *_moments(PAPER, "step.paper", RECORDED_MEAN, RECORDED_SQUARE),
)
MEAN, MEAN_UPPER, SQUARE, PAPER_MEAN, PAPER_MEAN_UPPER, PAPER_SQUARE = STATEMENTS
