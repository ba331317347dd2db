"""The symbols of the theory, each with its unit, its LaTeX and its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from bounds.errors import InputError
from bounds.parts import refuse_unread
from bounds.taken import refuse_taken
from bounds.units import PURE, Unit, unit


@dataclass(frozen=True)
class Quantity:
    """A named quantity: the symbol used in formulas, and what a reader must know about it."""

    symbol: sp.Symbol
    unit: Unit
    latex: str
    meaning: str


_GRADIENT = unit(1, -1)

_TABLE = (
    ("L", unit(1, -2), "L", "smoothness of every task loss"),
    ("rho", unit(1, -3), r"\rho", "Lipschitz constant of every task Hessian"),
    ("sigma", _GRADIENT, r"\sigma", "heterogeneity of the task gradients"),
    ("sigma_tilde", _GRADIENT, r"\tilde\sigma", "noise of a one-sample gradient"),
    ("sigma_H", unit(1, -2), r"\sigma_H", "noise of a one-sample Hessian"),
    ("Delta", unit(1), r"\Delta", "F(w_0) - inf F"),
    ("M", _GRADIENT, "M", "bound on E_i ||grad f_i(w)|| along the run"),
    ("alpha", unit(-1, 2), r"\alpha", "inner step size"),
    ("epsilon", _GRADIENT, r"\varepsilon", "target for ||grad F||"),
    ("y", _GRADIENT, "y", "||grad F(w)||"),
    ("gradient", _GRADIENT, r"\bar g", "||grad f(w)||, f = E_i f_i"),
    ("mean_norm", _GRADIENT, r"E_i\|g_i\|", "E_i ||grad f_i(w)||"),
    ("outer_norm", _GRADIENT, r"\|g_i^+\|", "||grad f_i(w_i^+)||"),
    ("probe_norm", _GRADIENT, r"\|v\|", "norm of the direction v of a Hessian-vector product"),
    ("probe_gradient", _GRADIENT, r"\|\nabla f\|", "largest norm of the gradients at the two probes"),
    (
        "point_norm",
        unit(0, 1),
        r"\|w\|",
        "size at which the probes are rounded: at most ||w|| + 2 delta ||v||",
    ),
    ("rounding", PURE, "u", "relative error of a computed gradient or point"),
    ("delta", unit(-1, 2), r"\delta", "difference step of HF-MAML"),
    ("probe_length", unit(0, 1), "l", "length of HF-MAML's probe: delta_i = l / ||v_i||"),
    ("B", PURE, "B", "tasks per iteration"),
    ("n_tasks", PURE, "n", "number of tasks"),
    ("D_in", PURE, r"D_{\mathrm{in}}", "samples of the inner gradient"),
    ("D_o", PURE, r"D_o", "samples of the outer gradient"),
    ("D_h", PURE, r"D_h", "samples of the Hessian"),
    ("D_test", PURE, r"D_{\mathrm{test}}", "samples of the adaptation at test time"),
    ("B_prime", PURE, "B'", "tasks of the step-size batch"),
    ("D_beta", PURE, r"D_\beta", "samples per task of the step-size batch"),
    ("K", PURE, "K", "iterations"),
    ("c", PURE, "c", "step factor: beta_k = c / L~(w_k)"),
    ("theta", PURE, r"\theta", "share of the squared mean direction that is given up, 0 < theta <= 1"),
    ("damping", PURE, "h", "constant part of a self-scaled step over the least one that is allowed"),
    ("phi", PURE, r"\phi", "Young parameter"),
    ("d", PURE, "d", "number of parameters"),
    ("R", PURE, "R", "rho sigma / L^2"),
    ("m", unit(1, -2), "m", "curvature of the mean loss of a two-task family"),
    ("D", PURE, "D", "samples of every batch (K-shot)"),
    ("bias", _GRADIENT, r"\|r\|", "||E G - grad F(w)||, bias of the direction"),
    ("variance", unit(2, -2), "V", "E||G_i - E G||^2, variance of one task's direction"),
    ("error", _GRADIENT, r"\|G-\nabla F\|", "distance of the direction from grad F(w)"),
    ("beta", unit(-1, 2), r"\beta", "constant outer step size"),
    ("depth", PURE, r"J_{\max}", "levels of the multilevel inner batch, 0 for a plain one"),
    ("rate", PURE, "q_J", "level j of a multilevel inner batch is drawn with probability q_J 2^-j"),
    ("guarantee", _GRADIENT, "g_K", "bound on E||grad F(w_R)||, R uniform on 0..K-1"),
    ("chance", PURE, "p", "largest chance that one run misses"),
    ("best", _GRADIENT, r"y_{\min}", "bound on ||grad F|| of the best of some candidates"),
    ("lapse", PURE, r"\chi", "largest chance that the mean direction of one group of tasks is too far off"),
)

MAY_BE_ZERO = frozenset(
    {"rho", "sigma", "sigma_tilde", "sigma_H", "Delta", "M", "y", "gradient", "mean_norm", "outer_norm"}
    | {"probe_norm", "probe_gradient", "point_norm", "rounding", "bias", "variance", "error", "depth"}
)
"""Quantities whose range includes 0; all others are positive. What sympy may assume follows from this."""


class Own(sp.Symbol):
    """The symbol of a quantity of a statement's own: a variable of a proof with that name is another symbol."""


def quantity(name: str, unit: Unit, latex: str, meaning: str, *, may_be_zero: bool = False) -> Quantity:
    """Return a quantity > 0, or >= 0: for statements that need one which the theory does not have.

    Its ``symbol`` is what formulas use; a statement names it among its ``quantities``.

    Parameters
    ----------
    name : str
        What values are given by, a Python name.
    unit : Unit
        ``unit(F, W)``: powers of the unit of the objective and of that of the parameters.
    latex, meaning : str
    may_be_zero : bool

    Raises
    ------
    InputError
        When the name is no Python name, or a word that formulas use in Python or JavaScript; when the unit is
        none, or the LaTeX is empty or cannot be read.
    """
    refuse_taken(name)
    if not isinstance(unit, Unit):
        raise InputError(f"unit of {name}", unit, "must be a unit", "unit(1, -2) is F/W^2, unit() a number")
    refuse_unread(f"latex of {name}", latex, drawn=True)
    return Quantity(Own(name, **_sign(may_be_zero)), unit, latex, meaning)


def _sign(may_be_zero: bool) -> dict[str, bool]:
    return {"nonnegative" if may_be_zero else "positive": True}


QUANTITIES = MappingProxyType(
    {
        name: Quantity(sp.Symbol(name, **_sign(name in MAY_BE_ZERO)), u, tex, meaning)
        for name, u, tex, meaning in _TABLE
    }
)

(
    L, rho, sigma, sigma_tilde, sigma_H, Delta, M, alpha, epsilon, y, gradient, mean_norm, outer_norm,
    probe_norm, probe_gradient, point_norm, rounding, delta, probe_length, B, n_tasks, D_in, D_o, D_h, D_test,
    B_prime, D_beta, K, c, theta, damping, phi, d, R, m, D, bias, variance, error, beta, depth, rate, guarantee,
    chance, best, lapse,
) = (q.symbol for q in QUANTITIES.values())  # fmt: skip


def defined(name: str) -> sp.Symbol:
    """Return the symbol of a quantity that a statement defines for itself."""
    return sp.Symbol(name, real=True)
