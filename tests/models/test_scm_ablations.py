"""What is left of a block when one of its parts is switched off."""

import pytest
import torch
from torch.testing import assert_close

from mmscm.functional.diffusion import diffuse
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.functional.maps import min_max_normalize
from mmscm.models import SCM, ActivationDiffusionBlock


def maps():
    torch.manual_seed(0)
    return torch.randn(2, 4, 6, 5), torch.rand(2, 6, 5)


def test_without_residual_only_the_update_is_left():
    semantic, attention = maps()
    with_it, attended = ActivationDiffusionBlock()(semantic, attention)
    block = ActivationDiffusionBlock(with_residual=False)
    alone, update = block(semantic, attention)
    assert_close(attended - attention, update)
    assert_close(with_it - semantic, alone)


def test_without_filter_the_update_is_the_diffused_map_scaled():
    semantic, attention = maps()
    block = ActivationDiffusionBlock(with_filter=False, with_residual=False)
    _, update = block(semantic, attention)
    laplacian = semantic_laplacian(semantic, torch.tensor(1.0))
    assert_close(update, min_max_normalize(diffuse(attention, laplacian, 4)))


def test_lambda_fixed_at_zero_ignores_the_semantics():
    semantic, attention = maps()
    block = ActivationDiffusionBlock(init_lambda=0.0, learn_lambda=False)
    _, out = block(semantic, attention)
    _, other = block(torch.randn_like(semantic), attention)
    assert_close(out, other)
    _, learned = ActivationDiffusionBlock()(semantic, attention)
    assert (out - learned).abs().max() > 1e-2


def test_scalars_that_an_ablation_does_not_use_are_frozen_not_missing():
    neck = SCM(num_blocks=1, with_filter=False, learn_lambda=False)
    trained = {n: p.requires_grad for n, p in neck.named_parameters()}
    assert trained == {'blocks.0.lambda_': False, 'blocks.0.beta': False}


def test_settings_reach_every_block():
    neck = SCM(
        num_blocks=8,
        num_iters=2,
        init_lambda=0.0,
        learn_lambda=False,
        with_filter=False,
        with_residual=False,
    )
    for block in neck.blocks:
        assert (block.num_iters, block.lambda_.item()) == (2, 0)
        assert not block.with_filter
        assert not block.with_residual


def test_steps_begin_with_the_input_and_end_with_the_output():
    semantic, attention = maps()
    neck = SCM(num_blocks=3)
    steps = neck.steps(semantic, attention)
    assert len(steps) == 4
    assert_close(steps[0], (semantic, attention))
    assert_close(steps[3], neck(semantic, attention))
    assert_close(neck.blocks[1](*steps[1]), steps[2])


@pytest.mark.parametrize(
    'settings',
    [
        dict(with_residual=False),
        dict(with_filter=False),
        dict(init_lambda=0.0, learn_lambda=False),
        dict(with_residual=False, with_filter=False),
    ],
)
@pytest.mark.parametrize('constant', [True, False])
def test_ablations_give_finite_values_and_gradients(settings, constant):
    semantic, attention = maps()
    if constant:
        semantic = torch.ones_like(semantic)
        attention = torch.full_like(attention, 0.3)
    semantic.requires_grad_()
    attention.requires_grad_()
    neck = SCM(**settings)
    out, attended = neck(semantic, attention)
    (out.sum() + attended.sum()).backward()
    for tensor in (out, attended, semantic.grad, attention.grad):
        assert tensor.isfinite().all()
    trained = [p for p in neck.parameters() if p.requires_grad]
    assert all(p.grad.isfinite().all() for p in trained)


@pytest.mark.parametrize('num_iters', [2, 8, 12, 16])
def test_any_number_of_iterations_gives_finite_gradients(num_iters):
    semantic, attention = maps()
    semantic.requires_grad_()
    out, _ = SCM(num_blocks=8, num_iters=num_iters)(semantic, attention)
    out.sum().backward()
    assert out.isfinite().all()
    assert semantic.grad.isfinite().all()
