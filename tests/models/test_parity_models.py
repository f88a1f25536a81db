"""Whole models against the released code, float64 (values and gradients)."""

import pytest
import torch
from parity import arrays, gradients, released_model
from small_models import samples, vit_arch
from torch.testing import assert_close

VIT = dict(
    type='mmscm.AttentionViT',
    arch=vit_arch(48, 3, 3, 96),
)
HEAD = dict(type='mmscm.SemanticHead', num_classes=7, in_channels=48)
NECKS = {
    'tscam': None,
    'scm_official': dict(type='mmscm.SCM', num_iters=(16, 4, 4, 4)),
    'scm_paper_iters': dict(type='mmscm.SCM', num_iters=4),
}


@pytest.fixture(params=NECKS)
def case(request, tmp_path):
    """Model with the released weights, and what the released code says."""
    config = dict(
        type='mmscm.WSOLClassifier',
        backbone=VIT,
        head=HEAD,
    )
    if NECKS[request.param]:
        config['neck'] = NECKS[request.param]
    model = released_model(request.param, config, tmp_path)
    return model, arrays(request.param), request.param


def test_training_matches_the_released_code(case):
    model, expected, released = case
    losses = model.loss(expected['image'], samples(*expected['label']))
    losses['loss'].backward()
    assert_close(losses['loss'], expected['loss'], rtol=1e-5, atol=1e-7)
    wanted = gradients(released)
    found = {name: p.grad for name, p in model.named_parameters()}
    assert found.keys() == wanted.keys()
    for name, grad in found.items():
        scale = wanted[name].abs().max()
        error = (grad - wanted[name]).abs().max()
        assert error <= 1e-4 * scale, name


def test_training_logits_match_the_released_code(case):
    model, expected, _ = case
    semantic, attention = model.extract_maps(expected['image'])
    if model.with_neck:
        semantic, _ = model.neck(semantic, attention)
    logits = model.head((semantic, None))
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


CONFORMER = dict(
    type='mmscm.WSOLClassifier',
    backbone=dict(
        type='mmscm.AttentionConformer',
        arch=dict(embed_dims=48, depths=12, num_heads=3, channel_ratio=1),
        mlp_ratio=2,
    ),
    neck=dict(type='mmscm.SCM'),
    head=dict(HEAD, type='mmscm.ConformerSemanticHead', cnn_channels=256),
)


@torch.no_grad()
def test_conformer_matches_the_released_code(tmp_path):
    config = dict(CONFORMER, test_blocks=dict(logits=4))
    model = released_model('conformer_scm', config, tmp_path).eval()
    expected = {k: v[:1] for k, v in arrays('conformer_scm').items()}
    semantic, attention = model.extract_maps(expected['image'])
    logits = model(expected['image'], mode='tensor')
    maps = semantic * attention[:, None]
    assert_close(logits, expected['eval_logits'], rtol=1e-5, atol=1e-5)
    assert_close(maps, expected['localization_maps'], rtol=1e-5, atol=1e-5)
