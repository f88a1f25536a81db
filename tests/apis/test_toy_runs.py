"""SCM trains, validates, resumes and tests on eight rendered images of 64 px.

Both methods do all but resume in tests/tools/test_demo.py.
"""

from pathlib import Path

import pytest
import torch

from mmscm.apis import build_runner, load_config, set_testing, set_training

CONFIG = Path(__file__).parents[2] / 'configs' / 'scm' / 'vit-micro_toy.py'
SMALL = {
    'model.backbone.img_size': 64,
    'train_dataloader.dataset.img_size': 64,
    'val_dataloader.dataset.img_size': 64,
    'test_dataloader.dataset.img_size': 64,
    'train_dataloader.dataset.length': 8,
    'train_dataloader.batch_size': 4,
    'train_dataloader.num_workers': 0,
    'val_dataloader.dataset.length': 5,
    'val_dataloader.num_workers': 0,
    'test_dataloader.dataset.length': 7,
    'test_dataloader.num_workers': 0,
    'default_hooks.logger.interval': 1,
}


def small_config(work_dir, epochs=1):
    options = SMALL | {'train_cfg.max_epochs': epochs}
    return load_config(CONFIG, work_dir, options)


def train(work_dir, epochs, **options):
    cfg = small_config(work_dir, epochs)
    set_training(cfg, **options)
    cfg.visualizer.vis_backends = []  # TensorBoard is slow to import
    runner = build_runner(cfg)
    runner.train()
    return runner


@pytest.mark.slow
def test_toy_runs_train_resume_and_test(tmp_path):
    first = train(tmp_path, epochs=1, amp=True)
    scores = first.message_hub.get_scalar('val/wsol/gt_known').current()
    assert 0 <= scores <= 100
    resumed = train(tmp_path, epochs=2, amp=True, resume='auto')
    hub = resumed.message_hub
    losses = hub.get_scalar('train/loss').data[0]
    assert len(losses) == 4  # 8 images / 4, twice
    assert resumed.epoch == 2
    for block in range(4):
        assert hub.get_scalar(f'train/scm/lambda_{block}').current() != 1
        assert hub.get_scalar(f'train/scm/beta_{block}').current() != 0.5

    cfg = small_config(tmp_path)
    set_testing(cfg, str(tmp_path / 'epoch_2.pth'))
    tester = build_runner(cfg)
    metrics = tester.test()
    assert 0 <= metrics['wsol/gt_known'] <= 100
    trained = dict(resumed.model.named_parameters())
    for name, parameter in tester.model.named_parameters():
        torch.testing.assert_close(parameter, trained[name])
