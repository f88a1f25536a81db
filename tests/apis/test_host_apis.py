"""mmpretrain's own programs run the configs of this project."""

import os
import subprocess
import sys
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.hooks import EMAHook
from mmengine.registry import HOOKS, VISBACKENDS
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
    'train_cfg.max_epochs': 2,
    'train_dataloader.batch_size': 2,
    'train_dataloader.dataset.length': 2,
    'val_dataloader.batch_size': 2,
    'val_dataloader.dataset.length': 2,
    'visualizer.vis_backends': [dict(type='TensorboardVisBackend')],
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


def config_of_the_page(tmp_path):
    """The first block of docs/in_mmpretrain.md."""
    page = (ROOT / 'docs/in_mmpretrain.md').read_text()
    config = tmp_path / 'mine.py'
    config.write_text(page.split('```python\n')[1].split('```')[0])
    return config


def test_hooks_and_backends_of_the_page_are_the_host_s(tmp_path, monkeypatch):
    monkeypatch.setenv('MMSCM', str(ROOT))
    cfg = Config.fromfile(config_of_the_page(tmp_path))
    assert cfg.model.neck.type == 'mmscm.SCM'
    average, early = map(HOOKS.build, cfg.custom_hooks)
    assert isinstance(average, EMAHook)
    assert (early.monitor, early.rule) == ('wsol/gt_known', 'greater')
    for backend in cfg.visualizer.vis_backends:
        arguments = signature(VISBACKENDS.get(backend.type)).parameters
        assert {*backend} - {'type'} <= {*arguments}


@pytest.mark.slow
def test_a_training_of_mmpretrain_needs_no_import_of_mmscm(tmp_path):
    config = config_of_the_page(tmp_path)
    command = [sys.executable, '-c', TRAIN, config, tmp_path]
    env = dict(os.environ, MMSCM=str(ROOT))
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / 'epoch_2.pth').is_file()
    assert list(tmp_path.glob('best_wsol_gt_known_epoch_*.pth'))
    assert list(tmp_path.rglob('events.out.tfevents*'))
