"""Derivatives of many losses at once: the short way of a run, and the way that may be differentiated again."""

import pytest
import torch
from torch.autograd import forward_ad
from torch.func import grad, jvp, linearize, vmap

from benchmarks.table import plan
from bounds.errors import InputError
from empirics import simulate
from empirics.differentiation import derivative, products, slopes, values
from empirics.problems import estimated, own_problem

GENERATOR = torch.Generator().manual_seed(0)
W, V, DATA = torch.randn((3, 5, 4), generator=GENERATOR, dtype=torch.float64)


def _losses(w):
    return vmap(lambda x, a: torch.tanh(x @ a) + (x**4).sum())(w, DATA)


def _constant(w):
    return DATA.sum(-1)


def _straight(w):
    return (w * DATA).sum(-1)


LOSSES = [_losses, _constant, _straight]


@pytest.mark.parametrize("losses", LOSSES)
def test_both_ways_give_every_loss_its_own_derivatives(losses):
    def one(w, place):
        return losses(W.index_put((torch.tensor(place),), w))[place]

    for n in range(len(W)):
        with torch.no_grad():
            short = slopes(losses, W)[n], products(losses, W, V)[n]
        long = slopes(losses, W)[n], products(losses, W, V)[n]
        slope = grad(one)(W[n], n)
        expected = slope, jvp(lambda x, n=n: grad(one)(x, n), (W[n],), (V[n],))[1]
        for found in (short, long):
            torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-13)


def test_the_short_way_gives_way_inside_of_transforms():
    with torch.no_grad():
        expected = products(_losses, W, V)
        along = jvp(lambda x: slopes(_losses, x), (W,), (V,))[1]
        back = grad(lambda x: (slopes(_losses, x) * V).sum())(W)
        each = vmap(lambda u: products(_losses, W, u))(torch.stack([V, 2 * V]))
    torch.testing.assert_close(along, expected, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(back, expected, rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(each[1], 2 * expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("losses", LOSSES)
def test_inference_mode_changes_nothing(losses):
    expected = slopes(losses, W), products(losses, W, V)
    with torch.inference_mode():
        found = slopes(losses, W), products(losses, W, V)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-13)


def test_losses_are_never_called_in_inference_mode():
    """Some versions of torch differentiate to zero there."""
    modes = []

    def watched(w):
        modes.append(torch.is_inference_mode_enabled())
        return _losses(w)

    constants = dict.fromkeys(("L", "rho", "sigma", "sigma_tilde", "sigma_H"), estimated(1.0))

    def loss(w, x):
        return watched(w.expand(5, -1)).sum() * x.sum()

    problem = own_problem(loss, [[W[:2].numpy()]], W[0].numpy(), constants, infimum=-1.0)
    one = plan("maml").with_(B=1)
    expected = simulate(problem, one, replicates=1, iterations=2)
    modes.clear()
    with torch.inference_mode():
        slopes(watched, W), products(watched, W, V)
        found = simulate(problem, one, replicates=1, iterations=2)
    assert modes
    assert not any(modes)
    assert found.equals(expected)


def test_tangents_of_forward_mode_are_kept_or_refused():
    with torch.no_grad():
        along = linearize(lambda x: slopes(_losses, x), W)[1](V)
        torch.testing.assert_close(along, products(_losses, W, V), rtol=1e-12, atol=1e-13)
        with forward_ad.dual_level():
            dual = forward_ad.unpack_dual(slopes(_losses, forward_ad.make_dual(W, V))).tangent
            torch.testing.assert_close(dual, products(_losses, W, V), rtol=1e-12, atol=1e-13)
            with pytest.raises(RuntimeError, match="forward mode AD"):
                products(_losses, W, forward_ad.make_dual(V, W))


def test_a_recorded_gradient_may_be_differentiated_and_a_run_records_nothing():
    w = W.clone().requires_grad_()
    (back,) = torch.autograd.grad((slopes(_losses, w) * V).sum(), w)
    torch.testing.assert_close(back, products(_losses, W, V), rtol=1e-12, atol=1e-13)
    with torch.no_grad():
        assert not slopes(_losses, w).requires_grad
        assert not products(_losses, w, V).requires_grad
    assert torch.equal(values(_losses, W), _losses(W))


def test_nothing_is_taken_for_flat_where_nothing_is_recorded():
    with torch.inference_mode(), pytest.raises(InputError, match="inference_mode"):
        derivative(W.sum(), W)
