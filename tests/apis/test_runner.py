"""Training, resuming and testing through ``build_runner``."""

from __future__ import annotations

import pytest
from mmengine.config import Config
from tiny_runner import SAMPLES, tiny_config

from mmscm.apis import build_runner, runner, set_testing, set_training


@pytest.fixture(autouse=True)
def no_tensorboard(monkeypatch):
    """It takes two seconds to import."""
    monkeypatch.setattr(runner, 'find_spec', lambda name: None)


def trained(work_dir, epochs):
    cfg = tiny_config(str(work_dir), max_epochs=epochs)
    set_training(cfg)
    built = build_runner(cfg)
    built.train()
    return built


def test_training_keeps_the_best_checkpoint(tmp_path):
    trained(tmp_path, epochs=2)
    assert len(list(tmp_path.glob('best_wsol_gt_known_epoch_*.pth'))) == 1


def test_resume_auto_goes_on_from_the_last_epoch(tmp_path):
    trained(tmp_path, epochs=1)
    cfg = tiny_config(str(tmp_path), max_epochs=3)
    set_training(cfg, resume='auto')
    resumed = build_runner(cfg)
    resumed.train()
    assert resumed.epoch == 3
    # 3 iterations an epoch, the first epoch's are in the history
    history = resumed.message_hub.get_scalar('train/loss')
    assert len(history.data[0]) == 9


def test_resume_auto_starts_where_there_is_nothing_yet(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=1)
    set_training(cfg, resume='auto')
    fresh = build_runner(cfg)
    fresh.train()
    assert fresh.epoch == 1


def test_resumed_training_equals_an_uninterrupted_one(tmp_path):
    whole = trained(tmp_path / 'whole', epochs=2)
    cfg = tiny_config(str(tmp_path / 'rest'), max_epochs=2)
    set_training(cfg, resume=str(tmp_path / 'whole' / 'epoch_1.pth'))
    rest = build_runner(cfg)
    rest.train()
    expected = whole.model.linear.weight.tolist()
    assert rest.model.linear.weight.tolist() == expected


def test_testing_scores_every_sample(tmp_path):
    trained(tmp_path, epochs=1)
    cfg = tiny_config(str(tmp_path / 'test'))
    set_testing(cfg, str(tmp_path / 'epoch_1.pth'))
    metrics = build_runner(cfg).test()
    assert metrics['wsol/samples'] == SAMPLES


def test_testing_refuses_a_checkpoint_of_another_model(tmp_path):
    trained(tmp_path, epochs=1)
    cfg = tiny_config(str(tmp_path / 'test'))
    cfg.model.classes = 3
    set_testing(cfg, str(tmp_path / 'epoch_1.pth'))
    built = build_runner(cfg)
    with pytest.raises(ValueError, match='every weight of the config'):
        built.test()


def test_missing_checkpoints_are_named(tmp_path):
    cfg = tiny_config(str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        set_training(cfg, resume='absent.pth')
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        set_testing(cfg, 'absent.pth')


def test_select_on_test_validates_on_the_test_set(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=1)
    cfg.test_dataloader.dataset.samples = 5
    cfg.select_on = 'test'
    built = build_runner(cfg)
    built.train()
    counted = built.message_hub.get_scalar('val/wsol/samples').current()
    assert counted == 5


def test_select_on_is_val_or_test(tmp_path):
    cfg = tiny_config(str(tmp_path))
    cfg.select_on = 'train'
    with pytest.raises(ValueError, match="'train'"):
        build_runner(cfg)


def test_auto_scale_lr_scales_to_the_batch(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=1)
    with pytest.raises(ValueError, match='base_batch_size'):
        set_training(cfg, auto_scale_lr=True)
    cfg.auto_scale_lr = dict(base_batch_size=16)
    cfg.param_scheduler = None
    set_training(cfg, auto_scale_lr=True)
    built = build_runner(cfg)
    built.train()
    # learning rate 0.1 for 16, batches of 4
    assert built.optim_wrapper.get_lr()['lr'] == [pytest.approx(0.025)]


def test_persistent_workers_need_workers(tmp_path):
    cfg = tiny_config(str(tmp_path))
    cfg.train_dataloader.persistent_workers = True
    cfg.val_dataloader.num_workers = 1
    loaders = build_runner(cfg).cfg
    assert loaders.train_dataloader.persistent_workers is False
    assert loaders.val_dataloader.persistent_workers is True


def test_show_dir_switches_the_pictures_on(tmp_path):
    checkpoint = tmp_path / 'weights.pth'
    checkpoint.touch()
    cfg = Config(dict(default_hooks=dict(visualization=dict(interval=9))))
    set_testing(cfg, str(checkpoint), show_dir=tmp_path)
    assert cfg.default_hooks.visualization == dict(
        type='VisualizationHook',
        enable=True,
        interval=1,
        out_dir=str(tmp_path),
    )


@pytest.mark.parametrize(('installed', 'backends'), [(True, 2), (False, 1)])
def test_tensorboard_is_added_where_installed(
    monkeypatch, installed, backends
):
    monkeypatch.setattr(runner, 'find_spec', lambda name: installed or None)
    local = dict(type='LocalVisBackend')
    cfg = Config(dict(visualizer=dict(vis_backends=[local])))
    set_training(cfg)
    set_training(cfg)
    assert len(cfg.visualizer.vis_backends) == backends
