"""Tokens as directions and lengths, in any layout."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.grid import edge_dissimilarity
from mmscm.functional.tokens import scale_tokens, unit_tokens


def laid_out(semantic, layout):
    if layout == 'channels last':
        return semantic.contiguous(memory_format=torch.channels_last)
    if layout == 'strided':
        return semantic.repeat_interleave(2, dim=3)[..., ::2]
    return semantic


def test_direction_and_length_by_hand():
    found = unit_tokens(torch.tensor([[[[3.0, 0.0]], [[4.0, 0.0]]]]))
    assert_close(found.unit, torch.tensor([[[0.6, 0.0], [0.8, 0.0]]]))
    assert_close(found.length, torch.tensor([[5.0, 0.0]]))


def test_squared_distances_by_hand():
    # directions (1, 0), (0.6, 0.8), none and (0, 1)
    semantic = torch.tensor([[[[2.0, 3], [0, 0]], [[0.0, 4], [0, 5]]]])
    _, right, down = unit_tokens(semantic).apart[:, 0]
    assert_close(right[:, 0], torch.tensor([2 - 2 * 0.6, 2]))
    assert_close(down[0], torch.tensor([2, 2 - 2 * 0.8]))


@pytest.mark.parametrize('layout', ['channels last', 'strided'])
@pytest.mark.parametrize('size', [(3, 4), (1, 3), (3, 1), (1, 1)])
def test_layout_changes_no_value(layout, size):
    torch.manual_seed(0)
    semantic = torch.randn(2, 5, *size, dtype=torch.float64)
    results = []
    for values in (semantic, laid_out(semantic, layout)):
        leaf = values.detach().requires_grad_()
        edges = edge_dissimilarity(leaf)
        total = sum(edge.square().sum() for edge in edges)
        results.append((*edges, *torch.autograd.grad(total, leaf)))
    assert_close(results[0], results[1])


def test_scaled_tokens_pass_gradcheck():
    torch.manual_seed(0)
    semantic = torch.randn(2, 3, 2, 2, dtype=torch.float64)
    factor = torch.rand(2, 2, 2, dtype=torch.float64)

    def scaled(semantic, factor):
        return scale_tokens(semantic, factor, unit_tokens(semantic))

    inputs = semantic.requires_grad_(), factor.requires_grad_()
    assert torch.autograd.gradcheck(scaled, inputs)
