"""What a block costs: launches, memory, what torch.compile changes."""

import shutil

import pytest
import torch
from benchmark import LaunchCounter, saved_megabytes
from torch._subclasses import FakeTensorMode
from torch.testing import assert_close
from waits import Waits

from mmscm.functional import diffusion
from mmscm.models import SCM, ActivationDiffusionBlock


def random_maps(side, channels):
    semantic = torch.randn(2, channels, side, side, requires_grad=True)
    return semantic, torch.rand(2, side, side, requires_grad=True)


@pytest.mark.parametrize('detach_init', [False, True])
def test_float32_maps_need_no_float64_and_no_waiting(detach_init):
    neck, maps = SCM(2, (4, 9), detach_init=detach_init), random_maps(5, 8)
    with Waits() as seen:
        semantic, attention = neck(*maps)
        (semantic.square().mean() + attention.mean()).backward()
    assert seen.dtypes <= {torch.float32, torch.int64, torch.bool}
    assert not seen.waits


@pytest.mark.parametrize(('dense', 'limit'), [(True, 120), (False, 196)])
def test_launches_of_a_block_forward_and_backward(dense, limit, monkeypatch):
    monkeypatch.setattr(diffusion, '_prefers_dense', lambda _: dense)
    block, maps = ActivationDiffusionBlock(), random_maps(14, 8)
    inputs = *maps, block.lambda_, block.beta
    upstream = [torch.ones_like(plane) for plane in maps]
    with LaunchCounter() as counter:
        torch.autograd.grad(block(*maps), inputs, upstream)
    assert counter.count <= limit


def test_memory_for_backward_grows_as_the_number_of_patches():
    block = ActivationDiffusionBlock()
    small, large = (
        saved_megabytes(lambda maps=maps: block(*maps))
        for maps in (random_maps(16, 64), random_maps(32, 64))
    )
    assert large / small == pytest.approx(4, rel=0.05)
    # the semantic map itself, and about 50 numbers for each patch
    assert small < 4 * 2 * (64 + 60) * 256 / 1e6


def test_fake_tensors_leave_nothing_behind():
    block = ActivationDiffusionBlock()
    with FakeTensorMode(allow_non_fake_inputs=True):
        block(*random_maps(3, 2))
    assert block(*random_maps(3, 2))[0].isfinite().all()


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
