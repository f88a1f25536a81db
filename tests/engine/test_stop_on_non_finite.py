"""A training stops before NaN reaches its weights, with the last good ones."""

import re

import pytest
import torch
from dist_processes import launch
from fragile_training import (
    huge_gradient,
    infinite_loss,
    nan_gradient,
    nan_in_the_images,
    runner_of,
    train_on_a_rank,
)
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from torch.utils._python_dispatch import TorchDispatchMode

from mmscm.engine.checkpoint import read_checkpoint


def error_of(runner):
    with pytest.raises(FloatingPointError) as caught:
        runner.train()
    return str(caught.value)


@pytest.mark.parametrize(
    ('what', 'words'),
    [
        (nan_in_the_images, 'norm of nan, not finite in scale'),
        (infinite_loss, 'norm of (nan|inf)'),
        (nan_gradient, 'norm of nan, not finite in linear.weight at'),
        (huge_gradient, 'norm of inf at iteration'),
    ],
)
def test_training_stops_with_the_weights_from_before(tmp_path, what, words):
    runner, spoil = runner_of(tmp_path, what)
    message = error_of(runner)
    assert re.search(words, message), message
    assert 'iteration 5, epoch 2' in message
    path = tmp_path / 'last_good_iter_4.pth'
    assert str(path) in message
    saved = read_checkpoint(path)
    assert (saved['meta']['iter'], saved['meta']['epoch']) == (4, 1)
    for name, value in spoil.before.items():
        assert torch.equal(saved['state_dict'][name], value), name


class CountWaits(TorchDispatchMode):
    """Numbers that Python reads from tensors: each waits for a GPU."""

    waits = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.waits += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize('clip', [None, dict(max_norm=1.0)])
def test_python_waits_for_the_device_once_an_iteration_at_most(tmp_path, clip):
    waits = []
    for kind in ('mmscm.StopOnNonFiniteHook', 'IterTimerHook'):
        hooks = dict(stop=dict(type=kind))
        options = dict(default_hooks=hooks, optim_wrapper=dict(clip_grad=clip))
        runner, _ = runner_of(tmp_path / kind, bool, **options)
        with CountWaits() as count:
            runner.train()
        waits.append(count.waits)
    with_hook, without = waits
    assert 0 <= with_hook - without <= runner.max_iters


def test_training_goes_on_from_the_last_good_weights(tmp_path):
    runner, _ = runner_of(tmp_path, nan_gradient)
    error_of(runner)
    path = str(tmp_path / 'last_good_iter_4.pth')
    more = dict(load_from=path, resume=True)
    runner, _ = runner_of(tmp_path / 'more', bool, **more)
    runner.train()
    assert runner.epoch == 3


def test_no_weight_changes_in_a_good_training(tmp_path):
    states = []
    for kind in ('mmscm.StopOnNonFiniteHook', 'IterTimerHook'):
        hooks = dict(stop=dict(type=kind))
        runner, _ = runner_of(tmp_path / kind, bool, default_hooks=hooks)
        states.append(runner.train().state_dict())
        assert not list(tmp_path.glob('*/last_good*'))
    for name, value in states[0].items():
        assert torch.equal(states[1][name], value), name


def test_clipping_does_not_hide_an_infinite_gradient(tmp_path):
    clip = dict(optim_wrapper=dict(clip_grad=dict(max_norm=1.0)))
    runner, _ = runner_of(tmp_path, huge_gradient, **clip)
    assert 'but got a norm of inf' in error_of(runner)


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    def spoil_a_weight(model):
        model.linear.weight.data[0] = float('inf')

    runner, _ = runner_of(tmp_path, spoil_a_weight)
    assert 'weights are not finite either' in error_of(runner)
    assert not list(tmp_path.glob('last_good*'))


def test_error_comes_through_when_nothing_can_be_saved(tmp_path):
    def no_space(*args, **kwargs):
        raise OSError('no space left')

    def fill_the_disk(model):
        infinite_loss(model)
        runner.save_checkpoint = no_space

    runner, _ = runner_of(tmp_path, fill_the_disk)
    assert 'not be saved (no space left)' in error_of(runner)


@OPTIM_WRAPPERS.register_module()
class ScaledOptimWrapper(AmpOptimWrapper):
    """The host's steps with a loss scaler that runs on the CPU."""

    def __init__(self, optimizer):
        OptimWrapper.__init__(self, optimizer)
        self.loss_scaler = torch.amp.GradScaler('cpu')
        self.cast_dtype = self._scale_update_param = None

    optim_context = OptimWrapper.optim_context


AMP = dict(optim_wrapper=dict(type='ScaledOptimWrapper'))


@pytest.mark.parametrize('fused', [False, True])
def test_loss_scaler_may_skip_a_step(tmp_path, fused):
    def overflow_once(model):
        handles = []

        def overflow(grad):
            handles.pop().remove()
            return grad * float('inf')

        handles.append(model.linear.weight.register_hook(overflow))

    optimizer = dict(optimizer=dict(fused=fused))
    wrapper = {**AMP['optim_wrapper'], **optimizer}
    runner, _ = runner_of(tmp_path, overflow_once, optim_wrapper=wrapper)
    model = runner.train()
    assert runner.iter == 9
    assert runner.optim_wrapper.loss_scaler.get_scale() == 2**15
    assert all(value.isfinite().all() for value in model.parameters())


def test_loss_scaler_does_not_skip_all_steps(tmp_path):
    runner, spoil = runner_of(
        tmp_path, nan_gradient, train_cfg=dict(max_epochs=20), **AMP
    )
    message = error_of(runner)
    assert 'but got none down to a loss scale' in message
    assert 'at iteration 35,' in message  # 2^16 to 2^-15 takes 31 steps
    (path,) = tmp_path.glob('last_good*')
    saved = read_checkpoint(path)['state_dict']
    for name in ('linear.weight', 'scale'):
        assert torch.equal(saved[name], spoil.before[name])


@pytest.mark.slow
@pytest.mark.parametrize('what', ['on_rank_one', 'nan_gradient'])
def test_all_ranks_stop_with_the_same_error(tmp_path, what):
    launch(train_on_a_rank, 2, tmp_path, what)
    errors = [(tmp_path / f'error_{i}.txt').read_text() for i in range(2)]
    assert errors[0] == errors[1]
    (path,) = tmp_path.glob('last_good*')
    saved = read_checkpoint(path)['state_dict']
    before = torch.load(tmp_path / 'before_0.pth', weights_only=True)
    for name, value in before.items():
        assert torch.equal(saved[name], value), name
