"""The contract suite passes every family, and catches every defect that is put in."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from random_settings import FAMILIES

from empirics import problems
from empirics.problems.base import Certificate

SMALL = {"ramp-bowl": "dim=3,n_tasks=4,sigma_tilde=0.1"}


@pytest.mark.parametrize(
    "family", [n for n in FAMILIES if n not in ("robust-regression", "sigmoid-classification")]
)
def test_families_pass(family):
    own = family in ("plateau", "trapezoid", "ramp") or family.startswith("hf")
    small = "" if own else f":{SMALL.get(family, 'dim=2,n_tasks=5')}"
    findings = problems.check_problem(problems.from_spec(family + small), evaluations=1_500)
    assert findings.passed.all(), findings[~findings.passed]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["robust-regression", "sigmoid-classification"])
def test_families_of_finite_data_pass(family):
    findings = problems.check_problem(problems.from_spec(family), evaluations=20_000)
    assert findings.passed.all(), findings[~findings.passed]


def _mutant(**methods):
    """A small ripple with some methods replaced."""
    cls = dataclass(frozen=True, kw_only=True)(type("Mutant", (problems.Ripple,), methods))
    return cls(dim=2, n_tasks=5)


def _certificate(name, factor):
    def certificates(self, alpha=None):
        known = problems.Ripple.certificates(self, alpha)
        return known | {name: Certificate(known[name].value * factor, "", known[name].attained)}

    return {"certificates": certificates}


def _wrong_gradient(self, tasks, w, batch=None):
    return problems.Ripple.gradient(self, tasks, w, batch) + 1e-6 * w


def _wrong_product(self, tasks, w, v, batch=None):
    return problems.Ripple.hessian_vector(self, tasks, w, v, batch) + 1e-6 * v


def _wrong_noisy_product(self, tasks, w, v, batch=None):
    return problems.Ripple.hessian_vector(self, tasks, w, v)


def _wrong_meta_gradient(self, w, alpha):
    return problems.Ripple.meta_gradient(self, w, 1.01 * alpha)


def _biased(self, rng, tasks, D):
    return problems.Ripple.sample(self, rng, tasks, D) + 0.3


def _batch_size_ignored(self, rng, tasks, D):
    return problems.Ripple.sample(self, rng, tasks, 1)


def _standard_error_law(self, rng, tasks, D):
    return problems.Ripple.sample(self, rng, tasks, 1) / D


_HIDDEN = np.random.default_rng(0)


def _hidden_stream(self, rng, tasks, D):
    return problems.Ripple.sample(self, _HIDDEN, tasks, D)


def _stream_ignored(self, rng, tasks, D):
    return problems.Ripple.sample(self, np.random.default_rng(0), tasks, D)


def _single_precision(self, tasks, w, batch=None):
    return problems.Ripple.gradient(self, tasks, w, batch).float()


def _shape_lost(self, tasks, w, batch=None):
    return problems.Ripple.gradient(self, tasks, w, batch).sum(-2)


def _linear_noise(self, tasks, w, batch=None):
    exact = problems.Ripple.gradient(self, tasks, w)
    return exact if batch is None else exact + 0.01 * batch[..., :2] * w


def _linear_noise_product(self, tasks, w, v, batch=None):
    exact = problems.Ripple.hessian_vector(self, tasks, w, v)
    return exact if batch is None else exact + 0.01 * batch[..., :2] * v


DEFECTS = {
    "L too small": (_certificate("L", 0.95), "L holds"),
    "rho too small": (_certificate("rho", 0.95), "rho holds"),
    "sigma too small": (_certificate("sigma", 0.95), "sigma holds"),
    "sigma_tilde too small": (_certificate("sigma_tilde", 0.95), "sigma_tilde holds"),
    "sigma_H too small": (_certificate("sigma_H", 0.95), "sigma_H holds"),
    "Delta too small": (_certificate("Delta", 0.2), "Delta holds"),
    "L not attained": (_certificate("L", 1.05), "L is attained"),
    "wrong gradient": ({"gradient": _wrong_gradient}, "gradient is that of the loss"),
    "wrong Hessian": ({"hessian_vector": _wrong_product}, "Hessian product is that of the gradient"),
    "noiseless Hessian": (
        {"hessian_vector": _wrong_noisy_product},
        "Hessian product of a batch is that of its gradient",
    ),
    "wrong meta-gradient": ({"meta_gradient": _wrong_meta_gradient}, "meta-gradient is that of F"),
    "biased oracle": ({"sample": _biased}, "gradient of 1 samples is unbiased"),
    "D ignored": ({"sample": _batch_size_ignored}, "variance of the mean of D samples falls like 1/D"),
    "noise/D": ({"sample": _standard_error_law}, "variance of the mean of D samples falls like 1/D"),
    "hidden stream": ({"sample": _hidden_stream}, "the same stream gives the same batch"),
    "stream ignored": ({"sample": _stream_ignored}, "another stream gives another batch"),
    "single precision": ({"gradient": _single_precision}, "gradient: double, shape 3"),
    "shape lost": ({"gradient": _shape_lost}, "gradient: double, shape 3"),
    "noise grows with w": (
        {
            "gradient": _linear_noise,
            "hessian_vector": _linear_noise_product,
            "noise_moments": lambda *_: None,
        },
        "sigma_tilde holds",
    ),
}


@pytest.mark.parametrize("defect", list(DEFECTS))
def test_a_defect_is_caught(defect):
    methods, expected = DEFECTS[defect]
    findings = problems.check_problem(_mutant(**methods), evaluations=400).set_index("check")
    failed = findings.index[~findings.passed]
    assert any(name.startswith(expected) for name in failed), findings


def test_sampled_noise_at_its_constant_is_not_refused():
    mutant = _mutant(noise_moments=lambda *_: None)
    findings = problems.check_problem(mutant, evaluations=800)
    assert findings.passed.all(), findings[~findings.passed]


def test_an_error_inside_a_problem_is_a_finding():
    def broken(self, tasks, w):
        raise RuntimeError("no loss today")

    findings = problems.check_problem(_mutant(loss=broken))
    assert "no loss today" in findings.detail.iloc[-1]
    assert not findings.passed.iloc[-1]


def test_a_problem_that_is_not_finite_fails():
    def exploding(self, tasks, w):
        return torch.full(torch.broadcast_shapes(tasks.shape, w.shape[:-1]), torch.nan, dtype=torch.float64)

    assert not problems.check_problem(_mutant(loss=exploding)).passed.all()
