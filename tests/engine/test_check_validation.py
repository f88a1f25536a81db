"""What a validation would fail at is found before the first iteration."""

import pytest
import torch
from mmengine.runner import Runner
from tiny_runner import TinyAccuracy, tiny_config

from mmscm.registry import METRICS


@METRICS.register_module()
class NeedsBoxes(TinyAccuracy):
    def process(self, data_batch, data_samples):
        raise ValueError('Expected `gt_bboxes`, but got none.')


def runner(work_dir, **options):
    cfg = tiny_config(str(work_dir), max_epochs=1)
    cfg.default_hooks.check = dict(type='mmscm.CheckValidationHook')
    cfg.merge_from_dict(options)
    return Runner.from_cfg(cfg)


MISSPELT = 'wsol/gt_know'
GREATER = dict(monitor=MISSPELT, rule='greater')
PLATEAU = dict(type='ReduceOnPlateauLR', monitor=MISSPELT)


@pytest.mark.parametrize(
    'options',
    [
        {'default_hooks.checkpoint.save_best': MISSPELT},
        {'default_hooks.stop': dict(type='EarlyStoppingHook', **GREATER)},
        {'param_scheduler': dict(PLATEAU, _delete_=True)},
    ],
)
def test_a_value_that_no_metric_reports_is_told_the_nearest(tmp_path, options):
    built = runner(tmp_path, **options)
    with pytest.raises(ValueError, match=r"'wsol/gt_know'.*mean 'wsol/gt_kno"):
        built.train()
    assert built.iter == 0


def test_a_metric_without_what_it_needs_fails_at_once(tmp_path):
    built = runner(tmp_path, val_evaluator=dict(type='mmscm.NeedsBoxes'))
    with pytest.raises(ValueError, match='gt_bboxes'):
        built.train()
    assert built.iter == 0


def test_a_training_is_the_same_with_the_check(tmp_path):
    weights = []
    for kind in ('mmscm.CheckValidationHook', 'IterTimerHook'):
        built = runner(tmp_path / kind, **{'default_hooks.check.type': kind})
        weights.append(built.train().state_dict())
        counted = built.message_hub.get_scalar('val/wsol/samples')
        assert len(counted.data[0]) == 1
    for name, weight in weights[0].items():
        assert torch.equal(weights[1][name], weight), name
