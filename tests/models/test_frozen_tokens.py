"""Frozen tokens, the class token head and which layers make the map."""

import pytest
import torch
from mmengine.registry import DefaultScope
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.models import AttentionTIMM, AttentionViT, FrozenTokens
from mmscm.registry import MODELS

TINY = dict(embed_dim=24, depth=4, num_heads=3, img_size=32, patch_size=8)
NAME = 'vit_small_patch16_224'
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))


def trilite():
    torch.manual_seed(0)
    config = dict(
        type='mmscm.WSOLClassifier',
        backbone=dict(type='mmscm.FrozenTokens', model_name=NAME, **TINY),
        head=dict(
            type='mmscm.TriHead',
            num_classes=5,
            in_channels=24,
            background_weight=3.0,
        ),
        localize_with='semantic',
    )
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        return MODELS.build(config)


def samples():
    return [DataSample().set_gt_label(label) for label in (1, 3)]


def test_training_leaves_the_backbone_as_it_is():
    model = trilite().train()
    losses = model.loss(IMAGES, samples())
    sum(v for key, v in losses.items() if 'loss' in key).backward()
    assert all(p.grad is None for p in model.backbone.parameters())
    assert all(p.grad is not None for p in model.head.parameters())
    assert not any(m.training for m in model.backbone.modules())


@torch.no_grad()
def test_tokens_are_those_before_the_last_norm():
    backbone = FrozenTokens(NAME, **TINY)
    (patches, class_token), _ = backbone(IMAGES)
    before = backbone.timm_model.forward_features(IMAGES)
    assert_close(class_token, before[:, 0])
    assert_close(patches.flatten(2).mT, before[:, 1:])


@torch.no_grad()
def test_all_classes_have_the_map_of_the_object():
    model = trilite().eval()
    sample, _ = model.predict(IMAGES, samples())
    tokens, _ = model.backbone(IMAGES)
    region = model.head.project(tokens)[0, 0]
    maps = sample.localization_maps
    assert_close(maps, region.expand_as(maps))


def test_batch_augments_are_refused():
    model = trilite()
    config = dict(type='mmscm.WSOLClassifier', backbone=model.backbone)
    augments = dict(augments=dict(type='Mixup', alpha=1.0))
    with (
        pytest.raises(ValueError, match='TriHead'),
        DefaultScope.overwrite_default_scope('mmpretrain'),
    ):
        MODELS.build(config | dict(head=model.head, train_cfg=augments))


def timm_map(layers):
    torch.manual_seed(0)
    backbone = AttentionTIMM(NAME, attention_layers=layers, **TINY)
    backbone.eval()
    return backbone(IMAGES)[1]


def host_map(layers):
    torch.manual_seed(0)
    arch = dict(
        embed_dims=24, num_layers=4, num_heads=3, feedforward_channels=48
    )
    backbone = AttentionViT(
        arch=arch, img_size=32, patch_size=8, attention_layers=layers
    )
    backbone.eval()
    return backbone(IMAGES)[1]


@pytest.mark.parametrize('build', [timm_map, host_map])
@torch.no_grad()
def test_chosen_layers_make_the_attention_map(build):
    each = [build([layer]) for layer in range(4)]
    assert_close(build(None), torch.stack(each).mean(0))
    assert_close(build((-2, -1)), (each[2] + each[3]) / 2)


@pytest.mark.parametrize('layers', [[4], [], [-5]])
@pytest.mark.parametrize('build', [timm_map, host_map])
def test_layers_that_do_not_exist_are_refused(build, layers):
    with pytest.raises(ValueError, match='`attention_layers`'):
        build(layers)


@torch.no_grad()
def test_relational_attention_is_of_the_test_only():
    torch.manual_seed(0)
    backbone = AttentionTIMM(NAME, relation=True, **TINY)
    plain = timm_map(None)
    backbone.train()
    assert_close(backbone(IMAGES)[1], plain)
    backbone.train(False)
    assert not torch.allclose(backbone(IMAGES)[1], plain)
