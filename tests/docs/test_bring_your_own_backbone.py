"""The examples of docs/bring_your_own_backbone.md run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from mmengine.registry import DefaultScope
from mmpretrain.structures import DataSample

from mmscm.apis import load_config
from mmscm.registry import MODELS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs' / 'bring_your_own_backbone.md').read_text()
BLOCKS = re.findall(r'```python\n(.*?)```', PAGE, re.DOTALL)
CONFIG = 'configs/scm/deit3-micro_toy.py'


@pytest.fixture
def config(tmp_path, monkeypatch):
    """The page's config as a file, where the page says, in a new folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / CONFIG
    path.parent.mkdir(parents=True)
    (tmp_path / 'configs' / '_base_').symlink_to(ROOT / 'configs/_base_')
    base = path.parent / 'vit-micro_toy.py'
    base.symlink_to(ROOT / 'configs/scm/vit-micro_toy.py')
    path.write_text(BLOCKS[0])
    return path


def test_python_example_prints_what_its_comments_say(config, capsys):
    exec(BLOCKS[1], {})
    printed = capsys.readouterr().out
    for shape in re.findall(r'# (\(.*?\))', BLOCKS[1]):
        assert f'torch.Size([{shape[1:-1]}])' in printed


def test_config_of_the_page_trains(config):
    cfg = load_config(config)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(cfg.model)
    samples = [DataSample().set_gt_label(label) for label in (0, 9)]
    model.loss(torch.randn(2, 3, 112, 112), samples)['loss'].backward()
    assert all(p.grad is not None for p in model.parameters())


def test_own_backbone_of_the_page_localizes():
    exec(BLOCKS[-1], {'__name__': 'my_module'})
    config = dict(
        type='mmscm.WSOLClassifier',
        backbone=dict(type='mmscm.OneLayer'),
        neck=dict(type='mmscm.SCM', num_blocks=1),
        head=dict(type='mmscm.SemanticHead', num_classes=7, in_channels=96),
    )
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(config)
    (sample,) = model.predict(torch.randn(1, 3, 32, 48))
    assert sample.localization_maps.shape == (5, 4, 6)


def test_settings_of_the_page_are_arguments_of_the_backbones():
    for block in BLOCKS[2:4]:
        names = {}
        exec(block, names)
        backbone = names['backbone']
        assert MODELS.get(backbone['type'])


def test_names_of_the_table_are_models_of_timm():
    import timm

    names = re.findall(r'`((?:vit|deit3|eva02|beit)_\w+)`', PAGE)
    assert len(names) >= 8
    for name in names:
        assert timm.is_model(name), name
