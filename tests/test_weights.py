"""Starting weights are read in known layouts, or refused with both names."""

from __future__ import annotations

from functools import partial
from unittest.mock import MagicMock

import pytest
import torch
from mmengine.runner import BaseLoop
from tiny_model import tiny_config

from mmscm.engine.hooks import RequireWeightsHook
from mmscm.registry import MODELS
from mmscm.weights import backbone_weights, weights_of

LAYOUTS = {
    'bare': lambda weights: weights,
    'state_dict': lambda weights: dict(state_dict=weights, meta={}),
    'model': lambda weights: dict(model=weights, epoch=3),
    'parallel': lambda weights: {f'module.{k}': w for k, w in weights.items()},
    'compiled': lambda weights: dict(
        model={f'module._orig_mod.{k}': w for k, w in weights.items()}
    ),
    'backbone': lambda weights: {
        k.removeprefix('backbone.'): w
        for k, w in weights.items()
        if k.startswith('backbone.')
    },
}


def model(checkpoint=None, **init_cfg):
    cfg = tiny_config().model
    if checkpoint:
        cfg.backbone.init_cfg = dict(
            type='Pretrained', checkpoint=str(checkpoint), **init_cfg
        )
    return MODELS.build(cfg)


@pytest.fixture
def trained():
    torch.manual_seed(1)
    built = model()
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter)
    return built


@pytest.mark.parametrize('prefix', [{}, dict(prefix='backbone')])
@pytest.mark.parametrize('layout', LAYOUTS)
def test_a_backbone_starts_from_every_known_layout(
    trained, tmp_path, layout, prefix
):
    path = tmp_path / 'start.pth'
    torch.save(LAYOUTS[layout](trained.state_dict()), path)
    started = model(path, **prefix)
    started.init_weights()
    for name, weight in trained.backbone.state_dict().items():
        assert torch.equal(started.backbone.state_dict()[name], weight), name
    head = trained.head.conv.weight
    assert not torch.equal(started.head.conv.weight, head)


@pytest.mark.parametrize('layout', LAYOUTS)
def test_load_from_takes_every_known_layout(trained, layout):
    started = model()
    checkpoint = dict(LAYOUTS[layout](trained.state_dict()))
    RequireWeightsHook().after_load_checkpoint(run(started), checkpoint)
    started.load_state_dict(checkpoint['state_dict'], strict=False)
    for name, weight in trained.backbone.state_dict().items():
        assert torch.equal(started.backbone.state_dict()[name], weight), name


def run(built):
    """A training that starts."""
    loop = MagicMock(spec=BaseLoop)
    return MagicMock(
        model=built, _train_loop=loop, _resume=False, _load_from='start.pth'
    )


def test_a_head_that_does_not_match_is_fine_tuning(trained):
    weights = trained.state_dict()
    weights['head.conv.weight'] = torch.zeros(7, 24, 3, 3)
    hook = RequireWeightsHook()
    hook.after_load_checkpoint(run(model()), dict(state_dict=weights))


def test_weights_that_fit_nothing_are_named_with_what_is_needed(
    trained, tmp_path
):
    path = tmp_path / 'other.pth'
    weights = {f'body.{name}': w for name, w in trained.state_dict().items()}
    torch.save(dict(model=weights), path)
    load = RequireWeightsHook().after_load_checkpoint
    ways = {
        str(path): model(path, prefix='backbone').init_weights,
        'start.pth': partial(load, run(model()), dict(model=weights)),
    }
    for name, start in ways.items():
        with pytest.raises(ValueError, match='got 0 of its') as caught:
            start()
        for part in (name, 'lacks cls_token (1, 1, 24)', 'body.backbone.cls'):
            assert part in str(caught.value)


def test_less_than_nearly_all_is_refused(trained):
    backbone = trained.backbone
    whole = backbone.state_dict()
    assert backbone_weights(backbone, whole, 'x').keys() == whole.keys()
    del whole['cls_token']
    assert backbone_weights(backbone, whole, 'x').keys() == whole.keys()
    one_layer = {k: w for k, w in whole.items() if 'layers.1' not in k}
    with pytest.raises(ValueError, match=r'Expected a\.pth to fill'):
        backbone_weights(backbone, one_layer, 'a.pth')


@pytest.mark.parametrize('checkpoint', [{}, [torch.zeros(1)]])
def test_no_dict_of_weights_is_refused(checkpoint):
    with pytest.raises(ValueError, match='dict of weights'):
        weights_of(checkpoint)
