"""What a block costs: launches on a GPU, memory kept for backward."""

import sys
from pathlib import Path

import pytest
import torch

from mmscm.functional import diffusion
from mmscm.models import ActivationDiffusionBlock

sys.path.append(str(Path(__file__).parents[2] / 'tools'))
from benchmark import launches, saved_megabytes


def random_maps(side, channels):
    semantic = torch.randn(2, channels, side, side, requires_grad=True)
    return semantic, torch.rand(2, side, side, requires_grad=True)


@pytest.mark.parametrize(
    ('kind', 'limit'), [('_DenseMatrix', 120), ('_StencilMatrix', 275)]
)
def test_launches_of_a_block_forward_and_backward(monkeypatch, kind, limit):
    # the dense form is what a GPU gets at this size
    monkeypatch.setattr(diffusion, '_StencilMatrix', getattr(diffusion, kind))
    block, maps = ActivationDiffusionBlock(), random_maps(14, 8)
    inputs = *maps, block.lambda_, block.beta
    upstream = [torch.ones_like(plane) for plane in maps]
    count = launches(
        lambda: torch.autograd.grad(block(*maps), inputs, upstream)
    )
    assert count <= limit


def test_memory_for_backward_grows_as_the_number_of_patches():
    block = ActivationDiffusionBlock()
    small, large = (
        saved_megabytes(lambda maps=maps: block(*maps))
        for maps in (random_maps(16, 64), random_maps(32, 64))
    )
    assert large / small == pytest.approx(4, rel=0.05)
