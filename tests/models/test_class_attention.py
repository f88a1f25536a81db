"""mmpretrain's transformers with the attention of their class token."""

import copy

import pytest
import torch
from mmpretrain.models.backbones import Conformer, DeiT3, VisionTransformer
from mmpretrain.models.utils import MultiheadAttention
from small_models import vit_arch
from torch.testing import assert_close

from mmscm.models import AttentionConformer, AttentionDeiT3, AttentionViT

VIT = dict(arch=vit_arch(24, 3, 3, 48), img_size=32, patch_size=8)
CONFORMER = dict(
    arch=dict(embed_dims=24, depths=3, num_heads=3, channel_ratio=0.25),
    mlp_ratio=2,
)
# ours, the host's, settings, pixels of a patch
BACKBONES = {
    'vit': (AttentionViT, VisionTransformer, VIT, 8),
    'deit3': (AttentionDeiT3, DeiT3, VIT, 8),
    'conformer': (AttentionConformer, Conformer, CONFORMER, 16),
}
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))


def build(name='vit', **settings):
    torch.manual_seed(0)
    ours, _, known, _ = BACKBONES[name]
    backbone = ours(**known, **settings)
    backbone.eval()
    return backbone


@pytest.mark.parametrize('name', ['vit', 'conformer'])
@torch.no_grad()
def test_parameters_and_features_are_those_of_the_host(name):
    _, host, settings, _ = BACKBONES[name]
    if name == 'vit':
        settings = dict(settings, out_type='featmap')
    reference, backbone = host(**settings), build(name)
    reference.load_state_dict(backbone.state_dict())
    reference.eval()
    tokens, _ = backbone(IMAGES)
    if name == 'conformer':  # the host returns the CNN's features first
        assert_close(tokens[1], reference(IMAGES)[-1][0])
    else:
        assert_close(tokens, reference(IMAGES)[-1])


@pytest.mark.parametrize('size', [(32, 32), (32, 48)])
@pytest.mark.parametrize('name', BACKBONES)
@torch.no_grad()
def test_attention_is_the_class_row_of_the_full_softmax(name, size):
    backbone = build(name)
    matrices = []

    def watched(attend):
        def attend_and_keep(query, key, value, **kwargs):
            scores = query @ key.mT * query.shape[-1] ** -0.5
            matrices.append(scores.softmax(-1).mean(1))
            return attend(query, key, value, **kwargs)

        return attend_and_keep

    for module in backbone.modules():
        if isinstance(module, MultiheadAttention):
            attend = module.scaled_dot_product_attention
            module.scaled_dot_product_attention = watched(attend)
    _, attention = backbone(torch.randn(2, 3, *size))
    patch = BACKBONES[name][3]
    assert attention.shape == (2, size[0] // patch, size[1] // patch)
    row = torch.stack(matrices).mean(0)[:, 0]
    assert len(matrices) == 3
    assert_close(row.sum(-1), torch.ones(2))
    assert_close(attention.flatten(1), row[:, 1:])


def test_attention_sends_gradient_to_queries_and_keys():
    backbone = build()
    _, attention = backbone(IMAGES)
    attention.max().backward()
    assert backbone.layers[0].attn.qkv.weight.grad.any()


def test_a_copy_records_for_itself_and_leaves_no_graph_behind():
    backbone = build()
    backbone(IMAGES)
    clone = copy.deepcopy(backbone)
    with torch.no_grad():
        for parameter in backbone.parameters():
            parameter.zero_()
    _, attention = clone(IMAGES)
    assert attention.std() > 0
    assert_close(backbone(IMAGES)[1].std(), torch.tensor(0.0))


@pytest.mark.parametrize('name', BACKBONES)
def test_a_backbone_without_class_token_is_refused(name):
    with pytest.raises(ValueError, match='`with_cls_token=True`'):
        build(name, with_cls_token=False)


@torch.no_grad()
def test_an_image_of_broken_patches_is_refused():
    with pytest.raises(ValueError, match=r'whole patches of \(8, 8\) pixels'):
        build()(IMAGES[..., :-4])


@torch.no_grad()
def test_qk_scale_replaces_the_scale_of_all_scores():
    scaled, plain = build(qk_scale=24**-0.5), build()
    for layer in plain.layers:  # scores grow with the queries: (8 / 24)^0.5
        layer.attn.qkv.weight[:24] *= (8 / 24) ** 0.5
        layer.attn.qkv.bias[:24] *= (8 / 24) ** 0.5
    for found, wanted in zip(scaled(IMAGES), plain(IMAGES), strict=True):
        assert_close(found, wanted)
