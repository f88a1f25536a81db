"""Training, resuming and testing through ``build_runner``."""

import pytest
import torch
from mmengine.config import Config
from tiny_runner import SAMPLES, tiny_config

from mmscm.apis import build_runner, set_testing, set_training


def config(work_dir, epochs=1):
    cfg = tiny_config(str(work_dir), max_epochs=epochs)
    cfg.default_hooks.require_weights = dict(type='mmscm.RequireWeightsHook')
    return cfg


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """The work dir of an epoch that began with ``auto`` and found nothing."""
    work_dir = tmp_path_factory.mktemp('trained')
    cfg = config(work_dir)
    set_training(cfg, resume='auto')
    build_runner(cfg).train()
    return work_dir


def test_auto_without_a_checkpoint_keeps_the_starting_weights(
    trained, tmp_path
):
    cfg = config(tmp_path)
    cfg.load_from = str(trained / 'epoch_1.pth')
    set_training(cfg, resume='auto')
    runner = build_runner(cfg)
    runner.load_or_resume()
    weight = torch.load(cfg.load_from)['state_dict']['linear.weight']
    assert torch.equal(runner.model.linear.weight, weight)


def test_testing_scores_every_sample(trained, tmp_path):
    cfg = config(tmp_path)
    set_testing(cfg, str(trained / 'epoch_1.pth'))
    assert build_runner(cfg).test()['wsol/samples'] == SAMPLES


def test_testing_refuses_a_checkpoint_of_another_model(trained, tmp_path):
    cfg = config(tmp_path)
    cfg.model.classes = 3
    set_testing(cfg, str(trained / 'epoch_1.pth'))
    built = build_runner(cfg)
    with pytest.raises(ValueError, match='every weight of the config'):
        built.test()


def test_missing_checkpoints_are_named(tmp_path):
    cfg = config(tmp_path)
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        set_training(cfg, resume='absent.pth')
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        set_testing(cfg, 'absent.pth')


def test_auto_scale_lr_scales_to_the_batch(tmp_path):
    cfg = config(tmp_path)
    with pytest.raises(ValueError, match='base_batch_size'):
        set_training(cfg, auto_scale_lr=True)
    cfg.auto_scale_lr = dict(base_batch_size=16)
    cfg.param_scheduler = None
    set_training(cfg, auto_scale_lr=True)
    built = build_runner(cfg)
    built.train()
    # learning rate 0.1 for 16, batches of 4
    assert built.optim_wrapper.get_lr()['lr'] == [pytest.approx(0.025)]


@pytest.mark.parametrize('own', [{}, dict(interval=9)])
def test_show_dir_switches_the_pictures_on(own, trained, tmp_path):
    cfg = Config(dict(default_hooks=dict(visualization=own)))
    set_testing(cfg, str(trained / 'epoch_1.pth'), show_dir=tmp_path)
    assert cfg.default_hooks.visualization == dict(
        type='VisualizationHook',
        enable=True,
        interval=own.get('interval', 1),
        out_dir=str(tmp_path),
    )


def test_fewer_images_than_a_batch_are_refused(tmp_path):
    cfg = config(tmp_path)
    cfg.train_dataloader.update(batch_size=99, drop_last=True)
    message = rf'batch of 99 images .* has {SAMPLES} .*`drop_last=False`'
    with pytest.raises(ValueError, match=message):
        build_runner(cfg).train()
    cfg.train_dataloader.drop_last = False
    built = build_runner(cfg, tmp_path / 'all')
    built.train()
    assert built.iter == 1
