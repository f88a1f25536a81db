"""LCTR's attention and head, against the released ones."""

import torch
from method_vectors import vectors
from small_models import ARCH
from torch.testing import assert_close

from mmscm.models import AttentionLCTR, AttentionViT
from mmscm.models.backbones.class_attention import two_steps
from mmscm.models.heads.cdm_head import CDMHead

IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))
EXACT = dict(rtol=1e-9, atol=1e-12)
NAMES = {'experts': 'experts', 'bias': 'bias'}
for own, name in (
    ('conv', 'conv'),
    ('route_mean', 'fc'),
    ('route_max', 'fc2'),
):
    NAMES |= {f'{own}.weight': f'{name}_w', f'{own}.bias': f'{name}_b'}


def encode(kind, training=False, **settings):
    torch.manual_seed(0)
    backbone = kind(arch=ARCH, img_size=32, patch_size=8, **settings)
    backbone.train(training)
    with torch.no_grad():
        return backbone(IMAGES)


def test_the_head_has_the_class_attention_and_the_map_relates_at_test():
    tokens, attention = encode(AttentionViT)
    _, related = encode(AttentionViT, relation=True)
    found = encode(AttentionLCTR)
    assert_close(found, ((tokens, attention), related))
    found = encode(AttentionLCTR, training=True)
    assert_close(found, ((tokens, attention), attention))


def test_semantic_map_and_logits_are_the_released_ones():
    known = vectors('lctr_head')
    head = CDMHead(5, 8).double()
    parameters = dict(head.named_parameters())
    for own, name in NAMES.items():
        parameters.pop(own).data.copy_(known[name])
    assert not parameters
    attention = known['attention'].mean((0, 2))[:, 0, 1:].view(2, 6, 6)
    tokens = known['x'], attention
    semantic = head.project(tokens)
    assert_close(semantic, known['semantic'], **EXACT)
    assert_close(head((semantic, tokens)), known['logits'], **EXACT)


def test_relational_attention_is_the_released_one():
    known = vectors('lctr_head')
    rows = [two_steps(block.mean(1)) for block in known['attention']]
    relation = torch.stack(rows).mean(0)[:, 1:].view(2, 6, 6)
    assert_close(relation, known['rpam'], **EXACT)


def test_maps_keep_only_what_speaks_for_the_class():
    semantic = torch.tensor([[[[-1.0, 2.0]], [[3.0, -4.0]]]])
    head = CDMHead(2, 4)
    (maps,) = head.class_maps((None, None), semantic, [torch.tensor([1, 0])])
    assert_close(maps, torch.tensor([[[3.0, 0.0]], [[0.0, 2.0]]]))
