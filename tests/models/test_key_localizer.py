"""LOST and TokenCut as a model: keys, boxes, classes."""

import pytest
import torch
from mmengine.registry import DefaultScope
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.functional.discovery import component_box, token_cut
from mmscm.registry import MODELS

ARCH = dict(embed_dims=24, num_layers=2, num_heads=3, feedforward_channels=48)
TOKEN_CUT = dict(type='token_cut', tau=0.05)


def build(method=TOKEN_CUT, **settings):
    backbone = dict(
        type='VisionTransformer',
        arch=ARCH,
        img_size=32,
        patch_size=8,
        out_type='cls_token',
    )
    config = dict(
        type='mmscm.KeyLocalizer', backbone=backbone, method=method, **settings
    )
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        return MODELS.build(config).eval()


def images(height=32, width=48):
    return torch.randn(2, 3, height, width, generator=torch.manual_seed(1))


def keys_by_hand(model, inputs):
    """Keys of the patches in the last block, (B, N, D)."""
    backbone = model.backbone
    caught = []
    backbone.layers[-1].ln1.register_forward_hook(
        lambda module, args, output: caught.append(output)
    )
    backbone(inputs)
    attention = backbone.layers[-1].attn
    weight = attention.qkv.weight[24:48]
    return (caught[0] @ weight.mT + attention.qkv.bias[24:48])[:, 1:]


@torch.no_grad()
def test_the_box_is_that_of_the_last_keys_in_pixels():
    model = build()
    predictions = model.predict(images())
    keys = keys_by_hand(model, images())
    for sample, key in zip(predictions, keys, strict=True):
        found = token_cut(key, (4, 6), 0.05)
        box = component_box(found.mask.numpy(), found.seed)
        assert_close(sample.pred_bboxes, torch.tensor([box]) * 8.0)


def test_boxes_stay_in_an_image_that_was_padded():
    model = build(dict(type='lost', num_patches=100))
    samples = [DataSample(metainfo=dict(img_shape=(3, 5))) for _ in range(2)]
    for sample in model.predict(images(), samples):
        assert (sample.pred_bboxes <= torch.tensor([5, 3, 5, 3])).all()


def test_a_head_adds_classes():
    head = dict(type='VisionTransformerClsHead', num_classes=7, in_channels=24)
    sample, _ = build(head=head).predict(images())
    assert sample.pred_score.shape == (7,)
    assert 'pred_score' not in build().predict(images())[0]


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match='cut'):
        build(dict(type='cut'))


def test_a_network_without_keys_is_refused():
    with (
        pytest.raises(ValueError, match='Expected a ViT'),
        DefaultScope.overwrite_default_scope('mmpretrain'),
    ):
        MODELS.build(
            dict(
                type='mmscm.KeyLocalizer',
                backbone=dict(type='ResNet', depth=18),
                method=TOKEN_CUT,
            )
        )
