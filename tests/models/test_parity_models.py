"""Whole models against the released code, float64 (values and gradients)."""

import pytest
import torch
from mmengine.registry import DefaultScope
from mmpretrain.structures import DataSample
from parity import arrays, state_dict
from torch.testing import assert_close

from mmscm.registry import MODELS

VIT = dict(
    type='mmscm.AttentionViT',
    arch=dict(
        embed_dims=48, num_layers=3, num_heads=3, feedforward_channels=96
    ),
)
NECKS = {
    'tscam': None,
    'scm_official': dict(type='mmscm.SCM', num_iters=(16, 4, 4, 4)),
    'scm_paper_iters': dict(type='mmscm.SCM', num_iters=4),
}


@pytest.fixture(params=NECKS)
def case(request):
    """Model with the released weights, and what the released code says."""
    config = dict(
        type='mmscm.WSOLClassifier',
        backbone=VIT,
        head=dict(type='mmscm.SemanticHead', num_classes=7, in_channels=48),
    )
    if NECKS[request.param]:
        config['neck'] = NECKS[request.param]
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(config).double()
    weights = state_dict(f'{request.param}_weights_fp16')
    shapes = {k: v.shape for k, v in model.state_dict().items()}
    weights = {k: v.reshape(shapes[k]) for k, v in weights.items()}
    model.load_state_dict(weights)
    return model, arrays(request.param), f'{request.param}_grads'


def samples(labels):
    return [DataSample().set_gt_label(label) for label in labels]


def test_training_matches_the_released_code(case):
    model, expected, grads = case
    losses = model.loss(expected['image'], samples(expected['label']))
    losses['loss'].backward()
    assert_close(losses['loss'], expected['loss'], rtol=1e-5, atol=1e-7)
    wanted = state_dict(grads)
    found = {name: p.grad for name, p in model.named_parameters()}
    assert found.keys() == wanted.keys()
    for name, grad in found.items():
        scale = wanted[name].abs().max()
        error = (grad - wanted[name].reshape(grad.shape)).abs().max()
        assert error <= 1e-4 * scale, name


def test_training_logits_match_the_released_code(case):
    model, expected, _ = case
    semantic, attention = model.extract_maps(expected['image'])
    if model.with_neck:
        semantic, _ = model.neck(semantic, attention)
    logits = model.head(semantic)
    assert_close(logits, expected['train_logits'], rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_inference_matches_the_released_code(case):
    model, expected, _ = case
    model.eval()
    semantic, attention = model.extract_maps(expected['image'])
    if not model.with_neck:  # released TS-CAM sums the layers, Eq. 1 averages
        attention = attention * len(model.backbone.layers)
    maps = semantic * attention[:, None]
    logits = model(expected['image'], mode='tensor')
    assert_close(logits, expected['eval_logits'], rtol=1e-5, atol=1e-5)
    assert_close(maps, expected['localization_maps'], rtol=1e-5, atol=1e-5)
    if 'attention' in expected:
        assert_close(attention, expected['attention'], rtol=1e-5, atol=1e-5)
        assert_close(semantic, expected['semantic'], rtol=1e-5, atol=1e-5)
