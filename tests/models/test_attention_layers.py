"""Which layers make the attention map, of both kinds of transformers."""

import pytest
import torch
from small_models import ARCH
from torch.testing import assert_close

from mmscm.models import AttentionTIMM, AttentionViT

IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))
TIMM = dict(model_name='vit_small_patch16_224', embed_dim=24, depth=4)
HOST = dict(arch=dict(ARCH, num_layers=4))
both = pytest.mark.parametrize(
    ('kind', 'own'),
    [(AttentionTIMM, dict(TIMM, num_heads=3)), (AttentionViT, HOST)],
)


@torch.no_grad()
def attention_map(kind, own, training=False, **settings):
    torch.manual_seed(0)
    backbone = kind(img_size=32, patch_size=8, **own, **settings)
    backbone.train(training)
    return backbone(IMAGES)[1]


@both
def test_chosen_layers_make_the_attention_map(kind, own):
    def of(layers):
        return attention_map(kind, own, attention_layers=layers)

    each = [of([layer]) for layer in range(4)]
    assert_close(of(None), torch.stack(each).mean(0))
    assert_close(of((-2, -1)), (each[2] + each[3]) / 2)


@pytest.mark.parametrize('layers', [[4], [], [-5]])
@both
def test_layers_that_do_not_exist_are_refused(kind, own, layers):
    with pytest.raises(ValueError, match='`attention_layers`'):
        attention_map(kind, own, attention_layers=layers)


@both
def test_relational_attention_is_of_the_test_only(kind, own):
    plain = attention_map(kind, own)
    assert_close(attention_map(kind, own, True, relation=True), plain)
    assert not torch.allclose(attention_map(kind, own, relation=True), plain)
