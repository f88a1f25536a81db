"""SCM trains, validates, resumes and tests on rendered images of 32 px.

Both methods do all but resume in tests/tools/test_demo.py.
"""

import pytest
import torch
from toy_training import SIDE, toy_config, train

from mmscm.apis import build_runner, set_testing

SMALL = {'train_dataloader.dataset.length': 8}
for split, length in (('val', 5), ('test', 7)):
    SMALL |= {
        f'{split}_dataloader.num_workers': 0,
        f'{split}_dataloader.dataset.length': length,
        f'{split}_dataloader.dataset.img_size': SIDE,
    }
SMALL['default_hooks.logger.interval'] = 1


@pytest.mark.slow
def test_toy_runs_train_resume_and_test(tmp_path):
    cfg = toy_config(tmp_path, SMALL | {'train_cfg.max_epochs': 1})
    first = train(cfg, amp=True)
    scores = first.message_hub.get_scalar('val/wsol/gt_known').current()
    assert 0 <= scores <= 100
    cfg = toy_config(tmp_path, SMALL | {'train_cfg.max_epochs': 2})
    resumed = train(cfg, amp=True, resume='auto')
    hub = resumed.message_hub
    losses = hub.get_scalar('train/loss').data[0]
    assert len(losses) == 4  # 8 images / 4, twice
    assert resumed.epoch == 2
    for block in range(4):
        assert hub.get_scalar(f'train/scm/lambda_{block}').current() != 1
        assert hub.get_scalar(f'train/scm/beta_{block}').current() != 0.5

    cfg = toy_config(tmp_path, SMALL)
    set_testing(cfg, str(tmp_path / 'epoch_2.pth'))
    tester = build_runner(cfg)
    metrics = tester.test()
    assert 0 <= metrics['wsol/gt_known'] <= 100
    trained = dict(resumed.model.named_parameters())
    for name, parameter in tester.model.named_parameters():
        torch.testing.assert_close(parameter, trained[name])
