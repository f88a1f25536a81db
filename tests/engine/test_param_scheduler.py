"""A training resumed at another length goes on with the config's schedule."""

import math

import pytest
from mmengine.runner import Runner
from tiny_runner import tiny_config

LR = 0.1


def cosine(epochs):
    rate = dict(type='CosineAnnealingLR', T_max=epochs, by_epoch=True)
    return [
        dict(type='LinearLR', start_factor=0.5, by_epoch=False, end=2),
        dict(rate, convert_to_iter_based=True),
        dict(type='CosineAnnealingMomentum', T_max=epochs, eta_min=0.5),
    ]


def last_lrs(work_dir, epochs, schedule, resume=None, lr=LR, batch=4):
    """Of the last epoch's three iterations, and the momentum after them."""
    cfg = tiny_config(str(work_dir), max_epochs=epochs)
    cfg.param_scheduler = schedule
    cfg.default_hooks.param_scheduler = dict(type='mmscm.ParamSchedulerHook')
    cfg.optim_wrapper.optimizer.lr = lr
    cfg.train_dataloader.batch_size = batch
    cfg.load_from, cfg.resume = resume, resume is not None
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=1)
    runner = Runner.from_cfg(cfg)
    runner.train()
    history, _ = runner.message_hub.get_scalar('train/lr').data
    beta, _ = runner.optim_wrapper.param_groups[0]['betas']
    return [*history[-3:], beta]


def test_a_longer_cosine_goes_on_as_if_it_had_been_that_long(tmp_path):
    whole = last_lrs(tmp_path / 'whole', 4, cosine(4))
    last_lrs(tmp_path / 'short', 2, cosine(2))
    path = str(tmp_path / 'short' / 'epoch_2.pth')
    resumed = last_lrs(tmp_path / 'more', 4, cosine(4), path)
    assert resumed == pytest.approx(whole, rel=1e-6)
    last = LR / 2 * (1 + math.cos(math.pi * 11 / 12))
    assert whole[2] == pytest.approx(last, rel=1e-3)
    smaller = last_lrs(tmp_path / 'batch', 4, cosine(4), path, batch=2)
    last = LR / 2 * (1 + math.cos(math.pi * 23 / 24))
    assert smaller[2] == pytest.approx(last, rel=1e-3)


def test_a_schedule_that_the_checkpoint_lacks_is_the_configs(tmp_path):
    whole = last_lrs(tmp_path / 'whole', 4, cosine(4))
    last_lrs(tmp_path / 'short', 2, None)
    path = str(tmp_path / 'short' / 'epoch_2.pth')
    resumed = last_lrs(tmp_path / 'more', 4, cosine(4), path)
    assert resumed == pytest.approx(whole, rel=1e-6)


def test_a_plateau_is_remembered(tmp_path):
    plateau = dict(type='ReduceOnPlateauLR', monitor='wsol/samples')
    plateau['patience'] = 0
    last_lrs(tmp_path / 'run', 2, plateau)  # one epoch without progress
    path = str(tmp_path / 'run' / 'epoch_2.pth')
    resumed = last_lrs(tmp_path / 'more', 4, plateau, path)
    assert resumed == pytest.approx([LR / 10] * 3 + [0.9])


def test_the_same_schedule_is_resumed_to_the_bit_at_its_learning_rate(
    tmp_path, capfd
):
    whole = last_lrs(tmp_path / 'run', 2, cosine(2))
    path = str(tmp_path / 'run' / 'epoch_1.pth')
    again = last_lrs(tmp_path / 'again', 2, cosine(2), path, lr=0.3)
    assert again == whole
    said = ''.join(capfd.readouterr())
    assert 'learning rate 0.1 of the checkpoint; the config has 0.3' in said


@pytest.mark.parametrize(
    ('schedule', 'named'),
    [
        ([dict(type='MultiStepLR', milestones=[1], gamma=0.5)], 'gamma'),
        ([dict(type='CosineAnnealingLR', T_max=3)], 'T_max'),
        (cosine(3), 'numbers of schedulers'),
    ],
)
def test_another_schedule_is_refused_with_both(tmp_path, schedule, named):
    step = [dict(type='MultiStepLR', milestones=[1])]
    last_lrs(tmp_path / 'run', 1, step)
    path = str(tmp_path / 'run' / 'epoch_1.pth')
    with pytest.raises(ValueError, match=named) as caught:
        last_lrs(tmp_path / 'more', 3, schedule, path)
    assert "'gamma': 0.1" in str(caught.value)
    assert 'the config [{' in str(caught.value)
