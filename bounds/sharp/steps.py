r"""The step rules, each as the five things that the complexity theorem needs of it.

One step gives ``E F(w_{k+1}) <= F(w_k) - c/(2 Lambda(w_k)) [m1 y^2 - m1u ||bias||^2 - m2 Var/B]`` with
``ell <= Lambda(w) <= a0 + b0 y``.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp
from sympy import Integer, sqrt

from bounds.bound import Condition, Definition
from bounds.plan import StepKind
from bounds.sharp.quantities import C1, RELATION, q, x
from bounds.stating import larger
from bounds.symbols import B_prime, D_beta, L, M, alpha, c, defined, rho, sigma, sigma_tilde, theta

r, tau, mu1, mu1u, mu2, spare = map(defined, ("r", "tau", "mu1", "mu1u", "mu2", "spare"))
m1, m1u, m2 = map(defined, ("m1", "m1u", "m2"))
ell, a0, b0 = map(defined, ("ell", "a0", "b0"))

UNIT_STEP = Condition("step factor", c, 1)
SHARE = Condition("share", theta, 1)


@dataclass(frozen=True)
class Rule:
    """A step rule: its definitions, the conditions on c, and how the step is formed in a run."""

    name: str
    kind: StepKind
    title: str
    where: tuple[Definition, ...]
    domain: tuple[Condition, ...]
    smoothness: sp.Expr
    slope: sp.Expr


def _curve(smallest: object, constant: object, slope: object) -> tuple[Definition, ...]:
    return (
        Definition(ell, sp.sympify(smallest), "smallest value of Lambda(w)", r"\ell"),
        Definition(a0, sp.sympify(constant), "Lambda(w) <= a0 + b0 y", "a_0"),
        Definition(b0, sp.sympify(slope), "growth of Lambda(w) with y", "b_0"),
    )


def _moments(low: sp.Expr, high: sp.Expr, curvature: sp.Expr) -> tuple[Definition, ...]:
    return (
        Definition(spare, low - c * curvature, "what the step leaves of the squared mean direction"),
        Definition(m1, low + (1 - theta) * spare, "weight of the signal y^2", "m_1"),
        Definition(m1u, high + (1 / theta - 1) * spare, "weight of the squared bias", r"\bar m_1"),
        Definition(m2, c * curvature, "weight of the variance", "m_2"),
    )


def _sampled(name: str, title: str, k: sp.Expr, k_prime: sp.Expr, kappa: sp.Expr) -> Rule:
    """``beta = c / L~``, ``L~ = k L + k' rho alpha mean_j ||g~_j||`` over fresh B' tasks with D_beta samples."""
    scale = k_prime * rho * alpha
    where = (
        *RELATION,
        Definition(
            r,
            scale * sqrt((sigma**2 + sigma_tilde**2 / D_beta) / B_prime) / (k * L),
            "relative standard deviation of L~",
        ),
        Definition(tau, scale * sigma_tilde / (k * L * sqrt(D_beta)), "relative bias of L~", r"\tau"),
        Definition(mu1, 1 / (1 + tau), "E beta~ >= mu1 / Lambda", r"\mu_1"),
        Definition(mu1u, (1 + r) ** 2 / (1 + 2 * r), "E beta~ <= mu1u / Lambda", r"\bar\mu_1"),
        Definition(mu2, 1 + (r**2 + r * sqrt(r**2 + 4)) / 2, "E beta~^2 <= mu2 / Lambda^2", r"\mu_2"),
        *_moments(mu1, mu1u, kappa * mu2),
        *_curve(k * L, k * L + scale * sigma * q, scale * C1),
    )
    domain = (Condition("step factor", c * kappa * mu2, mu1), SHARE)
    return Rule(name, "sampled", title, where, domain, k * L, scale)


PAPER = _sampled(
    "paper-step",
    "the paper's step size, L~ = 4L + 2 rho alpha mean||g~_j||",
    Integer(4),
    Integer(2),
    (1 + x) / 2,
)
SAMPLED = _sampled(
    "sampled",
    "sampled step size, L~ = (1+x)^2 L + (1+x) rho alpha mean||g~_j||",
    (1 + x) ** 2,
    1 + x,
    Integer(1),
)

_L0 = (1 + x) ** 2 * L + (1 + x) * rho * alpha * q * sigma
_L1 = (1 + x) * rho * alpha * C1
SELF_SCALED = Rule(
    "self-scaled",
    "self-scaled",
    "step c / (l0 + l1 ||G||): no batch of its own",
    (
        *RELATION,
        Definition(spare, 1 - c, "what the step leaves of the squared mean direction"),
        Definition(m1, 1 + (1 - theta) * spare, "weight of the signal y^2", "m_1"),
        Definition(
            m1u,
            m1 + larger(2 + c, spare * (1 - theta) ** 2 / theta),
            "weight of the squared bias",
            r"\bar m_1",
        ),
        Definition(m2, m1u, "weight of the variance", "m_2"),
        *_curve(_L0, _L0, _L1),
    ),
    (UNIT_STEP, SHARE),
    _L0,
    _L1,
)

_LMAX = (1 + x) ** 2 * L + (1 + x) * rho * alpha * M
CONSTANT = Rule(
    "constant",
    "constant",
    "constant step c / ((1+x)^2 L + (1+x) rho alpha M) when E_i||grad f_i|| <= M",
    (*RELATION, *_moments(Integer(1), Integer(1), Integer(1)), *_curve(_LMAX, _LMAX, 0)),
    (UNIT_STEP, SHARE),
    _LMAX,
    Integer(0),
)

RULES = (PAPER, SAMPLED, SELF_SCALED, CONSTANT)
RULE = MappingProxyType({rule.name: rule for rule in RULES})
