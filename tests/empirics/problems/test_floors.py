"""Where exact FO-MAML and HF-MAML end, against running them; the quadratic's stationary law."""

import pytest
import torch

from empirics import problems


def _run(problem, alpha, direction, steps=1000, beta=0.5):
    w, tasks = problem.start.expand(1, problem.dim), torch.arange(problem.n_tasks)
    beta = beta / problem.L
    norms = []
    for step in range(steps):
        if step % 10 == 0:
            norms.append(float(problem.meta_gradient(w[0], alpha).norm()))
        w = w - beta * direction(problem, tasks, w, alpha).mean(0, keepdim=True)
    return w[0], [*norms, float(problem.meta_gradient(w[0], alpha).norm())]


def _fo(problem, tasks, w, alpha):
    return problem.gradient(tasks, w - alpha * problem.gradient(tasks, w))


def _hf(displacement):
    def direction(problem, tasks, w, alpha):
        v = _fo(problem, tasks, w, alpha)
        delta = displacement / v.norm(dim=-1, keepdim=True)
        ahead, behind = problem.gradient(tasks, w + delta * v), problem.gradient(tasks, w - delta * v)
        return v - alpha * (ahead - behind) / (2 * delta)

    return direction


@pytest.mark.parametrize("spec", ["plateau", "plateau:dim=3,n_tasks=4,L=2,sigma=0.5,Delta=2"])
@pytest.mark.parametrize("x", [0.02, 0.1])
def test_fo_maml_ends_on_the_predicted_plateau(spec, x):
    problem = problems.from_spec(spec)
    alpha = x / problem.L
    w, norms = _run(problem, alpha, _fo)
    torch.testing.assert_close(w, problem.fo_fixed_point(alpha), rtol=0, atol=1e-10)
    assert norms[-1] == pytest.approx(problem.fo_plateau(alpha), abs=1e-10)
    assert min(norms) >= 0.4 * alpha * problem.L * problem.sigma
    assert problem.fo_plateau(alpha) <= x * (1 + x) * problem.sigma


@pytest.mark.parametrize("R", [2, 20, 100])
def test_the_trapezoid_has_its_closed_form_floor(R):
    problem = problems.from_spec(f"trapezoid:R={R},dim=2,L=2,sigma=0.5")
    alpha = problem.tuned
    _, norms = _run(problem, alpha, _fo, steps=600)
    unit = alpha * problem.L * problem.sigma
    assert norms[-1] / unit == pytest.approx(problem.floor / unit, abs=1e-8)
    assert problem.fo_plateau(alpha) == pytest.approx(problem.floor, abs=1e-13)
    assert min(norms) >= problem.floor * (1 - 1e-9)
    assert problem.floor / unit == pytest.approx({2: 0.6286, 20: 0.7542, 100: 0.7653}[R], abs=5e-5)


@pytest.mark.parametrize(
    "spec",
    ["hf-counterexample:dim=2,L=2", pytest.param("hf-counterexample-tent", marks=pytest.mark.slow)],
)
def test_hf_maml_stalls_with_the_recorded_rule_and_not_with_the_corrected_one(spec):
    problem = problems.from_spec(spec)
    alpha = getattr(problem, "tuned", 0.05 / problem.L)
    beta, steps = (0.5, 1000) if "tent" not in spec else (0.05, 6000)
    w, norms = _run(problem, alpha, _hf(problem.displacement(alpha)), steps, beta)
    floor = problem.hf_plateau(alpha, problem.displacement(alpha))
    assert norms[-1] == pytest.approx(floor, rel=1e-6)
    assert floor == pytest.approx(getattr(problem, "floor", 0.02581884), rel=1e-6)
    small = problem.displacement(alpha, 1 / 600)
    if "tent" in spec:
        w = problem.hf_fixed_point(alpha, small)
        assert float(problem.meta_gradient(w, alpha).norm()) <= 1e-3 * floor
    _, norms = _run(problem, alpha, _hf(small), (4 if "tent" in spec else 1) * steps, beta)
    assert norms[-1] <= 1e-3 * floor


def test_the_plateau_has_the_values_of_the_theory():
    plateau = problems.Plateau()
    measured = [plateau.fo_plateau(x) / x for x in (0.1, 0.05, 0.01, 0.001)]
    assert measured == pytest.approx([0.41405, 0.43404, 0.42108, 0.41477], abs=5e-6)


def test_hf_maml_ends_where_predicted():
    plateau = problems.Plateau(dim=2)
    for displacement in (0.3, 1e-3):
        w, norms = _run(plateau, 0.1, _hf(displacement))
        torch.testing.assert_close(w, plateau.hf_fixed_point(0.1, displacement), rtol=0, atol=1e-9)
        assert norms[-1] == pytest.approx(plateau.hf_plateau(0.1, displacement), abs=1e-9)
    assert plateau.hf_plateau(0.1, 0.3) > 1e-4
    assert plateau.hf_plateau(0.1, 1e-3) < 1e-7


@pytest.mark.parametrize("spec", ["shared-hessian:dim=3", "shared-hessian:dim=1,sigma=2", "quadratic:dim=3"])
def test_a_shared_hessian_has_no_floor(spec):
    problem = problems.from_spec(spec)
    _, norms = _run(problem, 0.1, _fo, steps=2500)
    assert norms[0] > 0.05
    assert norms[-1] < 1e-12
    assert problem.fo_plateau(0.1) == 0
