"""TriLite: its head against the released one, on frozen tokens."""

import pytest
import torch
from method_vectors import vectors
from small_models import TIMM, build, samples
from torch.testing import assert_close

from mmscm.models import FrozenTokens
from mmscm.models.heads.tri_head import TriHead

EXACT = dict(rtol=1e-9, atol=1e-12)
NAMES = dict(conv='conv.weight', bn_w='norm.weight', bn_b='norm.bias')
NAMES |= dict(patch_w='region_fc.weight', patch_b='region_fc.bias')
NAMES |= dict(cls_w='class_fc.weight', cls_b='class_fc.bias')
BACKBONE = dict(TIMM, model_name='vit_small_patch16_224')
BACKBONE |= dict(img_size=32, patch_size=8)
IMAGES = torch.randn(2, 3, 32, 48, generator=torch.manual_seed(1))


def released_head(known, weight=3.0):
    head = TriHead(5, 12, weight, dropout_region=0, dropout_class=0).double()
    parameters = dict(head.named_parameters())
    for name, own in NAMES.items():
        parameters.pop(own).data.copy_(known[f'in_{name}'])
    assert not parameters
    tokens = known['in_x'].requires_grad_(), known['in_c'].requires_grad_()
    return head, tokens


@pytest.mark.parametrize('weight', [3, 100])
@pytest.mark.parametrize('mode', ['train', 'eval'])
def test_loss_and_gradients_are_the_released_ones(mode, weight):
    known = vectors('trilite_head')
    head, tokens = released_head(known, weight)
    head.train(mode == 'train')
    features = head.project(tokens), tokens
    losses = head.loss(features, samples(*known['in_y']))
    loss = sum(value for key, value in losses.items() if 'loss' in key)
    case = f'{mode}_a{weight}'
    assert_close(loss, known[f'{case}_loss'], **EXACT)
    loss.backward()
    assert_close(tokens[0].grad, known[f'{case}_grad_x'], **EXACT)
    assert_close(tokens[1].grad, known[f'{case}_grad_c'], **EXACT)
    for name, own in NAMES.items():
        gradient = head.get_parameter(own).grad
        assert_close(gradient, known[f'{case}_grad_{name}'], **EXACT)


def test_map_is_the_released_one_for_every_class():
    known = vectors('trilite_head')
    head, tokens = released_head(known)
    regions = head.eval().project(tokens)
    maps = head.class_maps(tokens, regions, [torch.tensor([0, 4])] * 4)
    expected = known['eval_a3_map'].view(4, 1, 6, 6).expand(-1, 2, -1, -1)
    assert_close(torch.stack(list(maps)), expected, **EXACT)


@pytest.mark.parametrize(
    ('num_classes', 'count'), [(200, 164_374), (1000, 780_374)]
)
def test_it_has_as_many_parameters_as_the_paper_says(num_classes, count):
    head = TriHead(num_classes, 384, 1.0)
    assert sum(p.numel() for p in head.parameters()) == count


def test_a_background_that_is_surely_the_class_costs_a_bounded_loss():
    head = TriHead(2, 1, 1.0, dropout_region=0)
    head.region_fc.weight.data.fill_(0)
    head.region_fc.bias.data = torch.tensor([200.0, -200.0])
    tokens = torch.ones(2, 1, 2, 2), torch.ones(2, 1)
    losses = head.loss((head.project(tokens), tokens), samples(0, 0))
    assert_close(losses['loss_background'], -torch.tensor(1e-7).log())


def trilite(**settings):
    return build(
        dict(type='mmscm.FrozenTokens', **BACKBONE),
        dict(type='mmscm.TriHead', in_channels=24, background_weight=3.0),
        localize_with='semantic',
        **settings,
    )


def test_training_leaves_the_backbone_as_it_is():
    model = trilite().train()
    losses = model.loss(IMAGES, samples(1, 3))
    sum(v for key, v in losses.items() if 'loss' in key).backward()
    assert all(p.grad is None for p in model.backbone.parameters())
    assert all(p.grad is not None for p in model.head.parameters())
    assert not any(m.training for m in model.backbone.modules())


@torch.no_grad()
def test_tokens_are_those_before_the_last_norm():
    backbone = FrozenTokens(**BACKBONE)
    (patches, class_token), _ = backbone(IMAGES)
    before = backbone.timm_model.forward_features(IMAGES)
    assert_close(class_token, before[:, 0])
    assert_close(patches.flatten(2).mT, before[:, 1:])


def test_batch_augments_are_refused():
    augments = dict(augments=dict(type='Mixup', alpha=1.0))
    with pytest.raises(ValueError, match='TriHead'):
        trilite(train_cfg=augments)
