"""CAM: any backbone with a feature map, and heads without attention."""

import pytest
import torch
from small_models import ARCH, LITE0, RESNET, WIDTH, build, samples
from torch.testing import assert_close

from mmscm.functional.principal_axis import pc1_maps
from mmscm.models import CAMHead, SemanticHead

IMAGES = torch.randn(2, 3, 64, 96, generator=torch.manual_seed(1))
VIT = dict(type='VisionTransformer', arch=ARCH, patch_size=16, img_size=64)
ATTENTION_VIT = dict(VIT, type='mmscm.AttentionViT', out_type='avg_featmap')


CONVNEXT = dict(type='ConvNeXt', arch='atto', gap_before_final_norm=False)
SWIN = dict(type='SwinTransformer', arch='tiny', img_size=(64, 96))


@pytest.mark.parametrize(
    ('backbone', 'width', 'grid'),
    [
        (RESNET, WIDTH, (4, 6)),
        (dict(type='VGG', depth=11, with_last_pool=False), 512, (4, 6)),
        (dict(type='MobileNetV2', widen_factor=0.25), 1280, (2, 3)),
        (dict(type='EfficientNet', arch='b0'), 1280, (2, 3)),
        (CONVNEXT, 320, (2, 3)),
        (SWIN | dict(pad_small_map=True), 768, (2, 3)),
        (dict(VIT, out_type='featmap'), 24, (4, 6)),
        (LITE0, 1280, (2, 3)),
    ],
    ids=lambda value: value['type'] if isinstance(value, dict) else '',
)
def test_any_backbone_with_a_feature_map_localizes(backbone, width, grid):
    model = build(backbone, dict(in_channels=width))
    losses = model.loss(IMAGES, samples(3, 4))
    assert losses['loss'] > 0
    model.eval()
    with torch.no_grad():
        found = model.predict(IMAGES, samples(3, 4))
        semantic, attention = model.extract_maps(IMAGES)
    assert attention is None
    for index, sample in enumerate(found):
        planes = semantic[index, sample.map_labels]
        assert planes.shape[1:] == grid
        assert torch.equal(sample.localization_maps, planes)
        assert 'attention_map' not in sample


@torch.no_grad()
def test_logits_are_those_of_a_linear_layer_behind_pooling():
    head = CAMHead(num_classes=5, in_channels=8)
    tokens = torch.randn(2, 8, 4, 6)
    weight = head.conv.weight[:, :, 0, 0]
    wanted = tokens.mean((2, 3)) @ weight.T + head.conv.bias
    assert_close(head((head.project(tokens), tokens)), wanted)


@torch.no_grad()
def test_hidden_layers_are_convolutions_with_relu_on_pooled_tokens():
    head = CAMHead(5, 8, hidden=(6, 4), pre_pool=True, dropout=0.5).eval()
    tokens = torch.randn(2, 8, 4, 6)
    conv = torch.nn.functional.conv2d
    wanted = torch.nn.functional.pad(tokens, (1, 1, 1, 1))
    wanted = wanted.unfold(2, 3, 1).unfold(3, 3, 1).mean((-2, -1))
    for layer, _ in head.hidden:
        wanted = conv(wanted, layer.weight, layer.bias, padding=1).clamp(0)
    wanted = conv(wanted, head.conv.weight, head.conv.bias)
    assert_close(head.project(tokens), wanted)
    head.train()
    assert (head.project(tokens) - wanted).abs().max() > 1e-3  # drops


def test_the_semantic_head_is_the_case_of_one_3x3_convolution():
    ours, cam = SemanticHead(5, 8), CAMHead(5, 8, last_kernel=3)
    assert list(ours.state_dict()) == ['conv.weight', 'conv.bias']
    cam.load_state_dict(ours.state_dict())
    tokens = torch.randn(2, 8, 4, 6)
    assert torch.equal(ours.project(tokens), cam.project(tokens))


@pytest.mark.parametrize(
    ('backbone', 'settings', 'message'),
    [
        (VIT, {}, "VisionTransformer with `out_type` = 'cls_token'"),
        (ATTENTION_VIT, {}, "AttentionViT with `out_type` = 'avg_featmap'"),
        (RESNET, {'localize_with': 'product'}, 'returns attention .* ResNet'),
        (RESNET, {'neck': dict(type='mmscm.SCM')}, 'attention for the neck'),
    ],
)
def test_parts_that_lack_a_map_are_refused_when_built(
    backbone, settings, message
):
    with pytest.raises(ValueError, match=message):
        build(backbone, dict(in_channels=512), **settings)


POOLFORMER = dict(type='PoolFormer', arch='s12', out_indices=6)


@pytest.mark.parametrize(
    ('backbone', 'width'), [(RESNET, WIDTH), (POOLFORMER, 512)]
)
def test_tokens_of_another_shape_than_the_head_are_refused(backbone, width):
    model = build(backbone, dict(in_channels=8))
    message = rf'`head.in_channels` = 8 .*\(2, {width}'
    with pytest.raises(ValueError, match=message):
        model.loss(IMAGES, samples(0, 1))


def test_several_maps_of_a_backbone_are_refused():
    head = CAMHead(num_classes=5, in_channels=8)
    maps = torch.ones(1, 4, 6, 6), torch.ones(1, 8, 3, 3)
    with pytest.raises(ValueError, match=r'\(1, 4, 6, 6\), \(1, 8, 3, 3\)'):
        head.embed(maps)


@torch.no_grad()
def test_pc1_maps_are_those_of_the_last_weights_and_their_input():
    head = dict(in_channels=WIDTH, hidden=(8,), last_kernel=3)
    model = build(RESNET, head, localize_with='pc1').eval()
    images = torch.randn(2, 3, 64, 80)
    hidden = model.head.embed(model.backbone(images)[0])
    weights = model.head.conv.weight[:, :, 1, 1]  # the middle of 3 x 3
    predictions = model.predict(images, samples(1, 1))
    for sample, features in zip(predictions, hidden, strict=True):
        maps = pc1_maps(features, weights[sample.map_labels])
        assert_close(sample.localization_maps, maps)
