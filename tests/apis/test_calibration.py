"""Thresholds of the val split end in the checkpoint."""

import pytest
from mmengine.registry import METRICS
from tiny_runner import TinyAccuracy, tiny_config

from mmscm.apis import build_runner
from mmscm.apis.calibration import calibrate
from mmscm.engine.checkpoint import read_checkpoint
from mmscm.engine.thresholds import stored_thresholds
from mmscm.evaluation import Score


@METRICS.register_module()
class TinyCount(TinyAccuracy):
    """A threshold that tells the splits apart: hundredths of the samples."""

    def compute_metrics(self, results):
        names = 'gt_known', 'GT-Known', 50.0, 'wsoleval'
        cam_thr = len(results) / 100
        self.scores = [Score(*names, origin='oracle', cam_thr=cam_thr)]
        return {'wsol/gt_known': 50.0}


@pytest.fixture
def cfg(tmp_path):
    cfg = tiny_config(str(tmp_path), max_epochs=1)
    build_runner(cfg).train()
    cfg.val_dataloader.dataset.samples = 5
    cfg.val_evaluator = dict(type='TinyCount')
    return cfg


@pytest.mark.parametrize('split', ['val', 'test'])
def test_the_val_split_is_scored(cfg, tmp_path, split):
    cfg.default_hooks.store_thresholds = dict(
        type='mmscm.StoreThresholdsHook', split=split
    )
    cfg.experiment_name += split
    path = tmp_path / 'epoch_1.pth'
    chosen = calibrate(cfg, path)
    assert chosen.cam_thrs == {'wsol/gt_known': 0.05}
    assert chosen.split == split
    assert stored_thresholds(read_checkpoint(path)) == chosen


def test_the_config_of_the_training_stays(cfg, tmp_path):
    """Its test split would be val in whatever is run with it later."""
    (trained,) = tmp_path.glob('*.py')
    before = trained.read_text(encoding='utf-8')
    cfg.experiment_name += 'stays'
    calibrate(cfg, tmp_path / 'epoch_1.pth')
    assert [*tmp_path.glob('*.py')] == [trained]
    assert trained.read_text(encoding='utf-8') == before


def test_an_evaluator_without_threshold_is_refused(cfg, tmp_path):
    cfg.val_evaluator = dict(type='TinyAccuracy')
    cfg.experiment_name += 'none'
    with pytest.raises(ValueError, match='a metric with a threshold'):
        calibrate(cfg, tmp_path / 'epoch_1.pth')


def test_a_config_without_val_is_refused(cfg, tmp_path):
    cfg.val_dataloader = None
    with pytest.raises(ValueError, match='`val_dataloader`'):
        calibrate(cfg, tmp_path / 'epoch_1.pth')
