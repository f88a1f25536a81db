"""Same seed, same bits: training and testing, with and without workers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy_training import assert_same_end, in_child, toy_config, train

from mmscm.apis import build_runner, set_testing

WORKERS = {
    'train_dataloader__num_workers': 2,
    'val_dataloader__num_workers': 2,
}
KEPT = ('pred_score', 'localization_maps', 'map_labels')


class Recorder:
    """Every prediction of a test, as numpy arrays."""

    def __init__(self, runner):
        self.seen = []
        self.step, runner.model.test_step = runner.model.test_step, self

    def __call__(self, data):
        samples = self.step(data)
        for sample in samples:
            fields = sample.to_dict()
            self.seen.append({name: np.asarray(fields[name]) for name in KEPT})
        return samples


def predictions(checkpoint, work_dir, workers):
    cfg = toy_config(
        work_dir,
        test_dataloader__num_workers=workers,
        test_dataloader__batch_size=3,
        test_dataloader__dataset__length=7,
        test_dataloader__dataset__img_size=32,
    )
    set_testing(cfg, str(checkpoint))
    runner = build_runner(cfg)
    recorder = Recorder(runner)
    return runner.test(), recorder.seen


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    work_dir = tmp_path_factory.mktemp('trained')
    train(work_dir)
    return work_dir


@pytest.mark.slow
def test_two_workers_train_to_the_bits_of_none(trained, tmp_path):
    assert in_child(train, tmp_path, **WORKERS) == 0
    assert_same_end(tmp_path, trained)


@pytest.mark.slow
def test_a_test_gives_the_same_bits_with_two_workers(trained, tmp_path):
    checkpoint = Path(trained) / 'epoch_3.pth'
    runs = [
        predictions(checkpoint, tmp_path, workers) for workers in (0, 0, 2)
    ]
    metrics, maps = runs[0]
    assert len(maps) == 7
    for other_metrics, other_maps in runs[1:]:
        for name in metrics.keys() - {'time', 'data_time'}:
            assert other_metrics[name] == metrics[name]
        for other, expected in zip(other_maps, maps, strict=True):
            for key in KEPT:
                np.testing.assert_array_equal(other[key], expected[key])
