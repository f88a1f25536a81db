import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.filtering import filter_diffused
from mmscm.functional.maps import min_max_normalize, resize_maps
from mmscm.functional.tanh_shrink import tanh_shrink


def test_normalisation_by_hand():
    found = min_max_normalize(torch.tensor([[[1.0, 2.0], [3.0, 5.0]]]))
    assert_close(found, torch.tensor([[[0.0, 0.25], [0.5, 1.0]]]))


def test_normalisation_ignores_scale_and_offset():
    maps = torch.rand(3, 4, 5)
    assert_close(min_max_normalize(7 * maps - 2), min_max_normalize(maps))


def test_constant_map_becomes_zeros_with_zero_gradient():
    maps = torch.full((2, 3, 3), 0.7, requires_grad=True)
    normalized = min_max_normalize(maps)
    normalized.sum().backward()
    assert not normalized.any()
    assert not maps.grad.any()


def test_resize_keeps_leading_axes_and_constant_values():
    resized = resize_maps(torch.full((2, 3, 4, 4), 0.5), (10, 12))
    assert_close(resized, torch.full((2, 3, 10, 12), 0.5))


def test_resize_is_bilinear_between_pixel_centres():
    resized = resize_maps(torch.tensor([[0.0, 1.0]]), (1, 4))
    assert_close(resized, torch.tensor([[0.0, 0.25, 0.75, 1.0]]))


@pytest.mark.parametrize('dtype', [torch.float32, torch.float64])
def test_tanh_shrink_is_accurate_from_1e_8_to_10(dtype):
    x = torch.logspace(-8, 1, 400, dtype=dtype).requires_grad_()
    value = tanh_shrink(x)
    (grad,) = torch.autograd.grad(value.sum(), x)
    exact = [reference(v) for v in x.tolist()]
    rtol = 8 * torch.finfo(dtype).eps
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
    assert_close(tanh_shrink(-x), -tanh_shrink(x))


def test_filter_does_not_depend_on_beta_for_small_activation():
    # x^3 / 3 is scale-free up to the min-max
    diffused = 1e-3 * torch.rand(2, 5, 5)
    attention = torch.rand(2, 5, 5)
    one = filter_diffused(diffused, attention, 0.5)
    two = filter_diffused(diffused, attention, 5.0)
    assert_close(one, two, rtol=1e-4, atol=1e-5)


def test_filter_keeps_the_strongest_and_drops_the_weakest():
    diffused = torch.tensor([[[0.1, 0.2], [0.4, 0.8]]])
    update = filter_diffused(diffused, torch.ones(1, 2, 2), 0.5)
    assert update[0, 1, 1] == 1
    assert update[0, 0, 0] == 0
    assert update[0, 0, 1] < 0.2 / 0.8  # small values are suppressed


def test_filter_passes_gradcheck_from_small_to_large_activation():
    torch.manual_seed(0)
    scale = torch.tensor([1e-3, 1.0, 30.0], dtype=torch.float64)
    diffused = torch.randn(3, 3, 4, dtype=torch.float64)
    diffused = (diffused * scale[:, None, None]).requires_grad_()
    attention = torch.rand(3, 3, 4, dtype=torch.float64).requires_grad_()
    beta = torch.tensor(-0.7, dtype=torch.float64, requires_grad=True)
    inputs = diffused, attention, beta
    assert torch.autograd.gradcheck(filter_diffused, inputs)


def test_filter_has_the_gradient_of_its_parts():
    # equal extremes share a gradient, as those of amin and amax do
    diffused = torch.tensor([[[2.0, 2.0], [3.0, 3.0]]], dtype=torch.float64)
    attention = torch.tensor([[[1.0, 0.5], [1.0, 0.0]]], dtype=torch.float64)
    weight = torch.tensor([[[1.0, -2.0], [3.0, 5.0]]], dtype=torch.float64)
    beta = torch.tensor(0.5, dtype=torch.float64)
    inputs = [x.requires_grad_() for x in (diffused, attention, beta)]
    top = attention.amax((-2, -1), keepdim=True)
    scaled = diffused / (beta * top)
    parts = min_max_normalize(scaled - scaled.tanh())
    found, wanted = (
        torch.autograd.grad((update * weight).sum(), inputs)
        for update in (filter_diffused(*inputs), parts)
    )
    assert_close(found, wanted)


def test_filter_ignores_thresholds_that_are_too_small():
    inputs = torch.rand(1, 2, 2), torch.rand(1, 2, 2)
    for beta, limit in ((0.0, 1e-6), (1e-9, 1e-6), (-1e-9, -1e-6)):
        leaf = torch.tensor(beta, requires_grad=True)
        found = filter_diffused(*inputs, leaf)
        assert_close(found, filter_diffused(*inputs, limit))
        assert torch.autograd.grad(found.square().sum(), leaf)[0] == 0
