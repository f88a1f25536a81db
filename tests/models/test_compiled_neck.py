"""A block can be compiled: one graph, and the values of the plain one."""

import pytest
import torch
from mmengine.utils import digit_version
from torch.testing import assert_close

from mmscm.models import ActivationDiffusionBlock


@pytest.mark.slow
@pytest.mark.skipif(
    digit_version(torch.__version__) < digit_version('2.4'),
    reason='torch 2.1 cannot trace zip(strict=True)',
)
def test_block_traces_as_one_graph_in_the_layout_of_the_backbone():
    torch.manual_seed(0)
    block = ActivationDiffusionBlock(num_iters=1)
    semantic = torch.randn(2, 3, 4, 5)
    semantic = semantic.contiguous(memory_format=torch.channels_last)
    inputs = semantic.requires_grad_(), torch.rand(2, 4, 5).requires_grad_()
    # the first half of a compilation; the second needs a compiler
    compiled = torch.compile(block, backend='aot_eager', fullgraph=True)
    results = []
    for run in (block, compiled):
        out = run(*inputs)
        total = out[0].square().sum() + out[1].sum()
        results.append((*out, *torch.autograd.grad(total, inputs)))
    assert_close(results[1], results[0], rtol=1e-5, atol=1e-5)
