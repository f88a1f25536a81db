"""Under torch.compile the neck is left as it is."""

import shutil

import pytest
import torch
from torch.testing import assert_close

from mmscm.models import SCM

# the other backend traces alike, and needs no compiler
BACKEND = 'inductor' if shutil.which('g++') else 'aot_eager'


@pytest.mark.slow
def test_compiled_model_has_the_values_of_the_plain_one():
    torch.manual_seed(0)
    neck = SCM(num_blocks=2)
    semantic = torch.randn(2, 3, 5, 6)
    semantic = semantic.contiguous(memory_format=torch.channels_last)
    inputs = semantic.requires_grad_(), torch.rand(2, 5, 6).requires_grad_()

    def model(semantic, attention):
        calibrated, attended = neck(semantic, attention)
        return (2 * calibrated).square().sum() + attended.sum()

    results = []
    for run in (model, torch.compile(model, backend=BACKEND)):
        loss = run(*inputs)
        trained = *inputs, *neck.parameters()
        results.append((loss, *torch.autograd.grad(loss, trained)))
    assert_close(results[1], results[0], rtol=1e-4, atol=1e-5)
