"""The block and the neck against the released code and the equations."""

import pytest
import torch
from parity import arrays
from torch.testing import assert_close

from mmscm.functional.diffusion import diffuse
from mmscm.functional.laplacian import semantic_laplacian
from mmscm.functional.maps import min_max_normalize
from mmscm.models import SCM, ActivationDiffusionBlock


def maps():
    torch.manual_seed(0)
    return torch.randn(2, 4, 6, 5), torch.rand(2, 6, 5)


@pytest.mark.parametrize(
    'name', ['adb_p4', 'adb_p4_init', 'adb_p4_rect', 'adb_p16']
)
def test_block_matches_the_released_code(name):
    expected = arrays(name)
    block = ActivationDiffusionBlock(
        num_iters=int(expected['num_iters']),
        init_scale=float(expected['alpha']),
        init_lambda=float(expected['lambda_']),
        init_beta=float(expected['beta']),
    ).double()
    with torch.no_grad():  # the float32 parameter cannot hold 0.9
        block.lambda_.copy_(expected['lambda_'])
        block.beta.copy_(expected['beta'])
    semantic = expected['semantic'].requires_grad_()
    attention = expected['attention'].requires_grad_()
    outputs = block(semantic, attention)
    upstream = expected['upstream_semantic'], expected['upstream_attention']
    torch.autograd.backward(outputs, upstream)
    found = dict(zip(('out_semantic', 'out_attention'), outputs, strict=True))
    found |= dict(grad_semantic=semantic.grad, grad_attention=attention.grad)
    found['grad_lambda'] = block.lambda_.grad[None]
    found['grad_beta'] = block.beta.grad[None]
    for key, value in found.items():
        limit = 1e-5 if key.startswith('out') else 1e-4
        error = (value - expected[key]).abs().max()
        assert error <= limit * expected[key].abs().max(), key


def eq_transcription(semantic, attention, lambda_, beta, num_iters, alpha):
    """Eqs. 3 to 7 with the released update, patch by patch."""
    height, width = semantic.shape[1:]
    cells = [(y, x) for y in range(height) for x in range(width)]
    vectors = semantic.flatten(1).T
    laplacian = torch.zeros(len(cells), len(cells), dtype=semantic.dtype)
    for i, (y, x) in enumerate(cells):
        for j, (v, u) in enumerate(cells):
            if abs(y - v) + abs(x - u) == 1:
                norms = vectors[i].norm() * vectors[j].norm()
                similar = vectors[i] @ vectors[j] / norms
                laplacian[i, j] = -(lambda_ * similar - 1)
                laplacian[i, i] += lambda_ - 1
    inverse = alpha * laplacian.T
    for _ in range(num_iters):
        two = 2 * torch.eye(len(cells), dtype=semantic.dtype)
        inverse = inverse @ (two - laplacian @ inverse)
    diffused = inverse @ attention.flatten()
    scaled = diffused / (beta * attention.max())
    shrunk = scaled - scaled.tanh()
    update = (shrunk - shrunk.min()) / (shrunk.max() - shrunk.min())
    update = update.view(height, width)
    return semantic + semantic * update, attention + update


def test_block_equals_a_transcription_of_the_equations():
    torch.manual_seed(0)
    semantic = torch.randn(1, 5, 3, 4, dtype=torch.float64)
    attention = torch.rand(1, 3, 4, dtype=torch.float64)
    block = ActivationDiffusionBlock(3, 0.01, 0.75, 0.5).double()
    found = block(semantic, attention)
    wanted = eq_transcription(semantic[0], attention[0], 0.75, 0.5, 3, 0.01)
    assert_close(found[0][0], wanted[0])
    assert_close(found[1][0], wanted[1])


def one_hot_patch(row, col, grid):
    """Alternating semantics (similarity 0), activation on one patch."""
    semantic = torch.zeros(1, 2, *grid)
    parity = torch.arange(grid[0])[:, None] + torch.arange(grid[1])
    semantic[0, 0], semantic[0, 1] = parity % 2, 1 - parity % 2
    attention = torch.zeros(1, *grid)
    attention[0, row, col] = 1
    return semantic, attention


def test_one_hot_activation_reaches_direct_neighbours_only():
    semantic, attention = one_hot_patch(row=1, col=1, grid=(4, 4))
    _, out = ActivationDiffusionBlock(num_iters=0)(semantic, attention)
    spread = (out - attention)[0].nonzero().tolist()
    assert spread == [[0, 1], [1, 0], [1, 2], [2, 1]]


