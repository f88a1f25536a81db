"""Training, resuming and testing through ``build_runner``."""

from __future__ import annotations

import pytest
import torch
from mmengine.config import Config
from tiny_runner import SAMPLES, tiny_config

from mmscm.apis import build_runner, set_testing, set_training
from mmscm.apis.runner import check_batches


def config(work_dir, epochs=2):
    cfg = tiny_config(str(work_dir), max_epochs=epochs)
    cfg.default_hooks.require_weights = dict(type='mmscm.RequireWeightsHook')
    return cfg


def trained(work_dir, epochs):
    cfg = config(work_dir, epochs)
    set_training(cfg)
    built = build_runner(cfg)
    built.train()
    return built


def test_training_keeps_the_best_checkpoint(tmp_path):
    trained(tmp_path, epochs=2)
    assert len(list(tmp_path.glob('best_wsol_gt_known_epoch_*.pth'))) == 1


def test_resume_auto_starts_where_there_is_nothing_yet(tmp_path):
    cfg = config(tmp_path, 1)
    set_training(cfg, resume='auto')
    fresh = build_runner(cfg)
    fresh.train()
    assert fresh.epoch == 1


def test_auto_without_a_checkpoint_keeps_the_starting_weights(tmp_path):
    weights = trained(tmp_path / 'before', 1).model.linear.weight
    cfg = config(tmp_path / 'run')
    cfg.load_from = str(tmp_path / 'before' / 'epoch_1.pth')
    set_training(cfg, resume='auto')
    runner = build_runner(cfg)
    runner.load_or_resume()
    assert runner.model.linear.weight.tolist() == weights.tolist()


def test_testing_scores_every_sample(tmp_path):
    trained(tmp_path, epochs=1)
    cfg = config(tmp_path / 'test')
    set_testing(cfg, str(tmp_path / 'epoch_1.pth'))
    metrics = build_runner(cfg).test()
    assert metrics['wsol/samples'] == SAMPLES


def test_testing_refuses_a_checkpoint_of_another_model(tmp_path):
    trained(tmp_path, epochs=1)
    cfg = config(tmp_path / 'test')
    cfg.model.classes = 3
    set_testing(cfg, str(tmp_path / 'epoch_1.pth'))
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
    cfg = config(tmp_path, 1)
    with pytest.raises(ValueError, match='base_batch_size'):
        set_training(cfg, auto_scale_lr=True)
    cfg.auto_scale_lr = dict(base_batch_size=16)
    cfg.param_scheduler = None
    set_training(cfg, auto_scale_lr=True)
    built = build_runner(cfg)
    built.train()
    # learning rate 0.1 for 16, batches of 4
    assert built.optim_wrapper.get_lr()['lr'] == [pytest.approx(0.025)]


def test_persistent_workers_need_workers_and_pinned_memory_a_gpu(tmp_path):
    cfg = config(tmp_path)
    cfg.train_dataloader.update(persistent_workers=True, pin_memory=True)
    cfg.val_dataloader.update(persistent_workers=True, num_workers=1)
    loaders = build_runner(cfg).cfg
    assert loaders.train_dataloader.persistent_workers is False
    assert loaders.train_dataloader.pin_memory == torch.cuda.is_available()
    assert loaders.val_dataloader.persistent_workers is True


def test_show_dir_switches_the_pictures_on(tmp_path):
    checkpoint = tmp_path / 'weights.pth'
    torch.save({}, checkpoint)
    cfg = Config(dict(default_hooks=dict(visualization=dict(interval=9))))
    set_testing(cfg, str(checkpoint), show_dir=tmp_path)
    assert cfg.default_hooks.visualization == dict(
        type='VisualizationHook',
        enable=True,
        interval=1,
        out_dir=str(tmp_path),
    )


def test_fewer_images_than_a_batch_are_refused(tmp_path):
    cfg = config(tmp_path)
    cfg.train_dataloader.update(batch_size=99, drop_last=True)
    message = rf'batch of 99 images .* has {SAMPLES} .*`drop_last=False`'
    with pytest.raises(ValueError, match=message):
        check_batches(build_runner(cfg))
    cfg.train_dataloader.drop_last = False
    check_batches(build_runner(cfg))


def test_a_batch_of_no_images_is_refused(tmp_path):
    cfg = config(tmp_path)
    cfg.val_dataloader.batch_size = 0
    with pytest.raises(ValueError, match=r'`val_dataloader.batch_size`.*0'):
        build_runner(cfg)
