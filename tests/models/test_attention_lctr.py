"""LCTR's backbone: two attention maps at test, one in training."""

import torch
from torch.testing import assert_close

from mmscm.models import AttentionLCTR, AttentionViT

ARCH = dict(embed_dims=24, num_layers=3, num_heads=3, feedforward_channels=48)
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))


def build(kind, **settings):
    torch.manual_seed(0)
    backbone = kind(arch=ARCH, img_size=32, patch_size=8, **settings)
    backbone.eval()
    return backbone


@torch.no_grad()
def test_at_test_the_head_has_the_class_attention_and_the_map_relates():
    (tokens, attention), relation = build(AttentionLCTR)(IMAGES)
    plain_tokens, plain = build(AttentionViT)(IMAGES)
    assert_close(tokens, plain_tokens)
    assert_close(attention, plain)
    assert_close(relation, build(AttentionViT, relation=True)(IMAGES)[1])


@torch.no_grad()
def test_in_training_both_are_the_class_attention():
    backbone = build(AttentionLCTR)
    backbone.train()
    (_, attention), second = backbone(IMAGES)
    assert_close(attention, second)
    assert_close(attention, build(AttentionViT)(IMAGES)[1])
