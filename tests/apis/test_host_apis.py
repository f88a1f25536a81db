"""mmpretrain's own programs run the configs of this project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mmpretrain.apis import ImageClassificationInferencer, inference_model
from tiny_model import CLASSES, tiny_files

from mmscm import get_model

ROOT = Path(__file__).parents[2]
IMAGE = np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8)
# what mmpretrain's tools/train.py does with a config
TRAIN = """
import sys
from mmengine.config import Config
from mmengine.runner import Runner
cfg = Config.fromfile(sys.argv[1])
cfg.work_dir = sys.argv[2]
cfg.merge_from_dict({
    'model.backbone.arch.num_layers': 1,
    'train_cfg.max_epochs': 1,
    'train_dataloader.batch_size': 2,
    'train_dataloader.dataset.length': 2,
    'val_dataloader.batch_size': 2,
    'val_dataloader.dataset.length': 2,
    'visualizer.vis_backends': [],
})
Runner.from_cfg(cfg).train()
"""


@pytest.fixture
def model(tmp_path):
    built = get_model(*tiny_files(tmp_path))
    load = dict(type='mmscm.LoadImage')
    built._config.test_dataloader.dataset.pipeline[0] = load
    return built


def test_the_inferencer_of_mmpretrain_classifies(model):
    (result,) = ImageClassificationInferencer(model)(IMAGE)
    assert result['pred_class'] in CLASSES
    assert result['pred_scores'].sum() == pytest.approx(1, abs=1e-5)
    assert inference_model(model, IMAGE)['pred_label'] == result['pred_label']


@pytest.mark.slow
def test_a_training_of_mmpretrain_needs_no_import_of_mmscm(tmp_path):
    config = ROOT / 'configs/scm/vit-micro_toy.py'
    command = [sys.executable, '-c', TRAIN, config, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / 'epoch_1.pth').is_file()
