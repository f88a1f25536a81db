import pytest
import torch
from mmengine.registry import DefaultScope
from mmpretrain.models.backbones import Conformer
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.models import AttentionConformer
from mmscm.registry import MODELS

ARCH = dict(embed_dims=24, depths=3, num_heads=3, channel_ratio=0.25)
SMALL = dict(arch=ARCH, mlp_ratio=2)
CNN_CHANNELS = 64  # 256 * channel_ratio
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))


def build(**settings):
    config = dict(
        type='mmscm.WSOLClassifier',
        backbone=dict(type='mmscm.AttentionConformer', **SMALL),
        neck=dict(type='mmscm.SCM', num_blocks=2),
        head=dict(
            type='mmscm.ConformerSemanticHead',
            num_classes=7,
            in_channels=24,
            cnn_channels=CNN_CHANNELS,
        ),
        **settings,
    )
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        model = MODELS.build(config)
    model.eval()
    return model


@torch.no_grad()
def test_parameters_and_cnn_features_are_those_of_the_host():
    reference, backbone = Conformer(**SMALL), AttentionConformer(**SMALL)
    backbone.load_state_dict(reference.state_dict())
    reference.eval()
    backbone.eval()
    (_, pooled), _ = backbone(IMAGES)
    assert_close(pooled, reference(IMAGES)[-1][0])


@torch.no_grad()
def test_attention_is_the_class_row_of_the_full_softmax():
    backbone = AttentionConformer(**SMALL)
    backbone.eval()
    (patches, _), attention = backbone(IMAGES)
    matrices = []

    def attend(query, key, value, dropout_p=0.0):
        weights = (query @ key.mT * query.shape[-1] ** -0.5).softmax(-1)
        matrices.append(weights.mean(1))
        return weights @ value

    for module in backbone.modules():
        if hasattr(module, 'scaled_dot_product_attention'):
            module.scaled_dot_product_attention = attend
    backbone._encode(IMAGES)
    row = torch.stack(matrices).mean(0)[:, 0]
    assert len(matrices) == 3
    assert_close(row.sum(-1), torch.ones(2))
    assert_close(attention.flatten(1), row[:, 1:])
    assert patches.shape == (2, 24, 2, 3)


def test_a_conformer_without_class_token_is_refused():
    with pytest.raises(ValueError, match='`with_cls_token=True`'):
        AttentionConformer(**SMALL, with_cls_token=False)


@torch.no_grad()
def test_logits_are_the_sum_of_both_branches():
    model = build()
    (patches, pooled), _ = model.backbone(IMAGES)
    semantic = model.head.conv(patches)
    wanted = semantic.mean((-2, -1)) + model.head.fc(pooled)
    assert_close(model(IMAGES, mode='tensor'), wanted)
    (sample, _) = model.predict(IMAGES)
    assert_close(sample.pred_score, wanted[0].softmax(0))


@torch.no_grad()
def test_scm_is_kept_for_the_logits_and_not_for_the_map_if_asked():
    dropped, kept = build(), build(test_blocks=dict(logits=2))
    found, other = dropped.predict(IMAGES), kept.predict(IMAGES)
    assert (found[0].pred_score - other[0].pred_score).abs().max() > 1e-4
    assert_close(found[0].attention_map, other[0].attention_map)
    samples = [DataSample().set_gt_label(label) for label in (0, 1)]
    trained = kept.loss(IMAGES, samples)['loss']
    logits = kept(IMAGES, mode='tensor')
    wanted = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1]))
    assert_close(trained, wanted)  # at test the logits of the training


def test_every_parameter_learns():
    model = build()
    samples = [DataSample().set_gt_label(label) for label in (0, 1)]
    model.loss(IMAGES, samples)['loss'].backward()
    assert all(p.grad is not None for p in model.parameters())
