"""The paper's statements as recorded, in plain arithmetic: a second copy, independent of the formulas."""

from __future__ import annotations

from math import sqrt


def _noise(v):
    return (
        v["sigma"] ** 2 / v["B"]
        + v["sigma_tilde"] ** 2 / (v["B"] * v["D_o"])
        + v["sigma_tilde"] ** 2 / v["D_in"]
    )


def _accuracy(constant, v, noise):
    r = v["rho"] * v["alpha"] / v["L"]
    return max(sqrt(constant * (1 + r * v["sigma"]) * noise), constant * r * noise, v["epsilon"])


def _fo_noise(v):
    return _noise(v) + 20 * (v["alpha"] * v["L"] * v["sigma"]) ** 2


def _target(v):
    return (v["L"] + v["rho"] * v["alpha"] * (v["sigma"] + v["epsilon"])) / v["epsilon"] ** 2


def _rest(v):
    return v["L"] * (v["B"] * v["D_o"] + v["D_in"]) / v["sigma_tilde"] ** 2


def _iterations(v):
    return v["Delta"] * min(_target(v), v["L"] * v["B"] / v["sigma"] ** 2 + _rest(v))


def _fo_iterations(v):
    task = v["sigma"] ** 2 * (1 / v["B"] + 20 * v["alpha"] ** 2 * v["L"] ** 2)
    return v["Delta"] * min(_target(v), v["L"] / task + _rest(v))


def _c1_c2(v):
    x = v["alpha"] * v["L"]
    below = 1 - 2 * x - x * x
    return 1 / below, (2 * x + x * x) / below


def _second_moment(v):
    c1, c2 = _c1_c2(v)
    f = (1 + v["alpha"] * v["L"]) ** 2
    return 2 * f * c1**2 * v["y"] ** 2 + f * (2 * c2**2 + 1) * v["sigma"] ** 2


def _smoothness(v):
    return 4 * v["L"] + 2 * v["rho"] * v["alpha"] * v["mean_norm"]


def _allowed(constant, v, fixed=0.0):
    r = v["rho"] * v["alpha"] / v["L"]
    return min(v["epsilon"] ** 2 / (constant * (1 + r * v["sigma"])), v["epsilon"] / (constant * r)) - fixed


def _sizes(name, constant, fixed):
    s, t = lambda v: v["sigma"] ** 2, lambda v: v["sigma_tilde"] ** 2
    return {
        f"paper.{name}.{what}": (lambda v, n=noise: 3 * n(v) / _allowed(constant, v, fixed(v)))
        for what, noise in (("tasks", s), ("inner-batch", t), ("outer-batch", t))
    }


def _table(name, floor, shot):
    own = {
        "accuracy": floor or (lambda v: v["epsilon"]),
        "iterations": (lambda v: (v["alpha"] * v["sigma"]) ** -2)
        if floor
        else (lambda v: v["epsilon"] ** -2),
        "samples": (lambda v: v["alpha"] ** -4 * v["sigma"] ** -2)
        if floor
        else (lambda v: v["epsilon"] ** -4),
        "k-shot": shot,
        "cost": (lambda v: v["d"] ** 2) if name == "maml" else (lambda v: v["d"]),
    }
    return {f"paper.table.{name}.{what}": f for what, f in own.items()}


def _shot(v):
    return v["sigma_tilde"] / sqrt(v["D"])


def _floor(v):
    return v["alpha"] * v["sigma"]


def _none(v):
    return 0.0


