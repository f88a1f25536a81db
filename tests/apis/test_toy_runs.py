"""Both methods train, validate, resume and test on 32 rendered images."""

from pathlib import Path

import pytest
import torch

from mmscm.apis import build_runner, load_config, set_testing, set_training

CONFIGS = Path(__file__).parents[2] / 'configs'
SMALL = {
    'train_dataloader.dataset.length': 32,
    'train_dataloader.batch_size': 16,
    'train_dataloader.num_workers': 0,
    'val_dataloader.dataset.length': 5,
    'val_dataloader.num_workers': 0,
    'test_dataloader.dataset.length': 7,
    'test_dataloader.num_workers': 0,
    'default_hooks.logger.interval': 1,
}


def small_config(method, work_dir, epochs=1):
    path = CONFIGS / method / 'vit-micro_toy.py'
    options = SMALL | {'train_cfg.max_epochs': epochs}
    return load_config(path, work_dir, options)


def train(method, work_dir, epochs, **options):
    cfg = small_config(method, work_dir, epochs)
    set_training(cfg, **options)
    cfg.visualizer.vis_backends = []  # TensorBoard is slow to import
    runner = build_runner(cfg)
    runner.train()
    return runner


@pytest.mark.slow
@pytest.mark.parametrize('method', ['scm', 'tscam'])
def test_toy_runs_train_resume_and_test(method, tmp_path):
    first = train(method, tmp_path, epochs=1, amp=True)
    scores = first.message_hub.get_scalar('val/wsol/gt_known').current()
    assert 0 <= scores <= 100
    resumed = train(method, tmp_path, epochs=2, amp=True, resume='auto')
    hub = resumed.message_hub
    losses = hub.get_scalar('train/loss').data[0]
    assert len(losses) == 4  # 32 images / 16, twice
    assert resumed.epoch == 2
    for block in range(4 if method == 'scm' else 0):
        assert hub.get_scalar(f'train/scm/lambda_{block}').current() != 1
        assert hub.get_scalar(f'train/scm/beta_{block}').current() != 0.5

    cfg = small_config(method, tmp_path)
    set_testing(cfg, str(tmp_path / 'epoch_2.pth'))
    tester = build_runner(cfg)
    metrics = tester.test()
    assert 0 <= metrics['wsol/gt_known'] <= 100
    trained = dict(resumed.model.named_parameters())
    for name, parameter in tester.model.named_parameters():
        torch.testing.assert_close(parameter, trained[name])
