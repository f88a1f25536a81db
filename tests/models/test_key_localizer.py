"""LOST and TokenCut as a model: keys, boxes, classes."""

import pytest
import torch
from mmpretrain.structures import DataSample
from small_models import RESNET, TIMM
from torch.testing import assert_close

from mmscm.functional.discovery import component_box, token_cut
from mmscm.models import KeyLocalizer

OWN = dict(TIMM, type='mmscm.AttentionTIMM', class_token=True)
OWN |= dict(model_name='vit_small_patch16_224', img_size=32, patch_size=8)
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))
TOKEN_CUT = dict(type='token_cut', tau=0.05)


def build(method=TOKEN_CUT, **settings):
    torch.manual_seed(0)
    return KeyLocalizer(**dict(backbone=OWN, method=method) | settings).eval()


def keys_by_hand(model, inputs):
    """Keys of the patches in the last block, (B, N, D)."""
    block = model.backbone.timm_model.blocks[-1]
    caught = []
    block.norm1.register_forward_hook(
        lambda module, args, output: caught.append(output)
    )
    model.backbone(inputs)
    qkv = block.attn.qkv
    return (caught[0] @ qkv.weight[24:48].mT + qkv.bias[24:48])[:, 1:]


@torch.no_grad()
def test_the_box_is_that_of_the_last_keys_in_pixels():
    model = build()
    predictions = model.predict(IMAGES)
    keys = keys_by_hand(model, IMAGES)
    for sample, key in zip(predictions, keys, strict=True):
        found = token_cut(key, (4, 6), 0.05)
        box = component_box(found.mask.numpy(), found.seed)
        assert_close(sample.pred_bboxes, torch.tensor([box]) * 8.0)
        (score,) = sample.localization_maps
        assert (score[~found.mask] == score.min()).all()
        assert_close(score.argmax(), found.score.argmax())


def test_boxes_stay_in_an_image_that_was_padded():
    model = build(dict(type='lost', num_patches=100))
    samples = [DataSample(metainfo=dict(img_shape=(3, 5))) for _ in range(2)]
    for sample in model.predict(IMAGES, samples):
        assert (sample.pred_bboxes <= torch.tensor([5, 3, 5, 3])).all()


@torch.no_grad()
def test_a_head_adds_the_classes_of_the_class_token():
    head = dict(type='mmscm.ClassTokenHead', num_classes=7, in_channels=24)
    model = build(head=head)
    (_, class_token), _ = model.backbone(IMAGES)
    logits = class_token @ model.head.conv.weight[..., 0, 0].mT
    logits = logits + model.head.conv.bias
    for sample, row in zip(model.predict(IMAGES), logits, strict=True):
        assert_close(sample.pred_score, row.softmax(0))
    assert 'pred_score' not in build().predict(IMAGES)[0]


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(method=dict(type='cut')), 'cut'),
        (dict(backbone=RESNET), r'AttentionTIMM .* got ResNet'),
    ],
)
def test_unknown_methods_and_networks_without_keys_are_refused(
    settings, message
):
    with pytest.raises(ValueError, match=message):
        build(**settings)
