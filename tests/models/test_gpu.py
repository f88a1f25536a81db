"""What only a GPU can show; `make gpu-check` runs these."""

import copy

import pytest
import torch
from small_models import VIT, build, samples
from torch.testing import assert_close

from mmscm.models import SCM

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason='no GPU'),
]


def test_neck_on_a_gpu_equals_that_on_the_cpu():
    torch.manual_seed(0)
    maps = torch.randn(2, 8, 14, 14), torch.rand(2, 14, 14)
    neck = SCM()
    results = []
    for device in ('cpu', 'cuda'):
        model = copy.deepcopy(neck).to(device)
        inputs = [plane.to(device).requires_grad_() for plane in maps]
        out, attended = model(*inputs)
        loss = out.square().mean() + attended.mean()
        grads = torch.autograd.grad(loss, [*inputs, *model.parameters()])
        results.append([part.cpu() for part in (out, attended, *grads)])
    assert_close(results[1], results[0], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize('dtype', [torch.float32, torch.float16])
def test_a_training_step_never_waits_for_the_gpu(dtype):
    neck = dict(type='mmscm.SCM')
    head = dict(type='mmscm.SemanticHead', in_channels=24)
    model = build(VIT, head, neck=neck).cuda()
    images = torch.randn(3, 3, 32, 32, device='cuda')
    labels = [sample.to('cuda') for sample in samples(0, 1, 2)]
    for mode in ('default', 'error'):  # first a step to warm up
        torch.cuda.set_sync_debug_mode(mode)
        try:
            with torch.autocast('cuda', dtype, enabled=dtype.itemsize == 2):
                loss = model.loss(images, labels)['loss']
            loss.backward()
        finally:
            torch.cuda.set_sync_debug_mode('default')
    assert loss.isfinite()
