"""Diffusion of Eqs. 5 and 6: series, adjoint, dense matrices."""

from types import SimpleNamespace

import pytest
import torch
from torch._subclasses import FakeTensorMode
from torch.testing import assert_close

from mmscm.functional import diffusion
from mmscm.functional.diffusion import (
    MAX_DENSE_PATCHES,
    convergent_scale,
    diffuse,
    newton_schulz,
)
from mmscm.functional.laplacian import dense_matrix, semantic_laplacian


def random_maps(batch=2, height=4, width=5, dtype=torch.float64):
    torch.manual_seed(0)
    semantic = torch.randn(batch, 3, height, width, dtype=dtype)
    attention = torch.rand(batch, height, width, dtype=dtype)
    lambda_ = torch.tensor(0.9, dtype=dtype, requires_grad=True)
    return semantic.requires_grad_(), attention.requires_grad_(), lambda_


def dense_diffusion(attention, laplacian, num_iters, scale, detach_init=True):
    """Eqs. 5 and 6 as they stand."""
    matrix = dense_matrix(laplacian)
    inverse = newton_schulz(matrix, num_iters, scale, detach_init)
    return (inverse @ attention.flatten(1)[..., None]).view_as(attention)


@pytest.mark.parametrize(
    'size', [(1, 4, 5), (2, 3, 4), (2, 1, 5), (2, 5, 1), (2, 1, 1), (3, 2, 2)]
)
@pytest.mark.parametrize('num_iters', [1, 2, 4, 6])
@pytest.mark.parametrize('detach_init', [False, True])
def test_series_and_its_gradient_equal_newton_schulz(
    size, num_iters, detach_init
):
    inputs = semantic, attention, lambda_ = random_maps(*size)
    weight = torch.randn_like(attention)
    results = []
    for function in (diffuse, dense_diffusion):
        laplacian = semantic_laplacian(semantic, lambda_)
        out = function(attention, laplacian, num_iters, 0.02, detach_init)
        grads = torch.autograd.grad((out * weight).sum(), inputs)
        results.append((out, *grads))
    assert_close(results[0], results[1])


