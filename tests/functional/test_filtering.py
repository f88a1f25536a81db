"""The filter of Eq. 7, its adjoint and the tanh shrinkage in it."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.filtering import filter_diffused, tanh_shrink


@pytest.mark.parametrize(
    ('dtype', 'rtol'), [(torch.float32, 1e-6), (torch.float64, 1e-12)]
)
def test_tanh_shrink_is_accurate_from_1e_8_to_10(dtype, rtol):
    x = torch.logspace(-8, 1, 400, dtype=dtype).requires_grad_()
    value = tanh_shrink(x, x.tanh(), x.clamp(-1, 1))
    (grad,) = torch.autograd.grad(value.sum(), x)
    exact = [reference(v) for v in x.tolist()]
    wanted = torch.tensor(exact, dtype=torch.float64)
    assert_close(value.double(), wanted, rtol=rtol, atol=0)
    slope = x.double().tanh().square()
    assert_close(grad.double(), slope, rtol=rtol, atol=0)


def reference(x: float) -> float:
    """x - tanh(x), with 80 digits."""
    from mpmath import mp, mpf, tanh

    with mp.workdps(80):
        return float(mpf(x) - tanh(mpf(x)))


def test_tanh_shrink_is_odd():
    x = torch.linspace(0, 3, 50)
    one, two = (tanh_shrink(v, v.tanh(), v.clamp(-1, 1)) for v in (x, -x))
    assert_close(two, -one)


def test_filter_keeps_the_strongest_and_drops_the_weakest():
    diffused = torch.tensor([[[0.1, 0.2], [0.4, 0.8]]])
    update = filter_diffused(diffused, torch.ones(1, 2, 2), 0.5)
    assert update[0, 1, 1] == 1
    assert update[0, 0, 0] == 0
    assert update[0, 0, 1] < 0.2 / 0.8  # small values are suppressed


def test_filter_of_a_constant_map_is_zero_with_zero_gradient():
    inputs = [torch.full((2, 3, 3), v, requires_grad=True) for v in (0.3, 0.7)]
    update = filter_diffused(*inputs, 0.5)
    update.sum().backward()
    assert not update.any()
    assert not any(leaf.grad.any() for leaf in inputs)


def test_filter_does_not_depend_on_beta_for_small_activation():
    # x^3 / 3 is scale-free up to the min-max
    diffused = 1e-3 * torch.rand(2, 5, 5)
    attention = torch.rand(2, 5, 5)
    one = filter_diffused(diffused, attention, 0.5)
    two = filter_diffused(diffused, attention, 5.0)
    assert_close(one, two, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('scale', [1e-15, 1e15, 1e28])
def test_filter_does_not_depend_on_the_size_of_activation(scale):
    torch.manual_seed(0)
    diffused, attention = 1e-3 * torch.rand(2, 4, 5), torch.rand(2, 4, 5)
    one = filter_diffused(diffused, attention, 0.5)
    two = filter_diffused(diffused * scale, attention * scale, 0.5)
    assert_close(one, two, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize('size', [1e-9, 1e-12, 1e-20])
def test_small_diffused_maps_give_finite_gradients(size):
    torch.manual_seed(0)
    diffused = (size * torch.rand(2, 4, 5)).requires_grad_()
    update = filter_diffused(diffused, torch.ones(2, 4, 5), 1.0)
    (1e3 * update[:, 0]).sum().backward()
    # x^3 = 1e-36 spans less than a gradient of float32 can divide by
    assert update.max() == (size > 1e-10)
    assert diffused.grad.isfinite().all()


def test_filter_passes_gradcheck_from_small_to_large_activation():
    torch.manual_seed(0)
    scale = torch.tensor([1e-3, 1.0, 30.0], dtype=torch.float64)
    diffused = torch.randn(3, 3, 4, dtype=torch.float64)
    diffused = (diffused * scale[:, None, None]).requires_grad_()
    attention = torch.rand(3, 3, 4, dtype=torch.float64).requires_grad_()
    beta = torch.tensor(-0.7, dtype=torch.float64, requires_grad=True)
    inputs = diffused, attention, beta
    assert torch.autograd.gradcheck(filter_diffused, inputs)


def test_filter_ignores_thresholds_that_are_too_small():
    inputs = torch.rand(1, 2, 2), torch.rand(1, 2, 2)
    for beta, limit in ((0.0, 1e-6), (1e-9, 1e-6), (-1e-9, -1e-6)):
        leaf = torch.tensor(beta, requires_grad=True)
        found = filter_diffused(*inputs, leaf)
        assert_close(found, filter_diffused(*inputs, limit))
        (grad,) = torch.autograd.grad(found.square().sum(), leaf)
        assert grad.isfinite()


def test_attention_that_is_almost_zero_gives_no_update():
    diffused = torch.rand(1, 2, 2).requires_grad_()
    update = filter_diffused(diffused, torch.full((1, 2, 2), 1e-30), 0.5)
    (grad,) = torch.autograd.grad(update.square().sum(), diffused)
    assert not update.any()
    assert not grad.any()
