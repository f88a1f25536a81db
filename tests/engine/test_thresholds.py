"""Thresholds in the meta of checkpoints: stored, found again, never mixed."""

from types import SimpleNamespace

import pytest
import torch
from mmengine.registry import METRICS
from tiny_runner import TinyAccuracy, tiny_config
from torch import nn

from mmscm.apis import build_runner, set_testing
from mmscm.engine.checkpoint import read_checkpoint
from mmscm.engine.hooks import StoreThresholdsHook
from mmscm.engine.thresholds import (
    StoredThresholds,
    store_thresholds,
    stored_thresholds,
    thresholds_of,
)
from mmscm.evaluation import Score

CHOSEN = StoredThresholds('val', {'wsol/gt_known': 0.35})
BEST = 'best_wsol_gt_known_epoch_1.pth'


def stored_in(path):
    return stored_thresholds(read_checkpoint(path))


def score(percent, cam_thr, origin='oracle'):
    names = ('gt_known', 'GT-Known', percent, 'wsoleval')
    return Score(*names, origin=origin, cam_thr=cam_thr)


@METRICS.register_module()
class TinyThreshold(TinyAccuracy):
    """Its threshold tells the validations apart: 0.1, 0.2, ..."""

    calls = 0

    def compute_metrics(self, results):
        self.calls += 1
        # the first validation is the best one
        self.scores = [score(100 - self.calls, self.calls / 10)]
        return {'wsol/gt_known': 100 - self.calls}


@pytest.fixture
def trained(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=2)
    cfg.val_evaluator = dict(type='TinyThreshold')
    cfg.custom_hooks = [dict(type='mmscm.StoreThresholdsHook')]
    build_runner(cfg).train()
    return tmp_path


def test_a_checkpoint_has_the_thresholds_of_its_validation(trained):
    stored = stored_in(trained / BEST)
    assert stored == StoredThresholds('val', {'wsol/gt_known': 0.1})
    # mmengine saves this one again once it is the best
    assert stored_in(trained / 'epoch_1.pth') == stored
    assert stored_in(trained / 'epoch_2.pth') is None  # saved before its own


def test_a_model_has_the_thresholds_that_it_was_loaded_with(trained):
    cfg = tiny_config(str(trained / 'test'))
    cfg.custom_hooks = [dict(type='mmscm.StoreThresholdsHook')]
    set_testing(cfg, str(trained / BEST))
    runner = build_runner(cfg)
    assert thresholds_of(runner.model) is None
    runner.test()
    assert thresholds_of(runner.model).cam_thrs == {'wsol/gt_known': 0.1}


def test_storing_keeps_all_else_and_may_write_another_file(trained):
    path, out = trained / 'epoch_2.pth', trained / 'out.pth'
    before = read_checkpoint(path)
    store_thresholds(path, CHOSEN, out)
    assert stored_in(path) is None
    store_thresholds(path, CHOSEN)
    for written in (path, out):
        after = read_checkpoint(written)
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


@pytest.mark.parametrize(
    ('percent', 'origin', 'stored'),
    [
        (50, 'oracle', 0.35),
        (0, 'oracle', None),  # no box was good: nothing chose 0.35
        (0, 'fixed', 0.35),  # the config chose it
    ],
)
def test_a_threshold_that_nothing_chose_is_none(percent, origin, stored):
    metric = SimpleNamespace(scores=[score(percent, 0.35, origin)])
    chosen = StoredThresholds.from_metrics('val', [metric])
    assert chosen.cam_thrs == {'wsol/gt_known': stored}
    checkpoint = {}
    chosen.write_to(checkpoint)
    assert stored_thresholds(checkpoint) == chosen


def test_values_without_threshold_are_not_stored():
    metric = SimpleNamespace(scores=[score(50, None, None)])
    assert StoredThresholds.from_metrics('val', [metric]) is None


def test_a_broken_entry_is_named():
    with pytest.raises(ValueError, match='`split` and `cam_thrs`, but got 3'):
        stored_thresholds({'meta': {'cam_thrs': 3}})


def test_a_test_draws_boxes_at_the_threshold_of_its_checkpoint():
    visualizer = SimpleNamespace(cam_thr=0.2)
    runner = SimpleNamespace(visualizer=visualizer, model=nn.Identity())
    checkpoint = {}
    StoreThresholdsHook().after_load_checkpoint(runner, checkpoint)
    assert runner.visualizer.cam_thr == 0.2
    CHOSEN.write_to(checkpoint)
    StoreThresholdsHook().after_load_checkpoint(runner, checkpoint)
    assert runner.visualizer.cam_thr == 0.35
