import copy

import pytest
import timm
import torch
from small_models import TIMM as TINY
from timm.layers import resample_abs_pos_embed
from torch.testing import assert_close

from mmscm.models import AttentionTIMM

FIXED = dict(TINY, img_size=(64, 96))  # these take one size only
PATCH_14 = dict(TINY, img_size=56)
# name -> settings, leading tokens that are no patches, size of the images
FAMILIES = {
    'vit_base_patch16_224': (dict(TINY, qk_norm=True), 1, (64, 96)),
    'deit3_small_patch16_224': (TINY, 1, (64, 96)),
    'deit_small_distilled_patch16_224': (TINY, 2, (64, 96)),
    'vit_small_patch14_reg4_dinov2': (PATCH_14, 5, (56, 84)),
    'vit_small_patch16_dinov3': (TINY, 5, (64, 96)),
    'vit_base_patch16_clip_224': (TINY, 1, (64, 96)),
    'eva02_small_patch14_336': (PATCH_14, 1, (56, 84)),
    'eva02_base_patch14_448': (PATCH_14, 1, (56, 84)),
    'vit_base_patch16_rope_mixed_224': (TINY, 1, (64, 96)),
    'beit_base_patch16_224': (FIXED, 1, (64, 96)),
    'beitv2_base_patch16_224': (FIXED, 1, (64, 96)),
    'vit_relpos_base_patch16_cls_224': (FIXED, 1, (64, 96)),
    'vit_base_patch16_xp_224': (TINY, 1, (64, 96)),
    'vit_small_patch16_18x2_224': (TINY, 1, (64, 96)),
}


def build(name):
    settings, extra, size = FAMILIES[name]
    torch.manual_seed(0)
    backbone = AttentionTIMM(name, **settings)
    backbone.eval()  # returns None, the host's own
    with torch.no_grad():  # norms, biases and tables start out trivial
        for parameter in backbone.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return backbone, torch.randn(2, 3, *size), extra


def full_attention(backbone, images):
    """Mean over heads and layers of timm's own unfused softmax, (B, T, T)."""
    matrices = []
    for module in backbone.modules():
        if hasattr(module, 'fused_attn'):
            module.fused_attn = False
            module.attn_drop.register_forward_pre_hook(
                lambda _, inputs: matrices.append(inputs[0].mean(1))
            )
    backbone.timm_model.forward_features(images)
    return torch.stack(matrices).mean(0)


@pytest.mark.parametrize('name', FAMILIES)
@torch.no_grad()
def test_tokens_are_normed_and_attention_is_a_row_of_the_full_softmax(name):
    backbone, images, extra = build(name)
    tokens, attention = backbone(images)
    model = backbone.timm_model
    normed = model.fc_norm(model.forward_features(images))
    assert_close(tokens.flatten(2).mT, normed[:, extra:])
    row = full_attention(copy.deepcopy(backbone), images)[:, 0]
    assert_close(row.sum(-1), torch.ones(2))
    assert_close(attention.flatten(1), row[:, extra:])
    assert attention.std() > 1e-4
    assert tokens.shape == (2, 24, 4, 6)


@pytest.mark.parametrize(
    'name', ['deit3_small_patch16_224', 'eva02_small_patch14_336']
)
def test_every_parameter_gets_gradient(name):
    backbone, images, _ = build(name)
    tokens, attention = backbone(images)
    (tokens.square().mean() + attention.square().sum()).backward()
    assert all(p.grad is not None for p in backbone.parameters())
    clone = copy.deepcopy(backbone)  # no graph is left on it
    assert_close(clone(images)[1], attention)


@torch.no_grad()
def test_one_model_takes_images_of_any_multiple_of_the_patch():
    backbone, _, _ = build('vit_small_patch14_reg4_dinov2')
    for height, width in [(56, 56), (28, 70), (112, 56)]:
        tokens, attention = backbone(torch.randn(1, 3, height, width))
        grid = (height // 14, width // 14)
        assert tokens.shape[2:] == attention.shape[1:] == grid


@pytest.mark.parametrize(
    ('name', 'settings'),
    [
        ('swin_tiny_patch4_window7_224', {'depths': (1, 1)}),
        ('convnext_atto', {'depths': (1, 1, 1, 1)}),
        ('vit_base_patch16_siglip_224', TINY),
        ('xcit_nano_12_p16_224', {'depth': 1}),
        ('tnt_s_patch16_224', {'depth': 1}),
        ('pit_ti_224', {'depth': (1, 1, 1)}),
    ],
)
def test_models_without_the_row_are_refused_with_alternatives(name, settings):
    with pytest.raises(ValueError, match='class token attends') as caught:
        AttentionTIMM(name, **settings)
    assert f'but got {name}' in str(caught.value)
    assert 'deit3_small_patch16_224' in str(caught.value)


def test_an_unknown_argument_of_the_model_is_an_error():
    with pytest.raises(TypeError, match='no_such_option'):
        AttentionTIMM('beit_base_patch16_224', **TINY, no_such_option=1)


@torch.no_grad()
def test_attentions_that_cannot_be_seen_are_an_error():
    backbone, images, _ = build('deit3_small_patch16_224')
    backbone.num_attentions = 3  # as if one of them could not be seen
    with pytest.raises(RuntimeError, match=r'3 attentions .* but got 2'):
        backbone(images)


@pytest.mark.parametrize('size', [32, 48])
def test_a_file_of_timm_starts_another_image_size_and_head(tmp_path, size):
    name, tiny = 'vit_tiny_patch16_224', dict(TINY, patch_size=8)
    theirs = timm.create_model(name, img_size=32, num_classes=7, **tiny)
    path = str(tmp_path / 'timm.pth')
    torch.save(theirs.state_dict(), path)
    ours = AttentionTIMM(name, checkpoint_path=path, img_size=size, **tiny)
    ours.init_weights()  # leaves them
    weights = ours.timm_model.state_dict()
    name = 'blocks.1.mlp.fc1.weight'
    assert torch.equal(weights[name], theirs.state_dict()[name])
    position = theirs.pos_embed.detach()
    expected = resample_abs_pos_embed(position, (size // 8, size // 8))
    assert_close(weights['pos_embed'], expected)


def test_a_file_of_timm_that_does_not_fit_is_named(tmp_path):
    path = str(tmp_path / 'timm.pth')
    settings = dict(checkpoint_path=path, **TINY)
    with pytest.raises(FileNotFoundError, match='no such file'):
        AttentionTIMM('vit_tiny_patch16_224', **settings)
    torch.save({'conv1.weight': torch.zeros(1)}, path)
    with pytest.raises(ValueError, match=r'timm\.pth to fill .* conv1'):
        AttentionTIMM('vit_tiny_patch16_224', **settings)
