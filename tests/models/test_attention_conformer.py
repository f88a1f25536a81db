"""The classifier of a Conformer: the map beside the CNN's logits."""

import small_models
import torch
from small_models import samples
from torch.testing import assert_close

BACKBONE = dict(
    type='mmscm.AttentionConformer',
    arch=dict(embed_dims=24, depths=3, num_heads=3, channel_ratio=0.25),
    mlp_ratio=2,
)
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))


def build(**settings):
    head = dict(type='mmscm.ConformerSemanticHead', in_channels=24)
    head['cnn_channels'] = 64  # 256 * channel_ratio
    neck = dict(type='mmscm.SCM', num_blocks=2)
    model = small_models.build(BACKBONE, head, neck=neck, **settings)
    model.eval()
    return model


@torch.no_grad()
def test_logits_are_the_sum_of_both_branches():
    model = build()
    (patches, pooled), _ = model.backbone(IMAGES)
    semantic = model.head.conv(patches)
    wanted = semantic.mean((-2, -1)) + model.head.fc(pooled)
    assert_close(model(IMAGES, mode='tensor'), wanted)
    (sample, _) = model.predict(IMAGES)
    assert_close(sample.pred_score, wanted[0].softmax(0))


def test_scm_is_kept_for_the_logits_and_not_for_the_map_if_asked():
    dropped, kept = build(), build(test_blocks=dict(logits=2))
    found, other = dropped.predict(IMAGES), kept.predict(IMAGES)
    assert (found[0].pred_score - other[0].pred_score).abs().max() > 1e-4
    assert_close(found[0].attention_map, other[0].attention_map)
    trained = kept.loss(IMAGES, samples(0, 1))['loss']
    logits = kept(IMAGES, mode='tensor')
    wanted = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1]))
    assert_close(trained, wanted)  # at test the logits of the training
    trained.backward()
    assert all(p.grad is not None for p in kept.parameters())
