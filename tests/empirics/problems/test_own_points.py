"""Derivatives of an own problem at points of any layout."""

import numpy as np
import pytest
import torch
from fewer import first
from own_kinds import DIM, EDGES, KINDS

from empirics.measure import exact_values

ALPHA = 0.2
ROWS = torch.from_numpy(np.random.default_rng(0).standard_normal((3, DIM)))
LAYOUTS = {
    "row 0": lambda: ROWS[0],
    "expanded twice": lambda: ROWS[1].expand(2, 3, DIM),
    "columns": lambda: torch.cat([ROWS, ROWS]).T.contiguous().T,
    "every other": lambda: torch.cat([ROWS, ROWS])[::2],
    "one number repeated": lambda: ROWS[1, :1].expand(DIM),
    "single precision": lambda: ROWS.float(),
    "wants a gradient": lambda: ROWS.clone().requires_grad_(),
    "row 1": lambda: ROWS[1],
    "part of rows": lambda: ROWS[1:],
    "expanded": lambda: ROWS[1].expand(4, DIM),
    "reversed": lambda: ROWS.flip(0)[1:],
}


@pytest.mark.parametrize("layout", first(7, LAYOUTS))
@pytest.mark.parametrize("kind", [*KINDS, *EDGES])
def test_layout_does_not_matter(kind, layout):
    problem, w = (KINDS | EDGES)[kind](), LAYOUTS[layout]()
    plain = w.detach().double().clone(memory_format=torch.contiguous_format)
    each = torch.stack([problem.meta_gradient(row, ALPHA) for row in plain.reshape(-1, DIM)])
    found = problem.meta_gradient(w, ALPHA)
    assert found.dtype == torch.float64
    assert torch.allclose(found, each.reshape(w.shape), rtol=1e-12, atol=1e-14)
    assert torch.equal(found, problem.meta_gradient(plain, ALPHA))
    assert torch.equal(problem.objective(w, ALPHA), problem.objective(plain, ALPHA))
    tasks = torch.arange(problem.n_tasks)
    batch = torch.from_numpy(problem.sample(np.random.default_rng(0), tasks.numpy(), 2))
    for drawn in (None, batch):
        args = tasks, w.unsqueeze(-2), w.unsqueeze(-2), drawn
        same = tasks, plain.unsqueeze(-2), plain.unsqueeze(-2), drawn
        assert torch.equal(problem.hessian_vector(*args), problem.hessian_vector(*same))
    for one, other in zip(
        problem.noise_moments(tasks, w.unsqueeze(-2)),
        problem.noise_moments(tasks, plain.unsqueeze(-2)),
        strict=True,
    ):
        assert torch.equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_flows_through(kind):
    problem, w = KINDS[kind](), ROWS[1].clone().requires_grad_()
    (slope,) = torch.autograd.grad(problem.objective(w, ALPHA), w)
    assert torch.allclose(slope, problem.meta_gradient(w.detach(), ALPHA), rtol=1e-10)
    with torch.no_grad():
        assert torch.allclose(exact_values(problem, ROWS[1:2], ALPHA, 4)[1], slope.norm())