def test_equal_semantics_stop_the_diffusion():
    semantic = torch.ones(1, 3, 5, 5)
    attention = torch.rand(1, 5, 5)
    out, same = ActivationDiffusionBlock()(semantic, attention)
    assert_close(same, attention)
    assert_close(out, semantic)


def test_block_commutes_with_a_flip():
    semantic, attention = maps()
    block = ActivationDiffusionBlock()
    straight = block(semantic, attention)
    flipped = block(semantic.flip(-1), attention.flip(-1))
    assert_close(flipped[0].flip(-1), straight[0], rtol=1e-4, atol=1e-5)
    assert_close(flipped[1].flip(-1), straight[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('num_blocks', [0, 1, 4])
def test_every_image_is_calibrated_apart(num_blocks):
    torch.manual_seed(0)
    semantic, attention = torch.randn(3, 4, 5, 7), torch.rand(3, 5, 7)
    neck = SCM(num_blocks)
    together, _ = neck(semantic, attention)
    alone, _ = neck(semantic[1:2], attention[1:2])
    assert_close(together[1:2], alone, rtol=1e-4, atol=1e-5)


DEGENERATE = {
    'zero tokens': (torch.zeros(1, 3, 4, 4), torch.rand(1, 4, 4)),
    'zero attention': (torch.ones(1, 3, 4, 4), torch.zeros(1, 4, 4)),
    'even attention': (torch.randn(1, 3, 4, 4), torch.full((1, 4, 4), 0.3)),
    'one patch': (torch.randn(1, 3, 1, 1), torch.rand(1, 1, 1)),
    'one row': (torch.randn(1, 3, 1, 9), torch.rand(1, 1, 9)),
    'even tokens': (1 + 1e-4 * torch.randn(1, 3, 8, 8), torch.rand(1, 8, 8)),
    'large': (1e6 * torch.randn(1, 3, 4, 4), 1e6 * torch.rand(1, 4, 4)),
    'small': (1e-6 * torch.randn(1, 3, 4, 4), 1e-6 * torch.rand(1, 4, 4)),
}


@pytest.mark.parametrize('maps', DEGENERATE.values(), ids=DEGENERATE)
@pytest.mark.parametrize(
    'settings',
    [
        dict(),
        dict(with_residual=False),
        dict(with_filter=False),
        dict(init_lambda=0.0, learn_lambda=False),
        dict(with_residual=False, with_filter=False),
    ],
)
def test_degenerate_maps_give_finite_values_and_gradients(maps, settings):
    semantic, attention = (plane.clone().requires_grad_() for plane in maps)
    neck = SCM(**settings)
    out, attended = neck(semantic, attention)
    (out.sum() + attended.sum()).backward()
    for tensor in (out, attended, semantic.grad, attention.grad):
        assert tensor.isfinite().all()
    trained = [p for p in neck.parameters() if p.requires_grad]
    assert all(p.grad.isfinite().all() for p in trained)


def test_neck_runs_in_float32_under_autocast():
    semantic, attention = (plane.bfloat16() for plane in maps())
    neck = SCM()
    with torch.autocast('cpu', torch.bfloat16):
        low, _ = neck(semantic, attention)
    high, _ = neck(semantic.float(), attention.float())
    assert low.dtype == torch.float32
    assert_close(low, high)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'num_blocks': -1}, '`num_blocks` >= 0, but got -1'),
        ({'num_iters': (4, 4)}, r'4 blocks, but got \(4, 4\)'),
        ({'num_iters': -1}, '`num_iters` >= 0, but got -1'),
        ({'init_scale': 0}, '`init_scale` > 0, but got 0'),
        ({'init_scale': float('nan')}, '`init_scale` > 0, but got nan'),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        SCM(**settings)


def test_lambda_and_beta_are_reported_for_the_log():
    scalars = SCM(num_blocks=1).learned_scalars()
    assert list(scalars) == ['scm/lambda_0', 'scm/beta_0']
    assert not any(value.requires_grad for value in scalars.values())


def test_calibration_does_not_depend_on_the_size_of_the_semantic_map():
    semantic, attention = maps()
    out, attended = SCM()(semantic, attention)
    huge, same = SCM()(semantic * 2.0**90, attention)
    assert torch.equal(huge, out * 2.0**90)
    assert torch.equal(same, attended)


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


def test_steps_begin_with_the_input_and_end_with_the_output():
    semantic, attention = maps()
    neck = SCM(num_blocks=3)
    steps = neck.steps(semantic, attention)
    assert len(steps) == 4
    assert_close(steps[0], (semantic, attention))
    assert_close(steps[3], neck(semantic, attention))
    assert_close(neck.blocks[1](*steps[1]), steps[2])
