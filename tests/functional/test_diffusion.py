import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.diffusion import diffuse, newton_schulz
from mmscm.functional.grid import (
    GridLaplacian,
    edge_dissimilarity,
    semantic_laplacian,
)


def random_maps(batch=2, channels=3, height=4, width=5):
    torch.manual_seed(0)
    semantic = torch.randn(
        batch, channels, height, width, dtype=torch.float64
    ).requires_grad_()
    attention = torch.rand(
        batch, height, width, dtype=torch.float64
    ).requires_grad_()
    lambda_ = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    return semantic, attention, lambda_


def test_similarity_of_two_patches_by_hand():
    semantic = torch.tensor([[[[3.0, 4.0]], [[4.0, 3.0]]]])
    right, down = edge_dissimilarity(semantic)
    assert right.item() == pytest.approx(1 / 25)
    assert down.numel() == 0


def test_laplacian_of_a_pair_by_hand():
    semantic = torch.tensor([[[[3.0, 4.0]], [[4.0, 3.0]]]])
    dense = semantic_laplacian(semantic, 0.5).dense()
    wanted = torch.tensor([[[-0.5, 0.52], [0.52, -0.5]]])
    assert_close(dense, wanted)


def test_laplacian_at_lambda_zero_is_the_negative_grid_laplacian():
    dense = semantic_laplacian(torch.randn(1, 4, 2, 2), 0.0).dense()
    wanted = -torch.tensor(
        [[2.0, -1, -1, 0], [-1, 2, 0, -1], [-1, 0, 2, -1], [0, -1, -1, 2]]
    )
    assert_close(dense[0], wanted)


def test_zero_token_has_similarity_zero_and_no_gradient():
    semantic = torch.zeros(1, 3, 1, 2)
    semantic[0, :, 0, 1] = 1
    semantic.requires_grad_()
    right, _ = edge_dissimilarity(semantic)
    right.sum().backward()
    assert right.item() == pytest.approx(1)
    assert semantic.grad.abs().max() < 1e-6


def test_dissimilarity_of_nearly_equal_tokens_keeps_its_digits():
    # unit vectors at an angle of 1e-4: 1 - cos = 5e-9, below float32 eps
    semantic = torch.tensor([[[[1.0, 1.0]], [[0.0, 1e-4]]]])
    right, _ = edge_dissimilarity(semantic)
    assert right.item() == pytest.approx(5e-9, rel=1e-3)


def test_similarity_passes_gradcheck():
    semantic, _, _ = random_maps(height=3, width=3)
    assert torch.autograd.gradcheck(edge_dissimilarity, semantic)


@pytest.mark.parametrize('num_iters', [0, 1, 3])
def test_diffusion_passes_gradcheck(num_iters):
    semantic, attention, lambda_ = random_maps(height=3, width=2)

    def diffused(semantic, attention, lambda_):
        laplacian = semantic_laplacian(semantic, lambda_)
        return diffuse(attention, laplacian, num_iters, 0.02, False)

    assert torch.autograd.gradcheck(diffused, (semantic, attention, lambda_))


@pytest.mark.parametrize('detach_init', [True, False])
@pytest.mark.parametrize('num_iters', [1, 2, 4, 6])
def test_stencil_equals_newton_schulz(num_iters, detach_init):
    inputs = random_maps()
    semantic, attention, lambda_ = inputs
    weight = torch.randn_like(attention)
    results = []
    for method in ('stencil', 'newton_schulz'):
        out = diffuse(
            attention,
            semantic_laplacian(semantic, lambda_),
            num_iters,
            0.02,
            detach_init,
            method,
        )
        grads = torch.autograd.grad((out * weight).sum(), inputs)
        results.append((out, *grads))
    assert_close(results[0], results[1])


def test_many_iterations_approach_the_inverse():
    matrix = torch.tensor([[[2.0, 1.0], [1.0, 3.0]]], dtype=torch.float64)
    inverse = newton_schulz(matrix, num_iters=20, init_scale=0.05)
    assert_close(inverse @ matrix, torch.eye(2, dtype=torch.float64)[None])


def test_two_patches_by_hand():
    # L = [[0, 1], [1, 0]], alpha 0.5: X_0 = L / 2, X_1 = 2 X_0 - X_0 L X_0
    # = L - L / 4 = 0.75 L, which swaps the two values.
    planes = torch.tensor([[0.0, 0], [1, 0], [0, 0]])
    laplacian = GridLaplacian(planes.view(3, 1, 1, 2))
    attention = torch.tensor([[[1.0, 3.0]]])
    out = diffuse(attention, laplacian, num_iters=1, init_scale=0.5)
    assert_close(out, torch.tensor([[[2.25, 0.75]]]))


def test_diffusion_is_linear_in_the_activation():
    semantic, attention, lambda_ = random_maps()
    laplacian = semantic_laplacian(semantic, lambda_)
    assert_close(
        diffuse(3 * attention, laplacian, 4),
        3 * diffuse(attention, laplacian, 4),
    )


def test_images_of_a_batch_do_not_mix():
    semantic, attention, lambda_ = random_maps()
    laplacian = semantic_laplacian(semantic, lambda_)
    (grad,) = torch.autograd.grad(
        diffuse(attention, laplacian, 4)[0].sum(), attention
    )
    assert grad[0].any()
    assert not grad[1].any()


def test_unknown_method_is_refused():
    semantic, attention, lambda_ = random_maps()
    laplacian = semantic_laplacian(semantic, lambda_)
    with pytest.raises(ValueError, match="but got 'exact'"):
        diffuse(attention, laplacian, 4, method='exact')
