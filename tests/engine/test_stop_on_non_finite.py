"""A training stops before NaN reaches its weights, with the last good ones."""

import re

import fragile_training as bad
import pytest
import torch
from dist_processes import launch
from fragile_training import runner_of, train_on_a_rank
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS
from torch.testing import assert_close
from waits import Waits

from mmscm.engine.checkpoint import read_checkpoint

CLIP = dict(optim_wrapper=dict(clip_grad=dict(max_norm=1.0)))
LAST_GOOD = 'last_good_iter_4.pth'


def error_of(runner):
    with pytest.raises(FloatingPointError) as caught:
        runner.train()
    return str(caught.value)


def same(got, expected):
    assert_close(got, expected, rtol=0, atol=0)


@pytest.mark.parametrize(
    ('what', 'options', 'words'),
    [
        (bad.spoil_image, {}, 'norm of nan, not finite in scale'),
        (bad.spoil_loss, {}, 'norm of (nan|inf)'),
        (
            bad.spoil_gradient,
            {},
            'norm of nan, not finite in linear.weight at',
        ),
        (bad.enlarge_gradient, {}, 'norm of inf at iteration'),
        (bad.enlarge_gradient, CLIP, 'norm of inf at iteration'),
    ],
)
def test_training_stops_with_the_weights_from_before_and_goes_on(
    tmp_path, what, options, words
):
    runner, spoil = runner_of(tmp_path, what, **options)
    message = error_of(runner)
    assert re.search(words, message), message
    assert 'iteration 5, epoch 2' in message
    assert str(tmp_path / LAST_GOOD) in message
    saved = read_checkpoint(tmp_path / LAST_GOOD)
    assert (saved['meta']['iter'], saved['meta']['epoch']) == (4, 1)
    same(saved['state_dict'], spoil.before)
    more = dict(load_from=str(tmp_path / LAST_GOOD), resume=True)
    runner, _ = runner_of(tmp_path / 'more', bool, **more)
    runner.train()
    assert runner.epoch == 3


@pytest.mark.parametrize('options', [{}, CLIP])
def test_a_good_training_waits_once_an_iteration_and_is_the_same(
    tmp_path, options
):
    waits, states = [], []
    for kind in ('mmscm.StopOnNonFiniteHook', 'IterTimerHook'):
        hooks = dict(default_hooks=dict(stop=dict(type=kind)))
        runner, _ = runner_of(tmp_path / kind, bool, **hooks, **options)
        with Waits() as seen:
            states.append(runner.train().state_dict())
        waits.append(len(seen.waits))
    with_hook, without = waits
    assert 0 <= with_hook - without <= runner.max_iters
    same(*states)
    assert not list(tmp_path.glob('*/last_good*'))


def test_no_wait_is_before_the_backward_pass(tmp_path):
    runner, _ = runner_of(tmp_path, bool)
    forward, seen = runner.model.forward, []

    def watched(*args, **kwargs):
        count.waits.clear()
        result = forward(*args, **kwargs)
        if isinstance(result, dict):
            result['loss'].register_hook(
                lambda _: seen.append(len(count.waits))
            )
        return result

    runner.model.forward = watched
    with Waits() as count:
        runner.train()
    assert seen == [0] * runner.max_iters


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
        bad.spoil_loss(model)
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


@pytest.mark.parametrize('fused', [False, True])
def test_loss_scaler_may_skip_a_step(tmp_path, fused):
    def overflow_once(model):
        handles = []

        def overflow(grad):
            handles.pop().remove()
            return grad * float('inf')

        handles.append(model.linear.weight.register_hook(overflow))

    wrapper = dict(type='ScaledOptimWrapper', optimizer=dict(fused=fused))
    runner, _ = runner_of(tmp_path, overflow_once, optim_wrapper=wrapper)
    model = runner.train()
    assert runner.iter == 9
    assert runner.optim_wrapper.loss_scaler.get_scale() == 2**15
    assert all(value.isfinite().all() for value in model.parameters())


def test_loss_scaler_does_not_skip_all_steps(tmp_path):
    scaled = dict(
        train_cfg=dict(max_epochs=20),
        optim_wrapper=dict(type='ScaledOptimWrapper'),
    )
    runner, spoil = runner_of(tmp_path, bad.spoil_gradient, **scaled)
    message = error_of(runner)
    assert 'but got none down to a loss scale' in message
    assert 'at iteration 35,' in message  # 2^16 to 2^-15 takes 31 steps
    (path,) = tmp_path.glob('last_good*')
    saved = read_checkpoint(path)['state_dict']
    for name in ('linear.weight', 'scale'):
        assert torch.equal(saved[name], spoil.before[name])


@pytest.mark.slow
def test_all_ranks_stop_with_the_same_error(tmp_path):
    launch(train_on_a_rank, 2, tmp_path, bad.spoil_loss_of_rank_one)
    errors = [(tmp_path / f'error_{i}.txt').read_text() for i in range(2)]
    assert errors[0] == errors[1]
    saved = read_checkpoint(tmp_path / LAST_GOOD)['state_dict']
    same(saved, torch.load(tmp_path / 'before_0.pth'))
