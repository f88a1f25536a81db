"""Numbers of any size: nothing overflows, and the result is that of size 1."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.diffusion import diffuse, newton_schulz
from mmscm.functional.filtering import filter_diffused
from mmscm.functional.grid import edge_dissimilarity, semantic_laplacian
from mmscm.functional.maps import (
    SMALLEST,
    min_max_normalize,
    power_of_two,
)
from mmscm.functional.stencil import convergent_scale
from mmscm.functional.tanh_shrink import tanh_shrink


def random_maps(dtype=torch.float32):
    torch.manual_seed(0)
    semantic = torch.randn(2, 3, 4, 5, dtype=dtype)
    return semantic, torch.rand(2, 4, 5, dtype=dtype)


def test_power_of_two_by_hand():
    found = power_of_two(torch.tensor([0.0, 0.75, 1.0, 5.0, 1e-40, 1e38]))
    wanted = torch.tensor([2 * SMALLEST, 1, 2, 8, 2 * SMALLEST, 1 / SMALLEST])
    assert torch.equal(found, wanted)


@pytest.mark.parametrize('scale', [1e-28, 1e-20, 1e4, 1e20, 1e30])
def test_similarity_does_not_depend_on_the_size_of_tokens(scale):
    semantic, _ = random_maps()
    weight = torch.rand(2, 4, 4)
    results = []
    for factor in (1.0, scale):
        leaf = (semantic * factor).requires_grad_()
        right, down = edge_dissimilarity(leaf)
        (right * weight).sum().backward()
        results.append((right, down, leaf.grad * factor))
    assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)


def test_similarity_of_a_tiny_and_a_huge_token_by_hand():
    semantic = torch.tensor([[[[3e-30, 4e30]], [[4e-30, 3e30]]]])
    right, _ = edge_dissimilarity(semantic)
    assert right.item() == pytest.approx(1 / 25)


def test_tokens_that_differ_by_rounding_are_equal():
    semantic = torch.tensor([[[[1.0, 1 + 2e-7]], [[2.0, 2.0]]]])
    right, _ = edge_dissimilarity(semantic.requires_grad_())
    right.sum().backward()
    assert right.item() == 0
    assert not semantic.grad.any()


def test_alpha_is_lowered_where_the_iteration_would_diverge():
    # alpha norm^2 <= 2 up to norm = sqrt(1000) = 31.6
    found = convergent_scale(torch.tensor([0.0, 8.0, 31.0, 100.0]), 0.002)
    assert_close(found, torch.tensor([0.002, 0.002, 0.002, 2e-4]))


@pytest.mark.parametrize(
    ('lambda_', 'lowered'),
    [(-2.9, False), (0.0, False), (1.0, False), (3.9, False), (1e3, True)],
)
def test_alpha_stays_in_the_documented_range_of_lambda(lambda_, lowered):
    # opposite tokens side by side are the worst case: E = -1
    sign = 1 - 2 * ((torch.arange(6)[:, None] + torch.arange(6)) % 2)
    for semantic in (sign[None, None].float(), torch.ones(1, 1, 6, 6)):
        dense = semantic_laplacian(semantic, lambda_).dense()
        norm = dense.abs().sum(-1).amax()
        assert norm <= 8 * max(1, lambda_, 1 - lambda_) * (1 + 1e-6)
    assert (convergent_scale(norm, 0.002) < 0.002) == lowered


@pytest.mark.parametrize('lambda_', [-1e3, 5.0, 1e3, 1e9])
def test_stencil_equals_newton_schulz_at_any_lambda(lambda_):
    semantic, attention = random_maps(torch.float64)
    semantic.requires_grad_()
    results = []
    for method in ('stencil', 'newton_schulz'):
        laplacian = semantic_laplacian(semantic, lambda_)
        out = diffuse(attention, laplacian, 4, method=method) * abs(lambda_)
        results.append((out, *torch.autograd.grad(out.sum(), semantic)))
    assert_close(results[0], results[1], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize('lambda_', [1.0, 20.0, 1e3])
@pytest.mark.parametrize('num_iters', [1, 4, 8])
def test_diffused_activation_stays_within_the_documented_bound(
    lambda_, num_iters
):
    semantic, attention = random_maps()
    laplacian = semantic_laplacian(semantic, lambda_)
    diffused = diffuse(attention, laplacian, num_iters)
    bound = 2**num_iters * (2 * 0.002) ** 0.5
    norms = diffused.flatten(1).norm(dim=1) / attention.flatten(1).norm(dim=1)
    assert norms.max() <= bound


def test_lowered_alpha_still_approaches_the_inverse():
    matrix = 100 * torch.tensor([[[2.0, 1], [1, 3]]], dtype=torch.float64)
    inverse = newton_schulz(matrix, num_iters=20, init_scale=0.05)
    assert_close(inverse @ matrix, torch.eye(2, dtype=torch.float64)[None])


def test_shrinkage_in_a_unit_keeps_cubes_that_underflow():
    x = torch.tensor([1e-20, 5e-21]).requires_grad_()
    found = tanh_shrink(x, 1e-20)
    assert_close(found, torch.tensor([1.0, 0.125]) / 3)
    found.sum().backward()
    assert_close(x.grad, torch.tensor([1e20, 0.25e20]))


@pytest.mark.parametrize('scale', [1e-24, 1e-15, 1e15, 1e28])
def test_filter_does_not_depend_on_the_size_of_activation(scale):
    diffused, attention = 1e-3 * random_maps()[1], random_maps()[1]
    one = filter_diffused(diffused, attention, 0.5)
    two = filter_diffused(diffused * scale, attention * scale, 0.5)
    assert_close(one, two, rtol=1e-5, atol=1e-6)


def test_small_diffused_maps_give_finite_gradients():
    # x^3 = 1e-36 spans less than a gradient of float32 can divide by
    diffused = (1e-12 * random_maps()[1]).requires_grad_()
    attention = torch.ones(2, 4, 5)
    update = filter_diffused(diffused, attention, 1.0)
    (1e3 * update[:, 0]).sum().backward()
    assert update.max() == 1
    assert diffused.grad.isfinite().all()


def test_maps_that_span_less_than_the_smallest_number_are_constant():
    maps = torch.tensor([[[0.0, SMALLEST / 2]], [[0.0, SMALLEST]]])
    assert_close(
        min_max_normalize(maps), torch.tensor([[[0.0, 0.0]], [[0.0, 1.0]]])
    )
