"""TriLite's head against the released one, and what it promises."""

import pytest
import torch
from method_vectors import vectors
from mmpretrain.structures import DataSample
from torch.testing import assert_close

from mmscm.models.heads.tri_head import TriHead

EXACT = dict(rtol=1e-9, atol=1e-12)
NAMES = dict(
    conv='conv.weight',
    bn_w='norm.weight',
    bn_b='norm.bias',
    patch_w='region_fc.weight',
    patch_b='region_fc.bias',
    cls_w='class_fc.weight',
    cls_b='class_fc.bias',
)


def released_head(known, weight=3.0):
    head = TriHead(5, 12, weight, dropout_region=0, dropout_class=0).double()
    parameters = dict(head.named_parameters())
    for name, own in NAMES.items():
        parameters.pop(own).data.copy_(known[f'in_{name}'])
    assert not parameters
    return head


def tokens_of(known):
    return known['in_x'].requires_grad_(), known['in_c'].requires_grad_()


def samples(labels):
    return [DataSample().set_gt_label(int(label)) for label in labels]


@pytest.mark.parametrize('weight', [3, 100])
@pytest.mark.parametrize('mode', ['train', 'eval'])
def test_loss_and_gradients_are_the_released_ones(mode, weight):
    known = vectors('trilite_head')
    head = released_head(known, weight).train(mode == 'train')
    tokens = tokens_of(known)
    losses = head.loss((head.project(tokens), tokens), samples(known['in_y']))
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
    head = released_head(known).eval()
    tokens = tokens_of(known)
    regions = head.project(tokens)
    labels = [torch.tensor([0, 4])] * 4
    for maps, expected in zip(
        head.class_maps(tokens, regions, labels),
        known['eval_a3_map'],
        strict=True,
    ):
        assert_close(maps, expected.expand(2, -1, -1), **EXACT)
    assert_close(regions.sum(1), torch.ones(4, 6, 6).double())


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
    losses = head.loss((head.project(tokens), tokens), samples([0, 0]))
    assert_close(losses['loss_background'], -torch.tensor(1e-7).log())
