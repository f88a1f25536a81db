"""Thresholds in the meta of checkpoints: stored, found again, never mixed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from mmengine.registry import METRICS
from tiny_runner import TinyAccuracy, tiny_config

from mmscm.apis import build_runner
from mmscm.engine.checkpoint import read_checkpoint
from mmscm.engine.hooks import StoreThresholdsHook
from mmscm.engine.thresholds import (
    StoredThresholds,
    store_thresholds,
    stored_thresholds,
)

CHOSEN = StoredThresholds('val', {'wsol/gt_known': 0.35})


@METRICS.register_module()
class TinyThreshold(TinyAccuracy):
    """Its threshold tells the validations apart: 0.1, 0.2, ..."""

    calls = 0

    def compute_metrics(self, results):
        self.calls += 1
        # the first validation is the best one
        return {
            'wsol/gt_known': 100 - self.calls,
            'wsol/gt_known_thr': self.calls / 10,
        }


@pytest.fixture
def trained(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=2)
    cfg.val_evaluator = dict(type='TinyThreshold')
    cfg.custom_hooks = [dict(type='mmscm.StoreThresholdsHook')]
    build_runner(cfg).train()
    return tmp_path


def test_the_best_checkpoint_has_the_thresholds_of_its_epoch(trained):
    stored = stored_thresholds(trained / 'best_wsol_gt_known_epoch_1.pth')
    assert stored == StoredThresholds('val', {'wsol/gt_known': 0.1})


def test_a_checkpoint_saved_before_its_validation_has_none(trained):
    assert stored_thresholds(trained / 'epoch_2.pth') is None
    # mmengine saves this one again once it is the best
    assert stored_thresholds(trained / 'epoch_1.pth').split == 'val'


def test_storing_keeps_all_else(trained):
    path = trained / 'epoch_2.pth'
    before = read_checkpoint(str(path))
    store_thresholds(path, CHOSEN)
    after = read_checkpoint(str(path))
    assert stored_thresholds(after) == CHOSEN
    assert after.keys() == before.keys()
    torch.testing.assert_close(after['state_dict'], before['state_dict'])
    cfg = tiny_config(str(trained / 'more'), max_epochs=3)
    cfg.load_from, cfg.resume = str(path), True
    resumed = build_runner(cfg)
    resumed.train()
    assert resumed.epoch == 3


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / 'weights.pth'
    torch.save({'state_dict': {}}, path)

    def fail(*args):
        raise OSError('disk full')

    monkeypatch.setattr('mmscm.engine.thresholds.torch.save', fail)
    with pytest.raises(OSError, match='disk full'):
        store_thresholds(path, CHOSEN)
    assert [file.name for file in tmp_path.iterdir()] == ['weights.pth']
    assert read_checkpoint(str(path)) == {'state_dict': {}}


def test_another_file_can_be_written(tmp_path):
    path, out = tmp_path / 'weights.pth', tmp_path / 'calibrated.pth'
    torch.save({'state_dict': {}}, path)
    store_thresholds(path, CHOSEN, out)
    assert stored_thresholds(path) is None
    assert stored_thresholds(out) == CHOSEN


def test_thresholds_are_told_by_their_keys():
    metrics = {'wsol/gt_known': 50.0, 'wsol/gt_known_thr': 0.35}
    assert StoredThresholds.from_metrics('val', metrics) == CHOSEN
    assert StoredThresholds.from_metrics('val', {'accuracy/top1': 5}) is None


def test_a_broken_entry_is_named():
    with pytest.raises(ValueError, match='`split` and `cam_thrs`, but got 3'):
        stored_thresholds({'meta': {'cam_thrs': 3}})


def test_a_test_draws_boxes_at_the_threshold_of_its_checkpoint():
    runner = SimpleNamespace(visualizer=SimpleNamespace(cam_thr=0.2))
    checkpoint = {}
    StoreThresholdsHook().after_load_checkpoint(runner, checkpoint)
    assert runner.visualizer.cam_thr == 0.2
    CHOSEN.write_to(checkpoint)
    StoreThresholdsHook().after_load_checkpoint(runner, checkpoint)
    assert runner.visualizer.cam_thr == 0.35
