"""The examples of docs/bring_your_own_backbone.md work as printed."""

from __future__ import annotations

import re

import torch
from doc_blocks import ROOT, fences
from mmengine.registry import DefaultScope
from mmpretrain.structures import DataSample

from mmscm.apis import load_config
from mmscm.registry import MODELS

PAGE = ROOT / 'docs' / 'bring_your_own_backbone.md'
BLOCKS = [text for kind, text in fences(PAGE) if kind == 'python']
CONFIG = 'configs/scm/deit3-micro_toy.py'


def test_python_example_prints_what_its_comments_say(
    checkout, monkeypatch, capsys
):
    monkeypatch.chdir(checkout)
    exec(BLOCKS[1], {})
    printed = capsys.readouterr().out
    for shape in re.findall(r'# (\(.*?\))', BLOCKS[1]):
        assert f'torch.Size([{shape[1:-1]}])' in printed


def test_config_of_the_page_trains(checkout):
    cfg = load_config(checkout / CONFIG)
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


def test_names_of_the_page_are_models():
    import timm

    for block in BLOCKS[2:4]:
        names = {}
        exec(block, names)
        assert MODELS.get(names['backbone']['type'])
    text = PAGE.read_text()
    names = re.findall(r'`((?:vit|deit3|eva02|beit)_\w+)`', text)
    assert len(names) >= 8
    assert all(timm.is_model(name) for name in names)