@pytest.mark.parametrize(
    'size', [(2, 3, 4), (2, 1, 5), (2, 5, 1), (2, 1, 1), (3, 2, 2)]
)
@pytest.mark.parametrize('num_iters', [0, 1, 4])
@pytest.mark.parametrize('lambda_', [0.9, 1e3])
def test_matrices_of_a_gpu_give_what_the_stencil_gives(
    size, num_iters, lambda_, monkeypatch
):
    semantic, attention, _ = random_maps(*size)
    inputs = attention, semantic_laplacian(semantic, lambda_)
    weight = torch.randn_like(attention)
    results = []
    for dense in (False, True):
        monkeypatch.setattr(diffusion, '_prefers_dense', lambda _, d=dense: d)
        out = diffuse(*inputs, num_iters, 0.02)
        grads = torch.autograd.grad(
            (out * weight).sum(), (attention, semantic), retain_graph=True
        )
        results.append((out, *grads))
    assert_close(results[1], results[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ('shape', 'device', 'precision', 'wanted'),
    [
        ((2, 20, 20), 'cuda', 'ieee', True),
        ((2, 20, 20), 'cpu', 'ieee', False),
        ((2, 20, 20), 'cuda', 'tf32', False),
        ((2, 3, MAX_DENSE_PATCHES), 'cuda', 'ieee', False),
    ],
)
def test_small_maps_on_a_gpu_take_matrices_unless_in_tf32(
    shape, device, precision, wanted, monkeypatch
):
    matmul = SimpleNamespace(fp32_precision=precision)
    monkeypatch.setattr(torch.backends.cuda, 'matmul', matmul)
    with FakeTensorMode():
        maps = torch.empty(shape, device=device)
    assert diffusion._prefers_dense(maps) is wanted


@pytest.mark.parametrize('lambda_', [-1e3, 5.0, 1e3, 1e9])
def test_series_equals_newton_schulz_at_any_lambda(lambda_):
    semantic, attention, _ = random_maps()
    results = []
    for function in (diffuse, dense_diffusion):
        laplacian = semantic_laplacian(semantic, lambda_)
        out = function(attention, laplacian, 4, 0.002) * abs(lambda_)
        results.append((out, *torch.autograd.grad(out.sum(), semantic)))
    assert_close(results[0], results[1], rtol=1e-6, atol=1e-9)


def test_two_patches_by_hand():
    # L = [[0, 1], [1, 0]], alpha 0.5: X_0 = L / 2, X_1 = 2 X_0 - X_0 L X_0
    # = L - L / 4 = 0.75 L, which swaps the two values.
    laplacian = torch.tensor([[0.0, 0], [1, 0], [0, 0]]).view(3, 1, 1, 2)
    attention = torch.tensor([[[1.0, 3.0]]])
    out = diffuse(attention, laplacian, num_iters=1, init_scale=0.5)
    assert_close(out, torch.tensor([[[2.25, 0.75]]]))


def test_one_patch_reaches_its_neighbours_and_not_the_next_row_or_image():
    laplacian = torch.zeros(3, 2, 2, 2)
    laplacian[0] = 1
    laplacian[1, ..., 0] = 2
    laplacian[2, :, 0] = 3
    attention = torch.zeros(2, 2, 2)
    attention[0, :, 1] = 1  # the ends of both rows of the first image
    found = diffuse(attention, laplacian, num_iters=0, init_scale=0.01)
    assert_close(found[0], torch.tensor([[0.02, 0.04], [0.02, 0.04]]))
    assert found[1].count_nonzero() == 0


def test_images_of_a_batch_do_not_mix():
    semantic, attention, _ = random_maps(3)
    laplacian = semantic_laplacian(semantic, 1e3)  # alpha differs by image
    together = diffuse(attention, laplacian, 3)
    for i in range(3):
        alone = diffuse(attention[i : i + 1], laplacian[:, i : i + 1], 3)
        assert_close(alone, together[i : i + 1])
    (grad,) = torch.autograd.grad(together[0].sum(), attention)
    assert grad[0].any()
    assert not grad[1:].any()


@pytest.mark.parametrize('num_iters', [0, 1, 3])
def test_gradient_through_the_first_matrix_passes_gradcheck(num_iters):
    def diffused(semantic, attention, lambda_):
        laplacian = semantic_laplacian(semantic, lambda_)
        return diffuse(attention, laplacian, num_iters, 0.02, False)

    assert torch.autograd.gradcheck(diffused, random_maps(2, 3, 2))


def test_many_iterations_go_through_dense_matrices():
    semantic, attention, lambda_ = random_maps()
    laplacian = semantic_laplacian(semantic, lambda_)
    found = diffuse(attention, laplacian, 9, 0.02)
    assert_close(found, dense_diffusion(attention, laplacian, 9, 0.02))


@pytest.mark.parametrize('scale', [1.0, 100.0])
def test_many_iterations_approach_the_inverse(scale):
    matrix = scale * torch.tensor([[[2.0, 1], [1, 3]]], dtype=torch.float64)
    inverse = newton_schulz(matrix, num_iters=20, init_scale=0.05)
    assert_close(inverse @ matrix, torch.eye(2, dtype=torch.float64)[None])


def test_alpha_is_lowered_where_the_iteration_would_diverge():
    # alpha norm^2 <= 2 up to norm = sqrt(1000) = 31.6
    norms = torch.tensor([[0.0], [8.0], [31.0], [100.0]])
    found = convergent_scale(norms, 0.002).flatten()
    assert_close(found, torch.tensor([0.002, 0.002, 0.002, 2e-4]))


@pytest.mark.parametrize('lambda_', [1.0, 20.0, 1e3])
@pytest.mark.parametrize('num_iters', [1, 4, 8])
def test_diffused_activation_stays_within_the_documented_bound(
    lambda_, num_iters
):
    semantic, attention, _ = random_maps(dtype=torch.float32)
    laplacian = semantic_laplacian(semantic, lambda_)
    diffused = diffuse(attention, laplacian, num_iters)
    bound = 2**num_iters * (2 * 0.002) ** 0.5
    norms = diffused.flatten(1).norm(dim=1) / attention.flatten(1).norm(dim=1)
    assert norms.max() <= bound
