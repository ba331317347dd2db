r"""The step rules, each as the five things that the complexity theorem needs of it, and the step's moments.

Besides its weights m1, m1u, m2 a rule has the curve ``ell <= Lambda(w) <= a0 + b0 y``.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp
from sympy import Integer, Rational

from bounds.bound import Condition, Definition, Statement
from bounds.derivation.claim import le
from bounds.derivation.tools import Items, identity
from bounds.plan import StepKind
from bounds.standing import Case
from bounds.stating import NOTES, PURE, derived, recorded
from bounds.symbols import (
    B_prime,
    D_beta,
    L,
    M,
    alpha,
    c,
    defined,
    mean_norm,
    rho,
    sigma,
    sigma_tilde,
    theta,
    y,
)
from bounds.theory import smoothness, weights
from bounds.theory.gradients import RELATION, q
from bounds.theory.matrices import C1, UPPER
from bounds.theory.step_size import moments, mu1, mu1u, mu2
from bounds.units import unit

PLACE = 33

ell, a0, b0 = map(defined, ("ell", "a0", "b0"))
UNIT_STEP = Condition("step factor", c, 1)
SHARE = Condition("share", theta, 1)


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

    @property
    def curve(self) -> sp.Expr:
        """Lambda(w): the constant part and the slope times E||g_i||."""
        return self.smoothness + self.slope * mean_norm


def _curve(values: tuple[object, object, object], least: sp.Expr, whole: sp.Expr) -> tuple[Definition, ...]:
    """Return ell, a0 and b0: Lambda at its least, at ``E||g_i|| = C1 y + q sigma`` with y = 0, and its slope."""
    expected = (least, whole.subs(y, 0), sp.diff(whole, y))

    def part(index: int, symbol: sp.Symbol, meaning: str, latex: str) -> Definition:
        def why(e: sp.Expr, st: Statement) -> Items:
            return (identity(f"{symbol} from Lambda", e, expected[index]),)

        return Definition(symbol, sp.sympify(values[index]), meaning, latex, why=why)

    return (
        part(0, ell, "smallest value of Lambda(w)", r"\ell"),
        part(1, a0, "Lambda(w) <= a0 + b0 y", "a_0"),
        part(2, b0, "growth of Lambda(w) with y", "b_0"),
    )


def _sampled(name: str, title: str, k: sp.Expr, k_prime: sp.Expr, kappa: sp.Expr) -> Rule:
    """``beta = c / L~``, ``L~ = k L + k' rho alpha mean_j ||g~_j||`` over fresh B' tasks with D_beta samples."""
    scale, smallest = k_prime * rho * alpha, k * L
    curve = smallest + scale * mean_norm
    where = (
        *RELATION,
        *moments(k, scale),
        *weights.sampled(mu1, mu1u, kappa * mu2, (mu2, curve, ())),
        *_curve(
            (smallest, smallest + scale * sigma * q, scale * C1),
            curve.subs(mean_norm, 0),
            curve.subs(mean_norm, C1 * y + q * sigma),
        ),
    )
    domain = (Condition("step factor", c * kappa * mu2, mu1), SHARE)
    return Rule(name, "sampled", title, where, domain, smallest, scale)


PAPER = _sampled(
    "paper-step",
    "the paper's step size, L~ = 4L + 2 rho alpha mean||g~_j||",
    Integer(4),
    Integer(2),
    UPPER / 2,
)
SAMPLED = _sampled(
    "sampled",
    "sampled step size, L~ = (1+x)^2 L + (1+x) rho alpha mean||g~_j||",
    UPPER**2,
    UPPER,
    Integer(1),
)

_L0 = UPPER**2 * L + UPPER * rho * alpha * q * sigma
_L1 = UPPER * rho * alpha * C1
_AT_MEAN = smoothness.CURVE.subs(mean_norm, C1 * y + q * sigma)
SELF_SCALED = Rule(
    "self-scaled",
    "self-scaled",
    "step c / (l0 + l1 ||G||): no batch of its own",
    (*RELATION, *weights.SELF_SCALED, *_curve((_L0, _L0, _L1), _AT_MEAN.subs(y, 0), _AT_MEAN)),
    (UNIT_STEP, SHARE),
    _L0,
    _L1,
)

_LMAX = UPPER**2 * L + UPPER * rho * alpha * M
_ONE = Integer(1)
CONSTANT = Rule(
    "constant",
    "constant",
    "constant step c / ((1+x)^2 L + (1+x) rho alpha M) when E_i||grad f_i|| <= M",
    (
        *RELATION,
        *weights.sampled(_ONE, _ONE, _ONE, (_ONE, _LMAX, (le(mean_norm, M),))),
        *_curve((_LMAX, _LMAX, 0), _LMAX, _LMAX),
    ),
    (UNIT_STEP, SHARE),
    _LMAX,
    Integer(0),
)

RULES = (PAPER, SAMPLED, SELF_SCALED, CONSTANT)
RULE = MappingProxyType({rule.name: rule for rule in RULES})

_DESIGN = "a condition on a plan: its consequence, the accuracy at that plan, is what is measured"
TASKS = (rho * alpha * sigma / L) ** 2 / 2
SAMPLES = (2 * rho * alpha * sigma_tilde / L) ** 2
_ENOUGH = (Condition("step-size tasks", TASKS, B_prime), Condition("step-size samples", SAMPLES, D_beta))
_MEAN, _SQUARE = r"E\tilde\beta(w)", r"E\tilde\beta(w)^2"


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
