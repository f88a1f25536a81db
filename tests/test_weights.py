"""Weights are read in known layouts; what leaves some random is refused."""

from functools import partial
from unittest.mock import MagicMock

import pytest
import torch
from mmengine.runner import BaseLoop
from tiny_model import tiny_config

from mmscm.engine.hooks import RequireWeightsHook
from mmscm.engine.hooks.checks import require_weights
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


def model(checkpoint=None, whole=None, **init_cfg):
    cfg = tiny_config().model
    if whole:
        others = dict(type='Normal', layer='Linear', std=1)
        cfg.init_cfg = [others, dict(type='Pretrained', checkpoint=whole)]
    if checkpoint:
        init_cfg |= dict(type='Pretrained', checkpoint=str(checkpoint))
        cfg.backbone.init_cfg = init_cfg
    return MODELS.build(cfg)


@pytest.fixture
def trained():
    torch.manual_seed(1)
    built = model()
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter)
    return built


def run(built, starts=True, resume=False):
    """A training that starts or resumes, or a test."""
    return MagicMock(
        model=built,
        _train_loop=MagicMock(spec=BaseLoop) if starts or resume else {},
        _resume=resume,
        _load_from='start.pth',
    )


def assert_equal_backbones(one, two):
    states = one.backbone.state_dict(), two.backbone.state_dict()
    torch.testing.assert_close(*states, rtol=0, atol=0)


@pytest.mark.parametrize('prefix', [{}, dict(prefix='backbone')])
@pytest.mark.parametrize('layout', LAYOUTS)
def test_a_backbone_starts_from_every_known_layout(
    trained, tmp_path, layout, prefix
):
    path = tmp_path / 'start.pth'
    torch.save(LAYOUTS[layout](trained.state_dict()), path)
    started = model(path, **prefix)
    started.init_weights()
    assert_equal_backbones(started, trained)
    head = trained.head.conv.weight
    assert not torch.equal(started.head.conv.weight, head)


@pytest.mark.parametrize('layout', LAYOUTS)
def test_a_whole_model_starts_from_every_known_layout(
    trained, tmp_path, layout
):
    path = tmp_path / 'start.pth'
    torch.save(LAYOUTS[layout](trained.state_dict()), path)
    started = model(whole=f'file://{path}')
    started.init_weights()
    assert_equal_backbones(started, trained)
    head = trained.head.conv.weight
    same_head = torch.equal(started.head.conv.weight, head)
    assert same_head == (layout != 'backbone')


def test_a_prefix_of_other_weights_is_taken_off(trained, tmp_path):
    path = tmp_path / 'start.pth'
    weights = trained.backbone.state_dict()
    torch.save({f'teacher.{k}': w for k, w in weights.items()}, path)
    started = model(path, prefix='teacher')
    started.init_weights()
    assert_equal_backbones(started, trained)


@pytest.mark.parametrize('layout', LAYOUTS)
def test_load_from_takes_every_known_layout(trained, layout):
    started = model()
    checkpoint = dict(LAYOUTS[layout](trained.state_dict()))
    RequireWeightsHook().after_load_checkpoint(run(started), checkpoint)
    started.load_state_dict(checkpoint['state_dict'], strict=False)
    assert_equal_backbones(started, trained)


@pytest.mark.parametrize(
    ('kind', 'strict'),
    [
        (dict(starts=False), True),  # a test
        (dict(resume=True), True),
        ({}, False),  # fine-tuning
    ],
)
def test_a_training_may_start_with_a_new_head(trained, kind, strict):
    weights = trained.state_dict()
    weights['head.conv.weight'] = torch.zeros(7, 24, 3, 3)
    del weights['head.conv.bias']
    load = RequireWeightsHook().after_load_checkpoint
    if not strict:
        load(run(model(), **kind), dict(state_dict=weights))
        return
    with pytest.raises(ValueError, match='2 are missing') as caught:
        load(run(model(), **kind), dict(state_dict=weights))
    for part in ('(3, 24, 3, 3) (got torch.Size([7, ', 'bias (3,) (got None)'):
        assert part in str(caught.value)


def test_more_weights_and_another_grid_are_no_error(trained):
    weights = trained.state_dict()
    weights['neck.blocks.9.beta'] = torch.ones(())
    weights['backbone.pos_embed'] = torch.zeros(1, 99, 24)
    require_weights(trained, weights)


def test_weights_that_fit_nothing_are_named_with_what_is_needed(
    trained, tmp_path
):
    path = tmp_path / 'other.pth'
    weights = {f'body.{name}': w for name, w in trained.state_dict().items()}
    torch.save(dict(model=weights), path)
    load = RequireWeightsHook().after_load_checkpoint
    ways = {
        str(path): model(path, prefix='backbone').init_weights,
        f'file://{path}': model(whole=f'file://{path}').init_weights,
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