RECORD = {
    "paper.assumption.1": lambda v: v["Delta"],
    "paper.assumption.2": lambda v: v["L"],
    "paper.assumption.3": lambda v: v["rho"],
    "paper.assumption.4": lambda v: v["sigma"] ** 2,
    "paper.assumption.5.gradient": lambda v: v["sigma_tilde"] ** 2,
    "paper.assumption.5.hessian": lambda v: v["sigma_H"] ** 2,
    "paper.gradient-relation": lambda v: _c1_c2(v)[0] * v["y"] + _c1_c2(v)[1] * v["sigma"],
    "paper.second-moment": _second_moment,
    "paper.smoothness": _smoothness,
    "paper.quadratic-bound": lambda v: 0.5 * _smoothness(v),
    "paper.difference.bias": lambda v: v["rho"] * v["delta"] * v["probe_norm"] ** 2,
    "paper.maml.cost": lambda v: v["d"] ** 2 * v["B"] * v["D_h"],
    **{
        f"paper.{a}.k-shot": (lambda v, k=k: k * _floor(v) + v["sigma"] / sqrt(v["B"]) + _shot(v))
        for a, k in (("maml", 0), ("fo-maml", 1), ("hf-maml", 0))
    },
    "paper.step.mean": lambda v: 0.8 / _smoothness(v),
    "paper.step.square": lambda v: 3.125 / _smoothness(v) ** 2,
    "paper.step.tasks": lambda v: 0.5 * (v["rho"] * v["alpha"] * v["sigma"] / v["L"]) ** 2,
    "paper.step.samples": lambda v: (2 * v["rho"] * v["alpha"] * v["sigma_tilde"] / v["L"]) ** 2,
    "paper.inner.bias": lambda v: v["alpha"] * v["L"] * v["sigma_tilde"] / sqrt(v["D_in"]),
    "paper.inner.second-moment": lambda v: (
        (1 + 1 / v["phi"]) * v["outer_norm"] ** 2
        + (1 + v["phi"]) * (v["alpha"] * v["L"] * v["sigma_tilde"]) ** 2 / v["D_in"]
        + v["sigma_tilde"] ** 2 / v["D_o"]
    ),
    "paper.test-adaptation": lambda v: (
        2 * v["alpha"] * v["L"] * v["sigma_tilde"] / sqrt(v["D_test"])
        + v["alpha"] ** 2 * v["L"] * v["sigma_H"] * v["sigma_tilde"] / v["D_test"]
    ),
    "paper.maml.accuracy": lambda v: _accuracy(61, v, _noise(v)),
    "paper.fo-maml.accuracy": lambda v: _accuracy(14, v, _fo_noise(v)),
    "paper.hf-maml.accuracy": lambda v: _accuracy(36, v, _noise(v)),
    "paper.maml.iterations": _iterations,
    "paper.fo-maml.iterations": _fo_iterations,
    "paper.hf-maml.iterations": _iterations,
    "paper.maml.inner-step": lambda v: 1 / (6 * v["L"]),
    "paper.fo-maml.inner-step": lambda v: 1 / (10 * v["L"]),
    "paper.hf-maml.inner-step": lambda v: 1 / (6 * v["L"]),
    "paper.maml.step": lambda v: 1 / 12,
    "paper.fo-maml.step": lambda v: 1 / 18,
    "paper.hf-maml.step": lambda v: 1 / 25,
    **{f"paper.{a}.tasks.least": (lambda v: 20.0) for a in ("maml", "fo-maml", "hf-maml")},
    "paper.maml.hessian-batch": lambda v: 2 * v["alpha"] ** 2 * v["sigma_H"] ** 2,
    "paper.hf-maml.hessian-batch": lambda v: 36 * (v["alpha"] * v["rho"] * v["sigma_tilde"]) ** 2,
    "paper.hf-maml.hessian-batch.sigma-H": lambda v: 36 * (v["alpha"] * v["rho"] * v["sigma_H"]) ** 2,
    "paper.hf-maml.difference": lambda v: 1 / (6 * v["rho"] * v["alpha"] * v["probe_norm"]),
    **_sizes("maml", 61, _none),
    **_sizes("fo-maml", 14, lambda v: 20 * (v["alpha"] * v["L"] * v["sigma"]) ** 2),
    **_sizes("hf-maml", 36, _none),
    **_table("maml", None, _shot),
    **_table("fo-maml", _floor, lambda v: _floor(v) + _shot(v)),
    **_table("hf-maml", None, _shot),
}

DOMAINS = {
    "paper.gradient-relation": lambda v: v["alpha"] * v["L"] < sqrt(2) - 1,
    "paper.second-moment": lambda v: v["alpha"] * v["L"] < sqrt(2) - 1,
    "paper.smoothness": lambda v: v["alpha"] * v["L"] <= 1,
    "paper.quadratic-bound": lambda v: v["alpha"] * v["L"] <= 1,
    "paper.inner.bias": lambda v: v["alpha"] * v["L"] <= 1,
    "paper.inner.second-moment": lambda v: v["alpha"] * v["L"] <= 1,
    "paper.test-adaptation": lambda v: v["alpha"] * v["L"] <= 1,
    **{
        f"paper.step.{m}": lambda v: (
            v["B_prime"] >= 0.5 * (v["rho"] * v["alpha"] * v["sigma"] / v["L"]) ** 2
            and v["D_beta"] >= (2 * v["rho"] * v["alpha"] * v["sigma_tilde"] / v["L"]) ** 2
        )
        for m in ("mean", "square")
    },
    "paper.maml.accuracy": lambda v: (
        6 * v["alpha"] * v["L"] <= 1 and v["B"] >= 20 and v["D_h"] >= 2 * (v["alpha"] * v["sigma_H"]) ** 2
    ),
    "paper.fo-maml.accuracy": lambda v: 10 * v["alpha"] * v["L"] <= 1 and v["B"] >= 20,
    "paper.hf-maml.accuracy": lambda v: (
        6 * v["alpha"] * v["L"] <= 1
        and v["B"] >= 20
        and v["D_h"] >= 36 * (v["rho"] * v["alpha"] ** 2 * v["sigma_tilde"]) ** 2
    ),
    **{
        f"paper.{a}.iterations": lambda v: 6 * v["alpha"] * v["L"] <= 1 and v["B"] >= 20
        for a in ("maml", "hf-maml")
    },
    "paper.fo-maml.iterations": lambda v: 10 * v["alpha"] * v["L"] <= 1 and v["B"] >= 20,
    "paper.hf-maml.difference": lambda v: v["rho"] > 0,
    **{
        f"paper.{a}.{what}": (
            lambda v, k=k, c=c, s=s: (
                k * v["alpha"] * v["L"] <= 1
                and _allowed(c, v, s * (v["alpha"] * v["L"] * v["sigma"]) ** 2) > 0
            )
        )
        for a, k, c, s in (("maml", 6, 61, 0), ("fo-maml", 10, 14, 20), ("hf-maml", 6, 36, 0))
        for what in ("tasks", "inner-batch", "outer-batch")
    },
}
"""Where each recorded statement holds; those that are not named hold everywhere."""
