import copy

import pytest
import torch
from mmpretrain.models.backbones import VisionTransformer
from torch.testing import assert_close

from mmscm.models import AttentionViT

ARCH = dict(embed_dims=24, num_layers=2, num_heads=3, feedforward_channels=48)
SMALL = dict(arch=ARCH, img_size=32, patch_size=8)


def full_attention(backbone, images):
    """Mean over heads and layers of whole softmax matrices, (B, T, T)."""
    matrices = []

    def attend(query, key, value, dropout_p=0.0):
        weights = (query @ key.mT * query.shape[-1] ** -0.5).softmax(-1)
        matrices.append(weights.mean(1))
        return weights @ value

    for layer in backbone.layers:
        layer.attn.scaled_dot_product_attention = attend
    backbone(images)
    return torch.stack(matrices).mean(0)


def test_parameters_and_tokens_are_those_of_the_host():
    reference = VisionTransformer(out_type='featmap', **SMALL)
    backbone = AttentionViT(**SMALL)
    backbone.load_state_dict(reference.state_dict())
    images = torch.randn(2, 3, 32, 32)
    tokens, _ = backbone(images)
    assert_close(tokens, reference(images)[-1])


@pytest.mark.parametrize('size', [(32, 32), (24, 40)])
def test_attention_is_the_class_row_of_the_full_softmax(size):
    backbone = AttentionViT(**SMALL)
    reference = VisionTransformer(out_type='featmap', **SMALL)
    reference.load_state_dict(backbone.state_dict())
    images = torch.randn(2, 3, *size)
    _, attention = backbone(images)
    matrix = full_attention(reference, images)
    row = matrix[:, 0, backbone.num_extra_tokens :]
    assert attention.shape == (2, size[0] // 8, size[1] // 8)
    assert_close(attention.flatten(1), row)


def test_attention_sends_gradient_to_queries_and_keys():
    backbone = AttentionViT(**SMALL)
    _, attention = backbone(torch.randn(1, 3, 32, 32))
    attention.max().backward()
    assert backbone.layers[0].attn.qkv.weight.grad.any()


def test_a_copy_records_for_itself_and_leaves_no_graph_behind():
    backbone = AttentionViT(**SMALL)
    images = torch.randn(1, 3, 32, 32)
    backbone(images)
    clone = copy.deepcopy(backbone)
    with torch.no_grad():
        for parameter in backbone.parameters():
            parameter.zero_()
    _, attention = clone(images)
    assert attention.std() > 0
    assert_close(backbone(images)[1].std(), torch.tensor(0.0))


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        ({'out_type': 'cls_token'}, "but got 'cls_token'"),
        ({'with_cls_token': False}, 'attention of the class token'),
    ],
)
def test_a_vit_without_patch_or_class_tokens_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        AttentionViT(**SMALL, **settings)


@torch.no_grad()
def test_qk_scale_replaces_the_scale_of_all_scores():
    scaled = AttentionViT(**SMALL, qk_scale=24**-0.5)
    plain = AttentionViT(**SMALL)
    plain.load_state_dict(scaled.state_dict())
    for layer in plain.layers:  # scores grow with the queries: (8 / 24)^0.5
        layer.attn.qkv.weight[:24] *= (8 / 24) ** 0.5
        layer.attn.qkv.bias[:24] *= (8 / 24) ** 0.5
    images = torch.randn(2, 3, 32, 32)
    for found, wanted in zip(scaled(images), plain(images), strict=True):
        assert_close(found, wanted)
