"""The Laplacian of Eq. 4 and the similarity of Eq. 3 in it."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.laplacian import dense_matrix, semantic_laplacian

OPPOSITE = 1 - 2 * ((torch.arange(6)[:, None] + torch.arange(6)) % 2)


def dissimilarity(semantic):
    """1 - E of the patches right and down, which is L at lambda = 1."""
    _, right, down = semantic_laplacian(semantic, 1.0)
    return right[..., :-1], down[:, :-1]


def random_semantic(*shape, dtype=torch.float64):
    torch.manual_seed(0)
    return torch.randn(shape, dtype=dtype).requires_grad_()


def test_laplacian_of_a_pair_by_hand():
    semantic = torch.tensor([[[[3.0, 4.0]], [[4.0, 3.0]]]])
    dense = dense_matrix(semantic_laplacian(semantic, 0.5))
    assert_close(dense, torch.tensor([[[-0.5, 0.52], [0.52, -0.5]]]))
    right, down = dissimilarity(semantic)
    assert right.item() == pytest.approx(1 / 25)
    assert down.numel() == 0


def test_laplacian_at_lambda_zero_is_the_negative_grid_laplacian():
    dense = dense_matrix(semantic_laplacian(torch.randn(1, 4, 2, 2), 0.0))
    wanted = -torch.tensor(
        [[2.0, -1, -1, 0], [-1, 2, 0, -1], [-1, 0, 2, -1], [0, -1, -1, 2]]
    )
    assert_close(dense[0], wanted)


@pytest.mark.parametrize('size', [(3, 4), (1, 5), (5, 1), (1, 1)])
def test_laplacian_equals_a_transcription_of_the_equation(size):
    semantic = random_semantic(2, 3, *size).detach()
    cells = torch.cartesian_prod(*map(torch.arange, size))
    adjacent = (cells[:, None] - cells).abs().sum(-1) == 1
    grid = adjacent.sum(1).diag() - adjacent.double()
    unit = semantic.flatten(2) / semantic.flatten(2).norm(dim=1)[:, None]
    wanted = grid * (0.7 * unit.mT @ unit - 1)
    assert_close(dense_matrix(semantic_laplacian(semantic, 0.7)), wanted)


@pytest.mark.parametrize('size', [(3, 3), (1, 3), (3, 1)])
def test_laplacian_passes_gradcheck(size):
    semantic = random_semantic(2, 3, *size)
    lambda_ = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)

    def dense(semantic, lambda_):
        return dense_matrix(semantic_laplacian(semantic, lambda_))

    assert torch.autograd.gradcheck(dense, (semantic, lambda_))


@pytest.mark.parametrize('size', [(3, 4), (1, 3), (3, 1), (1, 1)])
def test_layout_changes_no_value(size):
    semantic = random_semantic(2, 5, *size).detach()
    channels_last = semantic.contiguous(memory_format=torch.channels_last)
    strided = semantic.repeat_interleave(2, dim=3)[..., ::2]
    results = []
    for values in (semantic, channels_last, strided):
        leaf = values.detach().requires_grad_()
        planes = semantic_laplacian(leaf, 0.9)
        (grad,) = torch.autograd.grad(planes.square().sum(), leaf)
        results.append((planes, grad))
    assert_close(results[1], results[0])
    assert_close(results[2], results[0])


@pytest.mark.parametrize('tokens', [[0.0, 1.0], [0.0, 0.0]])
def test_zero_token_has_similarity_zero_and_no_gradient(tokens):
    semantic = torch.tensor(tokens).expand(1, 3, 1, 2).clone()
    right, _ = dissimilarity(semantic.requires_grad_())
    right.sum().backward()
    assert right.item() == pytest.approx(1)
    assert semantic.grad.abs().max() < 1e-6


def test_dissimilarity_of_nearly_equal_tokens_keeps_its_digits():
    # unit vectors at an angle of 1e-4: 1 - cos = 5e-9, below float32 eps
    semantic = torch.tensor([[[[1.0, 1.0]], [[0.0, 1e-4]]]])
    right, _ = dissimilarity(semantic)
    assert right.item() == pytest.approx(5e-9, rel=1e-3)


def test_tokens_that_differ_by_rounding_are_equal():
    semantic = torch.tensor([[[[1.0, 1 + 2e-7]], [[2.0, 2.0]]]])
    right, _ = dissimilarity(semantic.requires_grad_())
    right.sum().backward()
    assert right.item() == 0
    assert not semantic.grad.any()


def test_similarity_of_a_tiny_and_a_huge_token_by_hand():
    semantic = torch.tensor([[[[3e-30, 4e30]], [[4e-30, 3e30]]]])
    right, _ = dissimilarity(semantic)
    assert right.item() == pytest.approx(1 / 25)


@pytest.mark.parametrize('scale', [1e-28, 1e-20, 1e4, 1e20, 1e30])
def test_similarity_does_not_depend_on_the_size_of_tokens(scale):
    semantic = random_semantic(2, 3, 4, 5, dtype=torch.float32).detach()
    results = []
    for factor in (1.0, scale):
        leaf = (semantic * factor).requires_grad_()
        right, down = dissimilarity(leaf)
        (right.square().sum() + down.square().sum()).backward()
        results.append((right, down, leaf.grad * factor))
    assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('lambda_', [-2.9, 0.0, 1.0, 3.9, 1e3])
@pytest.mark.parametrize('semantic', [OPPOSITE.float(), torch.ones(6, 6)])
def test_row_sums_stay_within_the_documented_bound(lambda_, semantic):
    # opposite tokens side by side are the worst case: E = -1
    dense = dense_matrix(semantic_laplacian(semantic[None, None], lambda_))
    norm = dense.abs().sum(-1).amax()
    assert norm <= 8 * max(1, lambda_, 1 - lambda_) * (1 + 1e-6)
